"""The dialect: what `pyoxidizer.bzl` files mean, as the native targets that they become."""

from __future__ import annotations

import pytest

from staticbuild.config.pyoxidizer.facts import Contents, Item, SourceText
from staticbuild.graph.label import Label
from tests.config.dialect import GNU, SITE, Answers, Outcome, error, package, run

HEAD = """
def make_exe():
    dist = default_python_distribution()
    policy = dist.make_python_packaging_policy()
    config = dist.make_python_interpreter_config()
"""
TAIL = """
    return exe
register_target("exe", make_exe)
resolve_targets()
"""
TO_EXE = '    exe = dist.to_python_executable(name = "app", packaging_policy = policy, config = config)\n'
DEMO = Answers({"demo": package("demo", "core.py", "data.txt"), "other": package("other", "x.py")})


def executable(before: str = "", after: str = "", answers: Answers | None = None, **settings: object) -> Outcome:
    """An executable with lines before and after it is made."""

    def indented(text: str) -> str:
        return "".join(f"    {line}\n" for line in text.splitlines())

    text = HEAD + indented(before) + TO_EXE + indented(after) + TAIL
    return run(text, answers=answers or Answers(DEMO.packages), **settings)  # type: ignore[arg-type]


class TestTargets:
    def test_the_first_is_the_default(self) -> None:
        outcome = run(
            "def f():\n    return FileManifest()\nregister_target('a', f)\nregister_target('b', f)\nresolve_targets()\n"
        )
        assert {name: target.attributes["default"] for name, target in outcome.targets.items() if "/" not in name} == {
            "a": True,
            "b": False,
        }

    def test_the_last_that_says_so_is_the_default(self) -> None:
        text = "def f():\n    print('hello')\n" + "".join(
            f"register_target({name!r}, f, default = {default})\n" for name, default in (("a", True), ("b", True), ("c", False))
        )
        assert run(text).targets["b"].attributes["default"]

    def test_values_go_to_those_who_depend_on_them_and_functions_are_called_once(self) -> None:
        outcome = run(
            "calls = []\n"
            "def one():\n    calls.append(1)\n    return FileManifest()\n"
            "def two(value):\n    print(type(value), len(calls))\n    return value\n"
            "register_target('one', one)\nregister_target('two', two, depends = ['one'])\n"
            "register_target('three', two, depends = ['one'], default = True)\n"
            "resolve_target('two')\nresolve_targets()\n"
        )
        assert outcome.said == ["6:5: FileManifest 1", "6:5: FileManifest 1"]

    def test_the_command_line_chooses(self) -> None:
        text = "def f():\n    return FileManifest()\nregister_target('a', f)\nregister_target('b', f)\nresolve_targets()\n"
        assert run(text, "b").targets["b"].attributes["resolved"]
        assert not run(text, "b").targets["a"].attributes["resolved"]

    def test_a_file_that_resolves_nothing_is_resolved_nevertheless(self) -> None:
        text = "def f():\n    return FileManifest()\nregister_target('a', f)\n"
        assert run(text).targets["a"].attributes["resolved"]

    def test_globals_change_inside_of_functions(self) -> None:
        outcome = run(
            "seen = {}\ndef f():\n    seen['x'] = 1\n    return FileManifest()\n"
            "register_target('a', f)\nresolve_targets()\nprint(seen)\n"
        )
        assert outcome.said == ['7:1: {"x": 1}']

    def test_documented_names_of_arguments(self) -> None:
        assert "a" in run("def f():\n    return FileManifest()\nregister_target(name = 'a', fn = f)\n").targets

    def test_a_build_path(self) -> None:
        outcome = run("set_build_path('out')\ndef f():\n    return FileManifest()\nregister_target('a', f)\n")
        assert outcome.attributes("a")["build_path"] == "out"


class TestConstants:
    def test_constants(self) -> None:
        outcome = run("print(CWD, CONFIG_PATH, BUILD_TARGET_TRIPLE, VARS)\n", variables={"A": "1", "B": None}, triple=GNU)
        assert outcome.said == [f'1:1: /work/app /work/app/pyoxidizer.bzl {GNU} {{"A": "1", "B": None}}']


def of_distribution(call: str) -> str:
    """A config with an executable of the distribution that `call` gives."""
    return f"def f():\n    return {call}.to_python_executable('app')\nregister_target('exe', f)\n"


