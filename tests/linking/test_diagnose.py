"""What LLD says, and what is made of it. The outputs are real ones of LLD 22."""

from __future__ import annotations

from staticbuild.linking.diagnose import complaints, explain

UNDEFINED = """\
ld.lld: error: undefined symbol: SSL_new
>>> referenced by _ssl.c:812
>>>               dist/python/build/Modules/_ssl.o:(newPySSLSocket)
>>> referenced by _ssl.c:900
>>>               dist/python/build/Modules/_ssl.o:(other)
>>> referenced 3 more times

ld.lld: error: undefined symbol: crc
>>> referenced by inflate.c
>>>               inflate.o:(inflate) in archive dist/python/build/lib/libz.a
"""
DUPLICATE = """\
ld.lld: error: duplicate symbol: ffi_call
>>> defined at ffi64.c
>>>            dist/python/build/Modules/x.o:(ffi_call)
>>> defined at ffi64.c
>>>            ffi64.o:(.text.ffi_call+0x0) in archive dist/python/build/lib/libffi.a
"""
OWNERS = {
    "dist/python/build/Modules/_ssl.o": "the extension `_ssl`",
    "dist/python/build/lib/libz.a": "the library `z` of the extension `zlib`",
}


def test_undefined() -> None:
    ssl, crc = explain(UNDEFINED, OWNERS)
    assert ssl.message == "nothing defines `SSL_new`"
    assert ssl.notes == ("wanted by `_ssl.o` of the extension `_ssl`",)
    assert ssl.hint == (
        "a library that the extension `_ssl` needs is missing from its metadata; leave it out, or add the library"
    )
    assert crc.notes == ("wanted by `libz.a(inflate.o)` of the library `z` of the extension `zlib`",)


def test_duplicate() -> None:
    (problem,) = explain(DUPLICATE, {})
    assert problem.message == "`ffi_call` is defined twice"
    assert problem.notes == (
        "defined by `dist/python/build/Modules/x.o`",
        "defined by `dist/python/build/lib/libffi.a(ffi64.o)`",
    )


def test_hints_by_the_name_of_the_symbol() -> None:
    def hint(symbol: str) -> str:
        return str(explain(f"ld.lld: error: undefined symbol: {symbol}\n", {})[0].hint)

    assert "same Python version" in hint("PyLong_AsInt")
    assert "init table" in hint("PyInit_x")
    assert "libc++" in hint("_ZNSt3__16vectorE")


def test_other_error() -> None:
    (problem,) = explain("ld.lld: error: dist/python/x.o: Invalid record (Producer: 'LLVM23')\n", {})
    assert problem.message == "the linker says: dist/python/x.o: Invalid record (Producer: 'LLVM23')"


def test_warnings_are_not_problems() -> None:
    assert complaints("ld.lld: warning: strange\n>>> x.o\n") == ()


def test_silence() -> None:
    (problem,) = explain("", {})
    assert problem.notes == ("it printed nothing",)


def test_no_more_than_a_screenful() -> None:
    problems = explain("ld.lld: error: undefined symbol: f\n" * 30, {})
    assert len(problems) == 11
    assert problems[-1].message == "20 more errors of the linker"
