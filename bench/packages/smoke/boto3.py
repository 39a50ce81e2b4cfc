"""A request is signed with the service's own data files."""

import boto3
from botocore.stub import Stubber

client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="id", aws_secret_access_key="key")
with Stubber(client) as stub:
    stub.add_response("list_buckets", {"Buckets": [{"Name": "one"}]})
    assert client.list_buckets()["Buckets"][0]["Name"] == "one"
address = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
assert "X-Amz-Signature" in address or "Signature=" in address
