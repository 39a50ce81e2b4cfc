"""The whole dialect in one table: its functions, constants and types. Nothing else knows the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from staticbuild.config.pyoxidizer import distribution, executable, files, packaging, prompts, signing, snap, wix
from staticbuild.config.pyoxidizer.evaluation import REGISTER_TARGET
from staticbuild.config.pyoxidizer.interpreter import PythonInterpreterConfig, python_interpreter_config
from staticbuild.config.pyoxidizer.model import Method, Thing
from staticbuild.config.pyoxidizer.policy import (
    File,
    PythonExtensionModule,
    PythonModuleSource,
    PythonPackageDistributionResource,
    PythonPackageResource,
    PythonPackagingPolicy,
)

_NAMED: Final = {
    "AppleUniversalBinary": packaging.apple_universal_binary,
    "EmbeddedPythonConfig": python_interpreter_config,
    "FileContent": files.file_content,
    "FileManifest": files.file_manifest,
    "MacOsApplicationBundleBuilder": packaging.mac_os_application_bundle_builder,
    "PythonDistribution": distribution.python_distribution,
    "PythonInterpreterConfig": python_interpreter_config,
    "PythonWheelBuilder": packaging.python_wheel_builder,
    "Snap": snap.snap,
    "SnapApp": snap.snap_app,
    "SnapPart": snap.snap_part,
    "SnapcraftBuilder": snap.snapcraft_builder,
    "WiXBundleBuilder": wix.wix_bundle_builder,
    "WiXInstaller": wix.wix_installer,
    "WiXMSIBuilder": wix.wix_msi_builder,
}

_FUNCTIONS: Final = (
    prompts.can_prompt,
    prompts.prompt_confirm,
    prompts.prompt_input,
    prompts.prompt_password,
    prompts.set_build_path,
    signing.code_signer_from_pfx_file,
    signing.code_signer_from_windows_store_auto,
    signing.code_signer_from_windows_store_sha1_thumbprint,
    signing.code_signer_from_windows_store_subject,
    distribution.default_python_distribution,
    files.glob,
)

GLOBALS: Final[Mapping[str, Method]] = {
    **{function.name: function for function in _FUNCTIONS},
    **{name: replace(function, name=name) for name, function in _NAMED.items()},
}
"""The functions that the prelude hands to Python."""

CONSTANTS: Final[Mapping[str, str]] = {
    "VARS": "The values of `--var` and `--var-env`, by name; None for a variable of the environment that is not set.",
    "CWD": "The folder of the config.",
    "CONFIG_PATH": "The config's own path.",
    "BUILD_TARGET_TRIPLE": "The triple of the platform that is built for.",
    "CONTEXT": "Of no use to a config.",
    "BUILD_CONTEXT": "Of no use to a config.",
    "TUGGER_CONTEXT": "Of no use to a config.",
}

PRELUDE_FUNCTIONS: Final[Mapping[str, str]] = {
    "print": "Shows its arguments, with the place of the call, on standard error.",
    "register_target": REGISTER_TARGET.doc,
    "resolve_target": "The value of a target, whose function is called once.",
    "resolve_targets": "Resolves the targets that the command line wants.",
}
"""Those that are functions of the prelude itself."""

TYPES: Final[tuple[type[Thing], ...]] = (
    distribution.PythonDistribution,
    PythonPackagingPolicy,
    executable.PythonExecutable,
    executable.PythonEmbeddedResources,
    PythonInterpreterConfig,
    PythonModuleSource,
    PythonPackageResource,
    PythonPackageDistributionResource,
    PythonExtensionModule,
    File,
    files.FileContent,
    files.FileManifest,
    packaging.AppleUniversalBinary,
    packaging.MacOsApplicationBundleBuilder,
    packaging.PythonWheelBuilder,
    signing.CodeSigner,
    signing.CodeSigningRequest,
    snap.Snap,
    snap.SnapApp,
    snap.SnapPart,
    snap.SnapcraftBuilder,
    wix.WiXBundleBuilder,
    wix.WiXInstaller,
    wix.WiXMSIBuilder,
)


def attribute_names() -> frozenset[str]:
    """The names of all attributes of all types."""
    return frozenset(name for kind in TYPES for name in (*(each.name for each in kind.properties), *kind.methods))
