"""`staticbuild init-config-file`: writes a `pyoxidizer.bzl`, for those who know PyOxidizer's command of that name."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from staticbuild.cli.session import PYOXIDIZER_NAME
from staticbuild.config.schema import starlark
from staticbuild.errors import ConfigError
from staticbuild.host import Host

_HEAD = """\
# How `{name}` is built: `staticbuild build`, or `staticbuild run`. The dialect is PyOxidizer's.


def make_dist():
    return default_python_distribution()


# The executable: a Python distribution, what goes in beside the standard library, and what it runs.
def make_exe():
    dist = make_dist()

    policy = dist.make_python_packaging_policy()

    # Which of the distribution's extension modules: "all", "minimal", "no-libraries" or "no-copyleft".
    # policy.extension_module_filter = "no-copyleft"

    # The standard library's tests are left out otherwise.
    # policy.include_test = True

    # Resources are in memory, or in a folder beside the executable.
    policy.resources_location = "in-memory"
    # policy.resources_location_fallback = "filesystem-relative:lib"

    # A function that sees each resource, and can change how it is added.
    # policy.register_resource_callback(resource_callback)

    config = dist.make_python_interpreter_config()
{run}
    # config.run_module = "{name}"
    # config.run_command = "from {name} import main; main()"

    # What `sys.path` is; `$ORIGIN` is the folder of the executable.
    # config.module_search_paths = ["$ORIGIN/lib"]

    exe = dist.to_python_executable(
        name = "{name}",
        packaging_policy = policy,
        config = config,
    )
{pip}
    # Packages of an index, with all that they require.
    # exe.add_python_resources(exe.pip_install(["-r", "requirements.txt"]))

    # Packages in a folder.
    # exe.add_python_resources(exe.read_package_root(path = "src", packages = ["{name}"]))

    # What is installed in a virtual environment.
    # exe.add_python_resources(exe.read_virtualenv(path = "/path/to/venv"))

    return exe


# def resource_callback(policy, resource):
#     if type(resource) == "PythonPackageResource" and resource.package == "{name}":
#         resource.add_location = "filesystem-relative:lib"


def make_embedded_resources(exe):
    return exe.to_embedded_resources()


# A folder with the executable and with what lies beside it.
def make_install(exe):
    files = FileManifest()
    files.add_python_resource(".", exe)
    return files


# An installer for Windows.
def make_msi(exe):
    return exe.to_wix_msi_builder(
        "{name}",
        "{name}",
        "1.0",
        "The authors of {name}",
    )


def register_code_signers():
    if not VARS.get("ENABLE_CODE_SIGNING"):
        return

    # A signer with the key and the certificate of a PKCS #12 file.
    # signer = code_signer_from_pfx_file(VARS["PFX_PATH"], prompt_password("the password of the key"))
    # signer.activate()


register_code_signers()

register_target("exe", make_exe)
register_target("resources", make_embedded_resources, depends = ["exe"], default_build_script = True)
register_target("install", make_install, depends = ["exe"], default = True)
register_target("msi_installer", make_msi, depends = ["exe"])

resolve_targets()
"""


def add(commands: Any) -> None:  # noqa: ANN401 - argparse's private type
    """Describe the command."""
    parser = commands.add_parser(
        "init-config-file",
        help="write a pyoxidizer.bzl",
        description="Writes a pyoxidizer.bzl to FOLDER, for those who know that dialect; `staticbuild init` writes a "
        "staticbuild.bzl. Overwrites nothing.",
    )
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument(
        "--python-code", metavar="CODE", help="what the executable runs; without it, it is a Python interpreter"
    )
    parser.add_argument(
        "--pip-install", metavar="REQUIREMENT", action="append", default=[], help="a package to install; may be repeated"
    )
    parser.set_defaults(call=call)


def call(host: Host, arguments: argparse.Namespace) -> int:
    """Write the file, and say what to do next."""
    folder = arguments.folder if arguments.folder.startswith("/") else f"{host.cwd}/{arguments.folder}"
    folder = folder.rstrip("/").removesuffix("/.")
    path = f"{folder}/{PYOXIDIZER_NAME}"
    if host.exists(path):
        raise ConfigError(f"there is a `{PYOXIDIZER_NAME}` in this folder already")
    host.make_dirs(folder)
    text = template(folder.rpartition("/")[2], arguments.python_code, arguments.pip_install)
    host.write_bytes(path, text.encode())
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"wrote {PYOXIDIZER_NAME}")
    console.print(f"next: `staticbuild run --path {arguments.folder}`")
    return 0


def template(name: str, code: str | None = None, packages: Iterable[str] = ()) -> str:
    """The text of a new config for the program `name`."""
    run = f"\n    config.run_command = {starlark(code)}\n" if code is not None else ""
    listed = ", ".join(starlark(package) for package in packages)
    pip = f"\n    exe.add_python_resources(exe.pip_install([{listed}]))\n" if listed else ""
    return _HEAD.replace("{name}", name).replace("{run}", run).replace("{pip}", pip)