class TestDistributions:
    @pytest.mark.parametrize(
        ("triple", "flavor", "ours"),
        [
            ("x86_64-unknown-linux-musl", "standalone", "standalone_static"),
            ("x86_64-unknown-linux-musl", "standalone_static", "standalone_static"),
            (GNU, "standalone", "standalone_dynamic"),
            (GNU, "standalone_dynamic", "standalone_dynamic"),
        ],
    )
    def test_flavors(self, triple: str, flavor: str, ours: str) -> None:
        text = of_distribution(f"default_python_distribution(flavor = {flavor!r})")
        assert run(text, triple=triple).attributes("dist")["flavor"] == ours

    def test_no_static_one_for_glibc(self) -> None:
        text = of_distribution("default_python_distribution(flavor = 'standalone_static')")
        assert "build with `--target x86_64-unknown-linux-musl`" in error(text, triple=GNU)

    def test_old_versions_are_replaced_and_that_is_said(self) -> None:
        text = of_distribution("default_python_distribution(python_version = '3.9')")
        outcome = run(text)
        assert outcome.attributes("dist")["python_version"] == "3.11"
        assert outcome.said == ["2:12: Python 3.9 is not maintained any more; Python 3.11 takes its place"]

    def test_an_archive(self) -> None:
        digest = "0" * 64
        text = of_distribution(f"PythonDistribution(sha256 = {digest!r}, local_path = 'cpython-3.12.1.tar.zst')")
        assert run(text).attributes("dist")["path"] == "cpython-3.12.1.tar.zst"
        assert run(text).attributes("dist")["python_version"] == "3.12"


