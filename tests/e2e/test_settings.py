"""Attributes of `python_executable` that are more than a setting of the interpreter."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from tests.project import Project, run

pytestmark = pytest.mark.slow

AUTHORITY = Path(__file__).parent / "data/server.crt"
CONFIG = """
load("@stdlib//python.bzl", "make_dist", "python_executable")

make_dist(flavor = "standalone_static")

python_executable(name = "app", command = "{command}", {attributes})
"""
COUNT = "import ssl; print(ssl.create_default_context().cert_store_stats()['x509'])"


def config(project: Project, attributes: str, command: str = COUNT) -> None:
    """Write a config with one executable."""
    project.write("staticbuild.bzl", CONFIG.format(command=command, attributes=attributes))


def test_authorities_of_a_file_of_the_workspace(project: Project) -> None:
    project.write("ca.pem", AUTHORITY.read_text())
    config(project, 'ca_certificates = "ca.pem"')
    project.run("build")
    environ = {"SSL_CERT_DIR": "/nowhere"}
    assert run([project.result("app/app")], env=environ).stdout == "1\n"
    # They are an input as any other. The comment makes this a file that no run before has packed.
    both = AUTHORITY.read_text() + (AUTHORITY.parent / "other.crt").read_text()
    project.write("ca.pem", f"# {project.folder}\n{both}")
    assert project.build() == ["PackApplication app", "Merge app", "Link app"]
    assert run([project.result("app/app")], env=environ).stdout == "2\n"


def test_authorities_of_this_host(project: Project) -> None:
    bundle = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
    if not Path(bundle).is_file():
        pytest.skip("this host has no bundle of authorities")
    config(project, f'ca_certificates = "{bundle}"')
    project.run("build")
    count = int(run([project.result("app/app")], env={}).stdout)
    assert count == len(ssl.create_default_context(cafile=bundle).get_ca_certs())


@pytest.mark.network
def test_authorities_of_certifi(project: Project, package_index: None) -> None:  # noqa: ARG001 - it skips
    resources = 'python_resources(name = "lib", requirements = ["certifi"])'
    config(project, 'ca_certificates = "certifi", resources = [":lib"]')
    text = (
        (project.folder / "staticbuild.bzl")
        .read_text()
        .replace('"python_executable")', '"python_executable", "python_resources")')
    )
    project.write("staticbuild.bzl", text + resources)
    project.run("lock")
    project.run("build")
    assert int(run([project.result("app/app")], env={}).stdout) > 100


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ('ca_certificates = "certifi"', "no requirement brings it"),
        ('ca_certificates = "nothing.pem"', "`nothing.pem` does not exist"),
        ('ca_certificates = "staticbuild.bzl"', "holds no certificates"),
        ("remote_debug = False", "`remote_debug` is new in Python 3.14, and this is Python 3.13"),
        ('python_allocator = "jemalloc"', "jemalloc"),
        ("isolated = True, environment = True", "`isolated` and `environment = True` contradict each other"),
    ],
)
def test_mistakes_are_sentences(project: Project, attributes: str, message: str) -> None:
    config(project, attributes)
    done = project.run("build", code=None)
    assert done.returncode in {1, 2}
    assert message in done.stderr
