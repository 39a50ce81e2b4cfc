"""What assemble.py reads out of a Makefile, a table of modules and object files. No compiler: the objects are made here."""

from __future__ import annotations

import struct

from staticbuild.distribution.assemble import (
    Component,
    Extension,
    Makefile,
    Symbols,
    complete,
    describe_extension,
    licences_of,
    links_of,
    parse_inittab,
    read_symbols,
    required_extensions,
)

MAKEFILE = Makefile.parse(
    """
LIBS=\t\t-ldl
LIBHACL_SHA2_A= Modules/_hacl/libHacl_Hash_SHA2.a
LIBHACL_SHA2_OBJS= \\
                Modules/_hacl/Hacl_Hash_SHA2.o
MODULE__SSL_LDFLAGS=-L../deps/openssl/lib  -lssl -lcrypto
$(LIBHACL_SHA2_A): $(LIBHACL_SHA2_OBJS)
\t$(AR) $(ARFLAGS) $@ $(LIBHACL_SHA2_OBJS)
Modules/_ssl$(EXT_SUFFIX):  Modules/_ssl.o; $(BLDSHARED)  Modules/_ssl.o $(MODULE__SSL_LDFLAGS) $(LIBPYTHON) -o Modules/_ssl
Modules/_sha2$(EXT_SUFFIX):  Modules/sha2module.o; $(BLDSHARED)  Modules/_hacl/libHacl_Hash_SHA2.a $(LIBPYTHON)
"""
)


def test_inittab() -> None:
    text = 'struct _inittab _PyImport_Inittab[] = {\n    {"array", PyInit_array},\n    {"sys", NULL},\n    {0, 0}\n};\n'
    assert parse_inittab(text) == [("array", "PyInit_array"), ("sys", "NULL")]


def test_objects_and_links_are_those_of_makesetup() -> None:
    expected = Extension("_ssl", "PyInit__ssl", objects=("Modules/_ssl.o",), links=("crypto", "ssl"))
    assert describe_extension(MAKEFILE, "_ssl", "PyInit__ssl") == expected


def test_objects_inside_an_archive_belong_to_the_extension() -> None:
    extension = describe_extension(MAKEFILE, "_sha2", "PyInit__sha2")
    assert extension.objects == ("Modules/sha2module.o", "Modules/_hacl/Hacl_Hash_SHA2.o")


# As CPython 3.14 has it where HACL's hashes are static libraries: named through variables, and one holds the others' objects.
MAKEFILE_3_14 = Makefile.parse("""\
LIBHACL_MD5_OBJS= \\
		Modules/_hacl/Hacl_Hash_MD5.o
LIBHACL_MD5_LIB_STATIC=Modules/_hacl/libHacl_Hash_MD5.a
LIBHACL_MD5_LIB_SHARED=$(LIBHACL_MD5_OBJS)
LIBHACL_HMAC_OBJS= \\
		Modules/_hacl/Hacl_HMAC.o \\
		$(LIBHACL_MD5_OBJS)
LIBHACL_HMAC_LIB_STATIC=Modules/_hacl/libHacl_HMAC.a
MODULE__HMAC_LDFLAGS=$(LIBHACL_HMAC_LIB_STATIC)
$(LIBHACL_MD5_LIB_STATIC): $(LIBHACL_MD5_OBJS)
	$(AR) $(ARFLAGS) $@ $(LIBHACL_MD5_OBJS)
$(LIBHACL_HMAC_LIB_STATIC): $(LIBHACL_HMAC_OBJS)
	$(AR) $(ARFLAGS) $@ $(LIBHACL_HMAC_OBJS)
Modules/_hmac$(EXT_SUFFIX):  Modules/hmacmodule.o; $(BLDSHARED)  Modules/hmacmodule.o  $(MODULE__HMAC_LDFLAGS) -o _hmac.so
""")


def test_objects_inside_an_archive_that_variables_name() -> None:
    extension = describe_extension(MAKEFILE_3_14, "_hmac", "PyInit__hmac")
    assert extension.objects == ("Modules/hmacmodule.o", "Modules/_hacl/Hacl_HMAC.o", "Modules/_hacl/Hacl_Hash_MD5.o")
    assert extension.links == ()


