"""The description of a service is loaded."""

from botocore.session import Session

session = Session()
assert "dynamodb" in session.get_available_services()
model = session.get_service_model("sqs")
assert "SendMessage" in model.operation_names
