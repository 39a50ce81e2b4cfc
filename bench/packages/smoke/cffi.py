"""A function of the C library is called, and C calls back."""

from cffi import FFI

ffi = FFI()
ffi.cdef("size_t strlen(const char *); void qsort(void *, size_t, size_t, int (*)(const void *, const void *));")
library = ffi.dlopen(None)
assert library.strlen(b"four") == 4
numbers = ffi.new("int[]", [3, 1, 2])


@ffi.callback("int(const void *, const void *)")
def compare(a: object, b: object) -> int:
    return ffi.cast("int *", a)[0] - ffi.cast("int *", b)[0]


library.qsort(numbers, 3, ffi.sizeof("int"), compare)
assert list(numbers) == [1, 2, 3]