def test_a_module_without_a_rule_is_in_the_core() -> None:
    assert describe_extension(MAKEFILE, "sys", "NULL") == Extension("sys", "NULL", in_core=True)


def test_a_library_of_the_c_library_is_a_system_library() -> None:
    assert links_of(["m", "z"], {"z"}) == [{"name": "m", "system": True}, {"name": "z", "path_static": "build/lib/libz.a"}]


def test_what_the_core_calls_is_required_and_what_the_table_calls_is_not() -> None:
    extensions = [
        Extension("atexit", "PyInit_atexit", objects=("atexit.o",)),
        Extension("helper", "PyInit_helper", objects=("helper.o",)),
        Extension("array", "PyInit_array", objects=("array.o",)),
    ]
    symbols = {
        "config.o": Symbols(undefined=frozenset({"PyInit_atexit", "PyInit_helper", "PyInit_array"})),
        "life.o": Symbols(undefined=frozenset({"_PyAtExit_Call"})),
        "atexit.o": Symbols(frozenset({"PyInit_atexit", "_PyAtExit_Call"}), frozenset({"help"})),
        "helper.o": Symbols(frozenset({"PyInit_helper", "help"})),
        "array.o": Symbols(frozenset({"PyInit_array"})),
    }
    assert required_extensions(extensions, ["config.o", "life.o"], symbols, set()) == {"atexit", "helper"}


def test_an_extension_gets_the_objects_it_shares_with_another() -> None:
    extensions = [
        Extension("_hmac", "PyInit__hmac", objects=("hmac.o",)),
        Extension("_sha2", "PyInit__sha2", objects=("sha2.o", "hacl.o")),
    ]
    symbols = {
        "hmac.o": Symbols(frozenset({"PyInit__hmac"}), frozenset({"Hacl_SHA2", "PyErr_NoMemory"})),
        "sha2.o": Symbols(frozenset({"PyInit__sha2"}), frozenset({"Hacl_SHA2"})),
        "hacl.o": Symbols(frozenset({"Hacl_SHA2"})),
        "errors.o": Symbols(frozenset({"PyErr_NoMemory"})),
    }
    completed = complete(extensions[0], extensions, list(symbols), symbols)
    assert completed.objects == ("hmac.o", "hacl.o")


def test_licences_come_from_what_is_linked() -> None:
    components = [Component("openssl", "3.5.6", "0" * 64, "Apache-2.0", ("crypto", "ssl"))]
    assert licences_of(Extension("math", "PyInit_math", links=("m",)), components) == {}
    assert licences_of(Extension("_ssl", "PyInit__ssl", links=("crypto", "ssl")), components) == {
        "licenses": ["Apache-2.0"],
        "license_paths": ["licenses/LICENSE.openssl.txt"],
        "license_public_domain": False,
    }


def test_symbols_of_an_object() -> None:
    data = relocatable([("local", 0, 1), ("defined", 1, 1), ("needed", 1, 0), ("optional", 2, 0)])
    assert read_symbols(data) == Symbols(frozenset({"defined"}), frozenset({"needed"}))


def relocatable(symbols: list[tuple[str, int, int]]) -> bytes:
    """The smallest ELF file with these symbols: name, binding, section."""
    names = b"\0" + b"".join(name.encode() + b"\0" for name, _, _ in symbols)
    table = bytes(24)
    for name, binding, section in symbols:
        table += struct.pack("<IBBHQQ", names.index(b"\0" + name.encode() + b"\0") + 1, binding << 4, 0, section, 0, 0)
    names_at, table_at = 64, 64 + len(names)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 1, 62, 1, 0, 0, table_at + len(table), 0, 64, 0, 0, 64, 3, 0)
    sections = bytes(64)
    sections += struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, names_at, len(names), 0, 0, 1, 0)
    sections += struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, table_at, len(table), 1, 2, 8, 24)
    return header + names + table + sections
