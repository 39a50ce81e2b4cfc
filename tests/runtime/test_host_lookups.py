"""What a program finds on its host, or carries along: certificates, terminals, time zones, names, the C library, its stack."""

from __future__ import annotations

import os
import resource
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socket import create_server

import pytest

from tests.runtime.programs import Maker, Program, Stock

AUTHORITY = Path(__file__).parents[1] / "e2e/data/server.crt"
ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="chroot needs root")


@pytest.fixture(scope="module")
def runner(make: Maker) -> Program:
    """Runs the code that is its argument."""
    return make({}, command="import sys; exec(compile(sys.argv[1], '<test>', 'exec'))")


class Root:
    """An empty root folder with nothing in it but a program."""

    def __init__(self, folder: Path, program: Program) -> None:
        self.folder = folder
        shutil.copy(program.path, folder / "program")

    def write(self, path: str, content: bytes = b"") -> None:
        """Put a file there."""
        target = self.folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def run(self, *arguments: str, **environ: str) -> str:
        """Run the program in there; what it prints."""

        def enter() -> None:
            os.chroot(self.folder)
            os.chdir("/")

        done = subprocess.run(
            ["/program", *arguments], env=environ, capture_output=True, text=True, check=False, timeout=60, preexec_fn=enter
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout


# --- certificate authorities ----------------------------------------------------------------------------------------------

DEFAULTS = "import ssl; p = ssl.get_default_verify_paths(); print(p.openssl_cafile, p.openssl_capath)"
COUNT = "import ssl; print(ssl.create_default_context().cert_store_stats()['x509'])"
CONNECT = """
import socket, ssl, sys
context = ssl.create_default_context()
try:
    with context.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[2]))), server_hostname='127.0.0.1') as s:
        print(s.recv(10))
except ssl.SSLCertVerificationError as error:
    print(error.reason)
"""


@pytest.fixture(scope="module")
def tls_port() -> Iterator[str]:
    """The port of a TLS server whose certificate is its own authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(AUTHORITY, AUTHORITY.with_suffix(".key"))

    def serve() -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as tls:
                    tls.sendall(b"hello")
            except OSError:
                connection.close()

    with create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield str(listener.getsockname()[1])
        listener.shutdown(2)


@ROOT_ONLY
class TestCertificates:
    @pytest.mark.parametrize(
        "path",
        [
            "/etc/ssl/cert.pem",
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
            "/etc/ssl/ca-bundle.pem",
            "/var/lib/ca-certificates/ca-bundle.pem",
            "/usr/local/share/certs/ca-root-nss.crt",
        ],
    )
    def test_files_of_hosts(self, runner: Program, tmp_path: Path, path: str, tls_port: str) -> None:
        root = Root(tmp_path, runner)
        root.write(path, AUTHORITY.read_bytes())
        assert root.run(DEFAULTS) == f"{path} /etc/ssl/certs\n"
        assert root.run(CONNECT, tls_port) == "b'hello'\n"

    @pytest.mark.parametrize("folder", ["/etc/ssl/certs", "/etc/pki/tls/certs", "/usr/local/share/certs"])
    def test_folders_of_hosts(self, runner: Program, stock: Stock, tmp_path: Path, folder: str, tls_port: str) -> None:
        code = f"import ssl, _ssl; print(_ssl._test_decode_cert({str(AUTHORITY)!r})['subject'])"
        assert "commonName" in stock.run("-c", code).stdout
        root = Root(tmp_path, runner)
        root.write(f"{folder}/{_subject_hash()}.0", AUTHORITY.read_bytes())
        root.write(f"{folder}/ca-certificates.crt", b"not read, because the folder has hashes")
        assert root.run(DEFAULTS) == f"/etc/ssl/cert.pem {folder}\n"
        assert root.run(COUNT) == "0\n"
        assert root.run(CONNECT, tls_port) == "b'hello'\n"

    def test_no_authorities_at_all(self, runner: Program, tmp_path: Path, tls_port: str) -> None:
        root = Root(tmp_path, runner)
        assert root.run(DEFAULTS) == "/etc/ssl/cert.pem /etc/ssl/certs\n"
        assert root.run(CONNECT, tls_port) == "CERTIFICATE_VERIFY_FAILED\n"

    def test_openssls_variables_come_first(self, runner: Program, tmp_path: Path, tls_port: str) -> None:
        root = Root(tmp_path, runner)
        root.write("/mine.pem", AUTHORITY.read_bytes())
        root.write(f"/hashed/{_subject_hash()}.0", AUTHORITY.read_bytes())
        assert root.run(CONNECT, tls_port, SSL_CERT_FILE="/mine.pem") == "b'hello'\n"
        assert root.run(CONNECT, tls_port, SSL_CERT_DIR="/hashed") == "b'hello'\n"

    def test_carried_inside(self, make: Maker, tmp_path: Path, tls_port: str) -> None:
        command = "import sys; exec(compile(sys.argv[1], '<test>', 'exec'))"
        program = make({"ca.pem": AUTHORITY.read_bytes()}, command=command, ca_certificates="app/ca.pem")
        root = Root(tmp_path, program)
        assert root.run(CONNECT, tls_port) == "b'hello'\n"
        assert root.run(COUNT + COUNT.replace("import ssl", "")) == "1\n1\n"
        assert root.run(DEFAULTS) == "/program/app/ca.pem /program/app/ca.pem\n"
        # A host's authorities are not trusted beside them, but those of the variables are.
        root.write("/etc/ssl/cert.pem", b"".join(_other_authorities()))
        assert root.run(COUNT) == "1\n"
        assert root.run(CONNECT, tls_port, SSL_CERT_FILE="/etc/ssl/cert.pem") == "CERTIFICATE_VERIFY_FAILED\n"

    def test_a_file_of_the_tree_can_be_named(self, make: Maker, tmp_path: Path) -> None:
        code = """
import ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.load_verify_locations(sys.executable + '/app/ca.pem')
print(context.cert_store_stats()['x509'])
for name in ('/app/empty.pem', '/app/nothing.pem'):
    try: context.load_verify_locations(sys.executable + name)
    except OSError as error: print(type(error).__name__)
"""
        program = make({"ca.pem": AUTHORITY.read_bytes(), "empty.pem": b""}, command=code)
        assert Root(tmp_path, program).run() == "1\nNotADirectoryError\nNotADirectoryError\n"


def _subject_hash() -> str:
    # As `openssl x509 -hash` prints it.
    done = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", AUTHORITY], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("no openssl here to compute a hash")
    return done.stdout.strip()


def _other_authorities() -> Iterator[bytes]:
    bundle = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    if not Path(bundle).exists():
        pytest.skip("this host has no bundle of authorities")
    yield Path(bundle).read_bytes()


# --- the C library --------------------------------------------------------------------------------------------------------


class TestCLibrary:
    def test_functions_are_found_by_name(self, runner: Program) -> None:
        code = """
import ctypes, ctypes.util, errno, os
for libc in (ctypes.CDLL(None, use_errno=True), ctypes.CDLL('libc.so.6', use_errno=True)):
    compare = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.POINTER(ctypes.c_int)] * 2)(lambda a, b: a[0] - b[0])
    numbers = (ctypes.c_int * 3)(3, 1, 2)
    libc.qsort(numbers, 3, 4, compare)
    libc.pow.argtypes = [ctypes.c_double] * 2
    libc.pow.restype = ctypes.c_double
    print(libc.getpid() == os.getpid(), libc.strlen(b'four'), list(numbers), libc.pow(2, 10))
    print(libc.open(b'/no/such/file', 0), ctypes.get_errno() == errno.ENOENT)
    buffer = ctypes.create_string_buffer(20)
    print(libc.snprintf(buffer, 20, b'%s-%d', b'x', ctypes.c_int(5)), buffer.value)
    print(bool(ctypes.c_void_p.in_dll(libc, 'stdout')))
