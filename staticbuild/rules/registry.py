"""All kinds of target, with what analyses each. Nothing else knows the list."""

from __future__ import annotations

from collections.abc import Mapping

from staticbuild.config.schema import Rule
from staticbuild.rules.cc import CC_LIBRARY, analyse_cc_library
from staticbuild.rules.context import Analyse
from staticbuild.rules.distribution import MAKE_DIST, OWN_PROGRAM, analyse_make_dist, analyse_own_program
from staticbuild.rules.executable import PYTHON_EXECUTABLE, analyse_python_executable
from staticbuild.rules.generic import (
    FILES,
    PACKAGE_TREE,
    RUN_ACTION,
    SOURCE_ARCHIVE,
    analyse_files,
    analyse_package_tree,
    analyse_run_action,
    analyse_source_archive,
)
from staticbuild.rules.installs import (
    INSTALL,
    LICENCES,
    PYOXIDIZER_TARGET,
    UNIVERSAL_BINARY,
    WHEEL,
    WIX_MSI,
    analyse_install,
    analyse_licences,
    analyse_pyoxidizer_target,
    analyse_universal_binary,
    analyse_wheel,
    analyse_wix_msi,
)
from staticbuild.rules.native import PYTHON_PACKAGE, analyse_python_package
from staticbuild.rules.resources import PYTHON_RESOURCES, analyse_python_resources
from staticbuild.rules.rust import RUST_STANDARD_LIBRARY, analyse_rust_standard_library

_TABLE: tuple[tuple[Rule, Analyse], ...] = (
    (MAKE_DIST, analyse_make_dist),
    (PYTHON_RESOURCES, analyse_python_resources),
    (PYTHON_PACKAGE, analyse_python_package),
    (PYTHON_EXECUTABLE, analyse_python_executable),
    (FILES, analyse_files),
    (RUN_ACTION, analyse_run_action),
    (CC_LIBRARY, analyse_cc_library),
    (SOURCE_ARCHIVE, analyse_source_archive),
    (PACKAGE_TREE, analyse_package_tree),
    (OWN_PROGRAM, analyse_own_program),
    (INSTALL, analyse_install),
    (LICENCES, analyse_licences),
    (WHEEL, analyse_wheel),
    (WIX_MSI, analyse_wix_msi),
    (UNIVERSAL_BINARY, analyse_universal_binary),
    (PYOXIDIZER_TARGET, analyse_pyoxidizer_target),
    (RUST_STANDARD_LIBRARY, analyse_rust_standard_library),
)

RULES: tuple[Rule, ...] = tuple(rule for rule, _ in _TABLE)
ANALYSERS: Mapping[str, Analyse] = {rule.name: analyse for rule, analyse in _TABLE}