class TestPolicy:
    def test_resources_of_packages(self) -> None:
        outcome = executable(after="exe.add_python_resources(exe.pip_install(['demo']))")
        assert [str(label) for label in outcome.attributes("exe/app")["resources"]] == ["//:exe/app/pip"]
        assert outcome.attributes("exe/app/pip")["requirements"] == ("demo",)
        assert "exclude" not in outcome.attributes("exe/app")

    def test_nothing_is_asked_about_the_standard_library_where_nobody_looks(self) -> None:
        assert executable(after="exe.add_python_resources(exe.pip_install(['demo']))").answers.asked[0].of.name == "exe/app/pip"  # type: ignore[union-attr]
        assert executable().answers.asked == []

    def test_what_is_not_added_is_left_out(self) -> None:
        outcome = executable(
            after="for resource in exe.pip_install(['demo']):\n"
            "    if type(resource) == 'PythonModuleSource' and resource.name == 'demo.core':\n"
            "        continue\n"
            "    exe.add_python_resource(resource)"
        )
        assert outcome.attributes("exe/app")["exclude"] == (f"{SITE}/demo/core.py",)

    def test_add_include(self) -> None:
        outcome = executable(
            after="for resource in exe.pip_install(['demo']):\n"
            "    if type(resource) == 'PythonPackageResource':\n"
            "        resource.add_include = resource.name != 'data.txt'\n"
            "    exe.add_python_resource(resource)"
        )
        assert outcome.attributes("exe/app")["exclude"] == (f"{SITE}/demo/data.txt",)

    def test_a_package_beside_the_executable(self) -> None:
        outcome = executable(
            "policy.resources_location_fallback = 'filesystem-relative:lib'",
            "for resource in exe.pip_install(['demo', 'other']):\n"
            "    if type(resource) == 'PythonPackageResource' and resource.package == 'demo':\n"
            "        resource.add_location = 'filesystem-relative:lib'\n"
            "    exe.add_python_resource(resource)",
        )
        assert outcome.attributes("exe/app")["location"] == {"demo": "beside"}

    def test_everything_beside_the_executable_in_a_folder_of_its_own(self) -> None:
        outcome = executable(
            "policy.resources_location = 'filesystem-relative:prefix'",
            "exe.add_python_resources(exe.pip_install(['demo']))",
        )
        assert outcome.attributes("exe/app")["location"] == {"*": "beside"}
        assert outcome.attributes("exe/app")["beside_folder"] == "prefix"

    def test_callbacks_see_the_standard_library_and_packages(self) -> None:
        outcome = run(
            "counts = {}\n"
            "def callback(policy, resource):\n"
            "    counts[type(resource)] = counts.get(type(resource), 0) + 1\n"
            "    if type(resource) == 'PythonModuleSource' and resource.name in ['antigravity', 'demo.core']:\n"
            "        resource.add_include = False\n"
            "def f():\n"
            "    dist = default_python_distribution()\n"
            "    policy = dist.make_python_packaging_policy()\n"
            "    policy.register_resource_callback(callback)\n"
            "    exe = dist.to_python_executable('app', policy)\n"
            "    exe.add_python_resources(exe.pip_install(['demo']))\n"
            "    print(counts)\n"
            "    return exe\n"
            "register_target('exe', f)\n",
            answers=Answers(DEMO.packages),
        )
        assert outcome.attributes("exe/app")["exclude"] == ("lib/python3.13/antigravity.py", f"{SITE}/demo/core.py")
        counts = '{"PythonExtensionModule": 1, "PythonModuleSource": 5, "PythonPackageResource": 2, '
        assert outcome.said == [f'12:5: {counts}"PythonPackageDistributionResource": 1}}']

    def test_extension_modules_of_packages_are_seen_and_linked_with_them(self) -> None:
        answers = Answers({"demo": (*package("demo", "core.py"), Item("extension", "demo._fast", ""))})
        outcome = executable(
            after="for r in exe.pip_install(['demo']):\n"
            "    if type(r) == 'PythonExtensionModule':\n"
            "        r.add_location = 'filesystem-relative:lib'\n"
            "        print(r.name, r.is_stdlib)\n"
            "    exe.add_python_resource(r)",
            answers=answers,
        )
        assert [line.partition(": ")[2] for line in outcome.said] == ["demo._fast False"]
        assert "exclude" not in outcome.attributes("exe/app")
        assert "location" not in outcome.attributes("exe/app")

    def test_sources_are_left_out(self) -> None:
        outcome = executable(
            "policy.include_distribution_sources = False\npolicy.include_non_distribution_sources = False",
            "exe.add_python_resources(exe.pip_install(['demo']))",
        )
        assert outcome.attributes("exe/app")["exclude_sources"] == ("*", "stdlib")

    def test_files_mode(self) -> None:
        outcome = executable(
            "policy.set_resource_handling_mode('files')\n"
            "policy.resources_location = 'filesystem-relative:lib'\n"
            "config.module_search_paths = ['$ORIGIN/lib']",
            "exe.add_python_resources(exe.pip_install(['demo']))\n"
            "files = FileManifest()\n"
            "files.add_python_resource('.', exe)\n"
            "return files",
        )
        (extracted,) = outcome.attributes("exe/files")["resources"].items()
        assert extracted == (
            "lib#//:exe/app/pip#//:dist",
            (
                f"{SITE}/demo/__init__.py",
                f"{SITE}/demo/core.py",
                f"{SITE}/demo/data.txt",
                f"{SITE}/demo-1.0.dist-info/METADATA",
            ),
        )
        assert outcome.attributes("exe/app")["sys_path"] == ("$ORIGIN/lib",)

    def test_filters_and_tests(self) -> None:
        attributes = executable("policy.extension_module_filter = 'no-copyleft'\npolicy.include_test = True").attributes(
            "exe/app"
        )
        assert (attributes["extension_modules"], attributes["include_test"]) == ("no-copyleft", True)

    def test_a_policy_is_copied(self) -> None:
        outcome = executable(after="policy.include_test = True")
        assert "include_test" not in outcome.attributes("exe/app")

    def test_the_source_of_a_module(self) -> None:
        outcome = executable(
            after="for r in exe.pip_install(['demo']):\n    if type(r) == 'PythonModuleSource':\n        print(r.source)"
        )
        assert outcome.said[0].endswith(f"# {SITE}/demo/__init__.py\n")
        assert [type(each) for each in outcome.answers.asked] == [Contents, SourceText, SourceText]


PROJECTS = (".", "./libs/other[extra]", ".", "./src/thing", "./dist/x-1.0-py3-none-any.whl")


