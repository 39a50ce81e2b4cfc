"""A message is written and read, by upb."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, struct_pb2
from google.protobuf.internal import api_implementation

file = descriptor_pb2.FileDescriptorProto(name="demo.proto", package="demo")
message = file.message_type.add(name="Point")
message.field.add(name="x", number=1, type=5, label=1)
pool = descriptor_pool.DescriptorPool()
pool.Add(file)
point = message_factory.GetMessageClass(pool.FindMessageTypeByName("demo.Point"))
assert point.FromString(point(x=150).SerializeToString()).x == 150
assert point(x=150).SerializeToString() == b"\x08\x96\x01"
structure = struct_pb2.Struct()
structure.update({"a": [1, "b"]})
assert structure["a"][1] == "b"
assert api_implementation.Type() == "upb"
