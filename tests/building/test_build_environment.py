"""What a backend finds in its environment."""

from __future__ import annotations

from staticbuild.building.environment import variables


def found(*libraries: str, **given: str) -> dict[str, str]:
    return variables(
        root="/r",
        home="/r/dist",
        python="/usr/bin/python3",
        folders=["/r/native/bin"],
        libraries=libraries,
        given=given,
        environ={"PATH": "/usr/bin", "TMPDIR": "/tmp"},
    )


def test_programs_of_libraries_come_before_the_hosts() -> None:
    """A host with PostgreSQL's headers has a `pg_config`, too, which speaks of a shared library for another C library."""
    assert found("/r/libraries/libpq")["PATH"] == "/r/native/bin:/r/libraries/libpq/bin:/usr/bin"


def test_libraries_are_found_by_headers_by_name_and_by_pkg_config() -> None:
    environ = found("/r/libraries/libpng", "/r/libraries/zlib-dev")
    assert environ["CPATH"] == "/r/libraries/libpng/include:/r/libraries/zlib-dev/include"
    assert environ["PKG_CONFIG_LIBDIR"] == "/r/libraries/libpng/lib/pkgconfig:/r/libraries/zlib-dev/lib/pkgconfig"
    assert environ["SB_LIBRARY_FOLDERS"] == "/r/libraries/libpng/lib:/r/libraries/zlib-dev/lib"


def test_a_row_names_trees() -> None:
    environ = found("/r/libraries/openssl-dev", OPENSSL_DIR="{openssl-dev}", OTHER="{root}/{unknown}")
    assert environ["OPENSSL_DIR"] == "/r/libraries/openssl-dev"
    assert environ["OTHER"] == "/r/{unknown}"