class TestReading:
    def test_a_package_root(self) -> None:
        answers = Answers({"src": (Item("package", "greet", "greet/__init__.py"), Item("file", "greet/a.txt", "greet/a.txt"))})
        outcome = executable(
            after="exe.add_python_resources(exe.read_package_root(path = 'src', packages = ['greet', 'cli']))", answers=answers
        )
        assert outcome.attributes("exe/app/root") == {
            "package_roots": ("src",),
            "only": ("greet/**", "greet.py", "cli/**", "cli.py"),
        }

    def test_the_configs_own_folder(self) -> None:
        answers = Answers({".": (Item("module", "greet", "greet.py"),)})
        outcome = executable(after="exe.add_python_resources(exe.read_package_root(CWD, ['greet']))", answers=answers)
        assert outcome.attributes("exe/app/root")["package_roots"] == (".",)

    def test_a_module_of_the_config(self) -> None:
        outcome = executable(after="exe.add_python_resource(exe.make_python_module_source('a.b', 'x = 1', is_package = True))")
        assert outcome.attributes("exe/app/a.b")["contents"] == {"a/b/__init__.py": "x = 1"}

    def test_a_virtual_environment(self) -> None:
        root = "venv/lib/python3.13/site-packages"
        answers = Answers({root: (Item("module", "m", "m.py"),)}, files={f"/work/app/{root}/m.py": ""})
        outcome = executable(after="exe.add_python_resources(exe.read_virtualenv('venv'))", answers=answers)
        assert outcome.attributes("exe/app/virtualenv")["package_roots"] == (root,)

    @pytest.mark.parametrize(
        ("arguments", "requirements"),
        [
            ("['-r', 'requirements.txt']", ("requirements.txt",)),
            ("['-rrequirements.txt', 'demo==1.0', '--upgrade', '--no-cache-dir']", ("requirements.txt", "demo==1.0")),
            ("[CWD + '/requirements.txt'] if False else ['--requirement=requirements.txt']", ("requirements.txt",)),
            ("['.', './libs/other[extra]', CWD, '-e', 'src/thing', 'dist/x-1.0-py3-none-any.whl']", PROJECTS),
            ("['--prefer-binary', '--no-binary', 'demo', 'demo', 'other[extra]>=2']", ("demo", "other[extra]>=2")),
            ("['--platform', 'manylinux2014_x86_64', '--only-binary=:all:', 'demo']", ("demo",)),
        ],
    )
    def test_arguments_of_pip(self, arguments: str, requirements: tuple[str, ...]) -> None:
        for method in ("pip_install", "pip_download"):
            outcome = executable(after=f"exe.{method}({arguments})")
            assert outcome.attributes("exe/app/pip")["requirements"] == requirements

    def test_a_project_on_disk(self) -> None:
        outcome = executable(after="exe.add_python_resources(exe.setup_py_install('libs/thing', extra_envs = {'A': 'b'}))")
        assert outcome.attributes("exe/app/project")["requirements"] == ("./libs/thing",)
        assert outcome.said == [
            "7:34: `extra_envs` have no effect: environment variables of builds are in the table of packages"
        ]

    def test_an_option_that_pip_has_not(self) -> None:
        text = HEAD + TO_EXE + "    exe.pip_install(['--upgrad', 'x'])\n" + TAIL
        assert "pip has no option `--upgrad`" in error(text)
        assert "did you mean `--upgrade`?" in error(text)

    def test_filters_by_files(self) -> None:
        answers = Answers(DEMO.packages, files={"/work/app/keep.txt": "demo\njson # of the standard library\n\n"})
        outcome = executable(
            after="exe.add_python_resources(exe.pip_install(['demo']))\nexe.filter_resources_from_files(files = ['keep.txt'])",
            answers=answers,
        )
        assert "lib/python3.13/antigravity.py" in outcome.attributes("exe/app")["exclude"]
        assert f"{SITE}/demo/core.py" in outcome.attributes("exe/app")["exclude"]
        assert "lib/python3.13/json/__init__.py" not in outcome.attributes("exe/app")["exclude"]