"""
        done = runner.run(code)
        assert done.stdout == "True 4 [1, 2, 3] 1024.0\n-1 True\n3 b'x-5'\nTrue\n" * 2, done.stderr

    def test_what_is_not_there_is_said(self, runner: Program) -> None:
        code = """
import ctypes
for ask in (lambda: ctypes.CDLL(None).no_such_function, lambda: ctypes.CDLL('libz.so.1')):
    try: ask()
    except (AttributeError, OSError) as error: print(error)
"""
        assert runner.run(code).stdout == (
            "no_such_function: this statically linked program has no such symbol; link code that uses it in\n"
            "libz.so.1: this program is linked statically and cannot load shared libraries; link the library in, or build "
            "with a dynamic flavor\n"
        )


# --- the stack ------------------------------------------------------------------------------------------------------------

DEEP = """
import json, sys, threading
sys.setrecursionlimit(10 ** 9)
lists = []
for _ in range(10 ** 5): lists = [lists]
class Endless:
    def __getattr__(self, name): return getattr(self, name + 'x')
class Compared:
    def __eq__(self, other): return other == self
def dive():
    for deep in (lambda: repr(lists), lambda: json.dumps(lists), lambda: json.loads('[' * 10 ** 5), lambda: Endless().x,
                 lambda: Compared() == Compared(), lambda: compile('-' * 10 ** 5 + '1', '', 'eval'),
                 lambda: compile('a.' * 10 ** 5 + 'a', '', 'eval')):
        try: deep()
        except (RecursionError, MemoryError) as error: print('stopped', end=' ')
