"""A file is sent in parts."""

import io

import boto3
from botocore.stub import ANY, Stubber
from s3transfer.manager import TransferConfig, TransferManager

client = boto3.client("s3", region_name="eu-west-1", aws_access_key_id="id", aws_secret_access_key="key")
with Stubber(client) as stub:
    stub.add_response("put_object", {"ETag": "x"}, {"Bucket": "b", "Key": "k", "Body": ANY, "ChecksumAlgorithm": ANY})
    with TransferManager(client, TransferConfig(max_request_concurrency=1)) as manager:
        assert manager.upload(io.BytesIO(b"data"), "b", "k").result() is None
    stub.assert_no_pending_responses()