class TestInterpreter:
    @pytest.mark.parametrize(
        ("line", "name", "value"),
        [
            ("config.run_module = 'demo'", "entry_point", "demo"),
            ("config.run_command = 'print(1)'", "command", "print(1)"),
            ("config.module_search_paths = ['$ORIGIN/lib']", "sys_path", ("$ORIGIN/lib",)),
            ("config.config_profile = 'python'", "environment", True),
            ("config.allocator_backend = 'default'", "allocator", "libc"),
            ("config.allocator_backend = 'snmalloc'", "allocator", "mimalloc"),
            ("config.optimization_level = 2", "optimize", 2),
            ("config.x_options = ['dev']", "x_options", ("dev",)),
            ("config.allocator_debug = True", "python_allocator", "debug"),
            ("config.allocator = 'py-malloc-debug'", "python_allocator", "pymalloc_debug"),
            ("config.bytes_warning = 'raise'", "bytes_warning", 2),
            ("config.hash_seed = 7", "hash_seed", 7),
            ("config.sys_meipass = True", "meipass", "$ORIGIN"),
            ("config.tracemalloc = True", "tracemalloc", 1),
            ("config.raw_allocator = 'system'", "allocator", "libc"),
            ("config.run_mode = 'eval:print(2)'", "command", "print(2)"),
        ],
    )
    def test_settings(self, line: str, name: str, value: object) -> None:
        assert executable(line).attributes("exe/app")[name] == value

    def test_nothing_to_run_is_an_interpreter(self) -> None:
        assert executable().attributes("exe/app")["interpreter"] is True

    def test_a_script_of_the_host(self) -> None:
        assert "runpy.run_path" in executable("config.run_filename = 'main.py'").attributes("exe/app")["command"]

    def test_search_paths_turn_the_importer_of_files_on(self) -> None:
        outcome = executable(
            "print(config.filesystem_importer)\nconfig.module_search_paths = ['/x']\nprint(config.filesystem_importer)"
        )
        assert outcome.said == ["6:5: False", "8:5: True"]

    def test_what_has_no_effect_is_said_once(self) -> None:
        outcome = executable("config.argvb = True\nconfig.argvb = True")
        assert [line.partition(": it")[0] for line in outcome.said] == ["6:12: `PythonInterpreterConfig.argvb`"]


class TestFiles:
    def test_a_manifest(self) -> None:
        answers = Answers(files={"/work/app/docs/a.txt": "a", "/work/app/docs/b.txt": "b", "/work/app/LICENSE": ""})
        outcome = run(
            "def f():\n"
            "    files = glob(['docs/*.txt'], exclude = ['docs/b*'], strip_prefix = CWD + '/')\n"
            "    files.add_file(FileContent(filename = 'VERSION', content = '1.0', executable = True), directory = 'share')\n"
            "    files.add_path('LICENSE', strip_prefix = CWD)\n"
            "    other = FileManifest()\n"
            "    other.add_file(FileContent(path = 'LICENSE'), path = 'COPYING')\n"
            "    files.add_manifest(other)\n"
            "    files.remove('LICENSE')\n"
            "    print(files.paths(), files.get_file('x'), files.get_file('COPYING').filename)\n"
            "    return files\n"
            "register_target('files', f)\n",
            answers=answers,
        )
        attributes = outcome.attributes("files/files")
        assert attributes["srcs"] == {"docs/a.txt": "docs/a.txt", "COPYING": "LICENSE"}
        assert attributes["contents"] == {"share/VERSION": "1.0"}
        assert attributes["executable"] == {"share/VERSION": True}
        assert outcome.said == ['9:5: ["COPYING", "docs/a.txt", "share/VERSION"] None LICENSE']

    def test_an_executable_in_a_manifest(self) -> None:
        outcome = executable(after="files = exe.to_file_manifest('bin')\nfiles.install('elsewhere')\nreturn files")
        targets = {"bin/app": "//:exe/app", "bin/COPYING.txt": "//:exe/app/licences"}
        assert outcome.attributes("exe/files") == {"targets": targets, "program": "bin/app"}
        assert outcome.attributes("exe")["installs"] == (
            {"folder": "/work/app/build/elsewhere", "files": Label("", "", "exe/files")},
        )

    def test_paths_stay_inside(self) -> None:
        text = "FileManifest().add_file(FileContent(filename = 'a', content = ''), path = '../a')\n"
        assert "`../a` leads out of the folder" in error(text)


class TestPrompts:
    def test_nobody_to_ask(self) -> None:
        outcome = run("print(can_prompt(), prompt_confirm('go?', default = True), prompt_input('name', default = 'x'))\n")
        assert outcome.said == ["1:1: False True x"]
        assert "nobody can be asked `name`" in error("prompt_input('name')\n")

    def test_somebody_to_ask(self) -> None:
        answers = Answers(prompts={"go?": False, "name": "Ada", "secret": "s"})
        outcome = run(
            "print(prompt_confirm('go?', True), prompt_input('name'), prompt_password('secret', confirm = True))\n",
            answers=answers,
        )
        assert outcome.said == ["1:1: False Ada s"]