if 'thread' in sys.argv:
    thread = threading.Thread(target=dive)
    thread.start()
    thread.join()
else:
    dive()
"""


class TestStack:
    @pytest.mark.parametrize("where", ["main", "thread"])
    @pytest.mark.parametrize("limit", [256 << 10, 1 << 20, 8 << 20])
    def test_deep_calls_end_with_an_exception(self, runner: Program, where: str, limit: int) -> None:
        """Also where a user's limit is low: it may be raised up to the hard one."""
        if resource.getrlimit(resource.RLIMIT_STACK)[1] not in {-1, resource.RLIM_INFINITY}:
            pytest.skip("the hard limit of this host is low")

        def lower() -> None:
            resource.setrlimit(resource.RLIMIT_STACK, (limit, resource.RLIM_INFINITY))

        done = runner.run(DEEP, where, preexec_fn=lower)
        assert (done.returncode, done.stdout) == (0, "stopped " * 7), done.stderr

    def test_the_hosts_limit_is_kept_on_request(self, make: Maker) -> None:
        code = "import resource; print(resource.getrlimit(resource.RLIMIT_STACK)[0])"

        def lower() -> None:
            resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))

        for size, seen in ((0, 1 << 20), (4 << 20, 4 << 20), (512 << 10, 1 << 20)):
            assert make({}, command=code, thread_stack_size=size).run(preexec_fn=lower).stdout == f"{seen}\n"


# --- names, places, times -------------------------------------------------------------------------------------------------


