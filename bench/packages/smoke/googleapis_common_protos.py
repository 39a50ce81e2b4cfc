"""A status with details is packed and unpacked."""

from google.rpc import error_details_pb2, status_pb2

status = status_pb2.Status(code=5, message="not found")
status.details.add().Pack(error_details_pb2.ErrorInfo(reason="gone"))
again = status_pb2.Status.FromString(status.SerializeToString())
found = error_details_pb2.ErrorInfo()
assert again.details[0].Unpack(found)
assert found.reason == "gone"