class TestOldVersions:
    def test_an_old_config(self) -> None:
        outcome = run(
            "def make_dist():\n    return default_python_distribution()\n"
            "def make_exe(dist):\n"
            "    paths = ['$ORIGIN/lib']\n"
            "    config = PythonInterpreterConfig(run_eval = 'print(1)', raw_allocator = 'system', sys_paths = paths)\n"
            "    exe = dist.to_python_executable(\n"
            "        name = 'app', config = config, extension_module_filter = 'all', include_sources = True,\n"
            "        include_resources = False, include_test = False,\n"
            "        resources_policy = 'prefer-in-memory-fallback-filesystem-relative:lib')\n"
            "    exe.add_in_memory_python_resources(dist.pip_install(['demo']))\n"
            "    exe.add_filesystem_relative_python_resources('lib', dist.pip_install(['other']))\n"
            "    return exe\n"
            "register_target('dist', make_dist)\nregister_target('exe', make_exe, depends = ['dist'], default = True)\n"
            "resolve_targets()\n"
            'PYOXIDIZER_VERSION = "0.7.0"\n',
            answers=Answers(DEMO.packages),
        )
        attributes = outcome.attributes("exe/app")
        assert (attributes["command"], attributes["allocator"], attributes["sys_path"]) == (
            "print(1)",
            "libc",
            ("$ORIGIN/lib",),
        )
        assert attributes["location"] == {"other": "beside"}
        assert len([line for line in outcome.said if "older PyOxidizer" in line]) == 5


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "place", "message", "hint"),
        [
            (
                "dist = default_python_distribution()\np = dist.make_python_packaging_policy()\np.includ_test = True\n",
                "3:3",
                "`PythonPackagingPolicy` has no attribute `includ_test`",
                "did you mean `include_test`?",
            ),
            (
                "dist = default_python_distribution(flavour = 'standalone')\n",
                "1:36",
                "`default_python_distribution` has no argument `flavour`",
                "did you mean `flavor`?",
            ),
            (
                "dist = default_python_distribution(flavor = 'standalon')\n",
                "1:45",
                "`default_python_distribution: flavor` wants one of",
                "did you mean `standalone`?",
            ),
            (
                "x = default_python_distribution().to_python_executable('a').pip_install('demo')\n",
                "1:73",
                'wants a list, each item a string, got string `"demo"`',
                'put it in brackets: `["demo"]`',
            ),
            (
                "dist = default_python_distribution()\ndist.to_python_executable(\n    'a', config = dist,\n)\n",
                "3:19",
                "got a `PythonDistribution`",
                "",
            ),
            (
                "print('é', default_python_distribution().nope)\n",
                "1:42",
                "`PythonDistribution` has no attribute `nope`",
                "",
            ),
            ("def f():\n    x = [1]\n    return x[3]\nregister_target('a', f)\n", "3:12", "there is no item 3", ""),
            ("x = glob2(['a'])\n", "1:5", "`glob2` is not defined", "did you mean `glob`?"),
            ("register_target('a', 3)\n", "1:22", "`register_target: callable` wants a function, got int `3`", ""),
            ("resolve_target('nope')\n", "1:1", "there is no target `nope`", ""),
            ("x = FileManifest().add_file\nx()\n", "2:1", "lacks the argument `content`", ""),
            ("FileManifest().paths = 3\n", "1:16", "is a method, which cannot be assigned to", ""),
            ("load('x.bzl', 'y')\n", "1:1", "`load` is not possible", "put all into one file"),
            ("import os\n", "1:1", "Starlark has no `import`", ""),
        ],
    )
    def test_a_mistake_is_shown_where_it_stands(self, text: str, place: str, message: str, hint: str) -> None:
        shown = error(text)
        assert message in shown
        assert f"pyoxidizer.bzl:{place}\n" in shown
        assert hint in shown
        assert "builtin" not in shown
        assert "__" not in shown

    def test_calls_that_led_there(self) -> None:
        shown = error("def f():\n    return default_python_distribution().nope\nregister_target('a', f)\nresolve_targets()\n")
        assert "called from pyoxidizer.bzl:4" in shown

    def test_a_circle(self) -> None:
        text = "def f(x):\n    return x\nregister_target('a', f, depends = ['b'])\nregister_target('b', f, depends = ['a'])\n"
        assert "targets depend on each other: `a` -> `b` -> `a`" in error(text)

    def test_a_file_without_permission(self) -> None:
        text = HEAD + TO_EXE + "    for r in exe.pip_install(['demo']):\n        exe.add_python_resource(r)\n" + TAIL
        text = text.replace(
            "    config =", "    policy.file_scanner_emit_files = True\n    policy.include_file_resources = True\n    config ="
        )
        assert "is a `File`, which the packaging policy does not allow" in error(text, answers=Answers(DEMO.packages))