@ROOT_ONLY
class TestBareRoot:
    """Where there is nothing, and where the usual files are."""

    def test_names_of_hosts(self, runner: Program, tmp_path: Path) -> None:
        code = """
import socket
for name in ('localhost', 'example-host', '127.0.0.1', '::1', 'nowhere.invalid'):
    try: print(sorted({item[4][0] for item in socket.getaddrinfo(name, 80)}))
    except socket.gaierror as error: print(type(error).__name__)
"""
        root = Root(tmp_path, runner)
        root.write("/etc/hosts", b"127.0.0.1 localhost\n10.1.2.3 example-host other\n")
        root.write("/etc/resolv.conf", b"nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        assert root.run(code) == "['127.0.0.1']\n['10.1.2.3']\n['127.0.0.1']\n['::1']\ngaierror\n"

    def test_users_and_groups(self, runner: Program, tmp_path: Path) -> None:
        code = """
import grp, os, pwd
try: print(pwd.getpwnam('ada').pw_dir, grp.getgrgid(77).gr_mem, os.path.expanduser('~ada'), os.getgrouplist('ada', 5))
except KeyError as error: print(error)
"""
        root = Root(tmp_path, runner)
        assert root.run(code) == "\"getpwnam(): name not found: 'ada'\"\n"
        root.write("/etc/passwd", b"ada:x:5:5::/home/ada:/bin/sh\n")
        root.write("/etc/group", b"staff:x:77:ada\n")
        assert root.run(code) == "/home/ada ['ada'] /home/ada [5, 77]\n"

    def test_time_zones(self, runner: Program, tmp_path: Path) -> None:
        code = """
import time, zoneinfo
print(time.tzname[0], time.localtime(0).tm_hour)
try: print(zoneinfo.ZoneInfo('Europe/Berlin').key)
except zoneinfo.ZoneInfoNotFoundError as error: print(error)
"""
        root = Root(tmp_path, runner)
        assert root.run(code) == "UTC 0\n'No time zone found with key Europe/Berlin'\n"
        assert root.run(code, TZ="CET-1CEST,M3.5.0,M10.5.0/3").startswith("CET 1\n")
        zone = Path("/usr/share/zoneinfo/Europe/Berlin")
        if zone.exists():
            root.write(str(zone), zone.read_bytes())
            assert root.run(code, TZ="Europe/Berlin") == "CET 1\nEurope/Berlin\n"

    def test_time_zones_carried_inside(self, make: Maker, tmp_path: Path) -> None:
        """As PyPI's `tzdata` brings them, one of the requirements."""
        zone = Path("/usr/share/zoneinfo/Europe/Berlin")
        if not zone.exists():
            pytest.skip("this host has no time zones to take one from")
        files: dict[str, str | bytes] = {
            f"tzdata/{folder}__init__.py": "" for folder in ("", "zoneinfo/", "zoneinfo/Europe/")
        } | {"tzdata/zoneinfo/Europe/Berlin": zone.read_bytes()}
        program = make(files, command="import zoneinfo; print(zoneinfo.ZoneInfo('Europe/Berlin').key)")
        assert Root(tmp_path, program).run() == "Europe/Berlin\n"

    @pytest.mark.parametrize("terminal", ["xterm-256color", "linux", "screen-256color", "tmux-256color", "vt100", "dumb"])
    def test_terminals_without_a_database(self, runner: Program, tmp_path: Path, terminal: str) -> None:
        code = "import curses; curses.setupterm(fd=1); print(curses.tigetnum('cols') > 0, curses.tigetnum('colors'))"
        colors = 256 if "256" in terminal else 8 if terminal == "linux" else -1
        assert Root(tmp_path, runner).run(code, TERM=terminal) == f"True {colors}\n"

    def test_line_editing_without_a_database(self, runner: Program, tmp_path: Path) -> None:
        code = "import readline as r; r.add_history('one'); r.write_history_file('/h'); print(r.get_history_item(1))"
        assert Root(tmp_path, runner).run(code, TERM="xterm") == "one\n"

    @pytest.mark.parametrize(
        "folder", ["/etc/terminfo", "/lib/terminfo", "/usr/share/terminfo", "/usr/lib/terminfo", "/root/.terminfo"]
    )
    def test_terminals_of_hosts(self, runner: Program, tmp_path: Path, folder: str, rare_terminal: bytes) -> None:
        code = "import curses; curses.setupterm('rare-terminal', 1); print(curses.tigetnum('cols'))"
        root = Root(tmp_path, runner)
        root.write(f"{folder}/r/rare-terminal", rare_terminal)
        assert root.run(code, HOME="/root") == "77\n"


@pytest.fixture(scope="module")
def rare_terminal(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The compiled description of a terminal that nobody knows."""
    folder = tmp_path_factory.mktemp("terminfo")
    source = folder / "rare"
    source.write_text("rare-terminal|made up,\n\tcols#77, lines#5,\n")
    try:
        subprocess.run(["tic", "-o", folder, source], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no tic here")
    return (folder / "r/rare-terminal").read_bytes()


def test_locales(runner: Program, compare: Callable[[str], str]) -> None:
    """musl has the locale C and, by any other name, the same with UTF-8; `locale` says what the C library says."""
    compare(
        "import locale\nfor name in ('C', '', 'de_DE.UTF-8', 'POSIX'):\n"
        "    print(locale.setlocale(locale.LC_ALL, name), locale.localeconv()['decimal_point'], locale.strcoll('a', 'b') < 0)\n"
    )
    assert runner.run("import locale; print(locale.getencoding())").stdout == "UTF-8\n"
