# ruff: noqa: INP001, ANN401, PLC0415 - runs inside of the executable, where an import that is not needed costs a start
"""The parts of the run time that few programs use and that read better in Python. Knows the tree, not the blob.

Imported by the importer in C when first needed; runs inside the executable, with its Python.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_file(filename: str) -> bytes:
    """Read a file outside of the executable, for `Loader.get_data`."""
    import io

    with io.open_code(filename) as file:
        return file.read()


def resource_reader(loader: Any) -> Any:
    """What `importlib.resources` reads the data beside `loader`'s module with."""
    import _staticbuild_resources

    return _staticbuild_resources.reader(loader)


def find_distributions(context: Any) -> Any:
    """What `importlib.metadata` finds in the executable."""
    import _staticbuild_metadata

    return _staticbuild_metadata.find(context)


def complete_linecache(linecache: Any) -> None:
    """Let `linecache` find the executable's sources by their filename alone, as it finds files.

    Tracebacks bring the module along that a line is from. Warnings, `pdb` and `tracemalloc` do not.
    """
    import _frozen_importlib_external as external

    import _staticbuild

    update = linecache.updatecache

    def updatecache(filename: str, module_globals: Any = None) -> list[str]:
        lines: list[str] = update(filename, module_globals)
        path = _staticbuild.path(filename) if not lines and isinstance(filename, str) else None
        data = _staticbuild.read(path) if path is not None else None
        if data is None:
            return lines
        try:
            lines = [line + "\n" for line in external.decode_source(data).splitlines()]
        except (SyntaxError, UnicodeDecodeError):
            return []
        # Without a time, checkcache() takes the entry for one that is always right. This one is.
        linecache.cache[filename] = (len(data), None, lines, filename)
        return lines

    updatecache.__doc__ = update.__doc__
    linecache.updatecache = updatecache


def run_multiprocessing(command: str) -> None:
    """Be the process that `multiprocessing` meant to start: with `--multiprocessing-fork`, or with code for `-c`."""
    if command == "--multiprocessing-fork":
        from multiprocessing.spawn import freeze_support

        # It reads the numbers of the pipes from sys.argv and ends the process.
        freeze_support()
        return
    module, function, arguments, keywords = _parse_call(command)
    # What follows the code is the code's own, as with `python -c`.
    sys.argv[:] = ["-c", *sys.argv[sys.argv.index(command) + 1 :]]
    __import__(module)
    getattr(sys.modules[module], function)(*arguments, **keywords)


def _parse_call(command: str) -> tuple[str, str, list[Any], dict[str, Any]]:
    """Take `from MODULE import main; main(…)` apart. Only literals pass: a command line may not bring code of its own."""
    import ast

    try:
        imported, expression = ast.parse(command).body
        call = expression.value  # type: ignore[attr-defined]
        arguments = [ast.literal_eval(argument) for argument in call.args]
        keywords: dict[str, Any] = {}
        for keyword in call.keywords:
            value = ast.literal_eval(keyword.value)
            keywords.update(value if keyword.arg is None else {keyword.arg: value})
        module, function = imported.module, imported.names[0].name  # type: ignore[attr-defined]
    except (AttributeError, SyntaxError, ValueError) as error:
        message = "this is no command of multiprocessing"
        raise SystemExit(message) from error
    return module, function, arguments, keywords


def refuse_trimmed(name: str) -> None:
    """Say of a module that `trim` left out that it did, where something imports it and nothing else has it.

    Who only asks whether there is such a module (`importlib.util.find_spec`) gets the usual answer.
    """
    import _staticbuild

    # This function, importlib's loop over finders, and who calls that.
    importing = sys._getframe(2).f_code.co_name == "_find_and_load_unlocked"  # noqa: SLF001 - no other way
    listed = _staticbuild.read("lib/_staticbuild_trimmed.txt") if importing else None
    if listed is None:
        return
    names = set(listed.decode().split("\n"))
    outer = name
    while outer and outer not in names:
        outer = outer.rpartition(".")[0]
    if outer:
        message = f'No module named {name!r}: `trim` left it out of this executable; `trim_keep = ["{name}"]` keeps it'
        raise ModuleNotFoundError(message, name=name)


def record_modules(path: str) -> None:
    """Add the names of the imported modules to a file when the program ends, for `trim_record`."""
    import atexit

    def write() -> None:
        names = {name for name in sys.modules if name != "__main__"}
        try:
            with open(path, encoding="utf-8") as file:
                names.update(file.read().split())
        except FileNotFoundError:
            pass
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(f"{name}\n" for name in sorted(names))

    atexit.register(write)


def add_site_folders(folders: list[str]) -> None:
    """Add folders of the host to `sys.path`, with what their .pth files say."""
    import site

    for folder in folders:
        site.addsitedir(folder)
