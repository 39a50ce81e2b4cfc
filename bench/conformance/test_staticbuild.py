# mypy: ignore-errors
"""The importer of an executable, as a test of the regression suite: run again and again with `-R`, to find leaks."""

import contextlib
import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import io
import linecache
import pickle
import pkgutil
import runpy
import sys
import threading
import unittest
import zipfile

import _staticbuild
from test.support import import_helper, os_helper

# A module, a package, a submodule, and one that has data beside it.
NAMES = ("colorsys", "wsgiref", "wsgiref.headers", "pydoc_data")


class ImporterTest(unittest.TestCase):
    def test_found_by_us(self):
        for name in NAMES:
            self.assertIs(type(importlib.util.find_spec(name).loader), _staticbuild.Loader)

    def test_import_and_forget(self):
        for name in NAMES:
            with import_helper.CleanImport(*NAMES):
                self.assertEqual(importlib.import_module(name).__name__, name)

    def test_reload(self):
        import colorsys

        self.assertIs(importlib.reload(colorsys), colorsys)

    def test_missing(self):
        for name in ("nothing_of_that_name", "wsgiref.nothing", "colorsys.nothing"):
            with contextlib.suppress(ModuleNotFoundError):
                importlib.util.find_spec(name)

    def test_loader(self):
        for name in NAMES:
            spec = importlib.util.find_spec(name)
            loader = spec.loader
            self.assertTrue(loader.get_code(name).co_filename.endswith(".py"))
            self.assertIsInstance(loader.get_source(name), str)
            self.assertEqual(loader.get_filename(name), spec.origin)
            self.assertEqual(loader.is_package(name), spec.submodule_search_locations is not None)
            self.assertIsInstance(loader.get_data(spec.origin), bytes)
            self.assertEqual(loader, importlib.util.find_spec(name).loader)
            self.assertIsInstance(repr(loader) + repr(spec), str)
            with self.assertRaises(ImportError):
                loader.get_code("another")
            with self.assertRaises(OSError):
                loader.get_data(spec.origin + ".missing")

    def test_module_from_spec(self):
        spec = importlib.util.find_spec("colorsys")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.assertEqual(module.rgb_to_hls(0, 0, 0), (0.0, 0.0, 0.0))

    def test_runpy(self):
        self.assertIn("rgb_to_hls", runpy.run_module("colorsys"))

    def test_pkgutil(self):
        import wsgiref

        self.assertIn("headers", [module.name for module in pkgutil.iter_modules(wsgiref.__path__)])
        self.assertIn("colorsys", [module.name for module in pkgutil.iter_modules()])
        self.assertIn("wsgiref.types", [module.name for module in pkgutil.walk_packages(wsgiref.__path__, "wsgiref.")])
        self.assertIn(b"font", pkgutil.get_data("pydoc_data", "_pydoc.css"))

    def test_resources(self):
        files = importlib.resources.files("pydoc_data")
        self.assertIn("_pydoc.css", sorted(child.name for child in files.iterdir()))
        css = files / "_pydoc.css"
        self.assertEqual(css.read_bytes(), css.read_text(encoding="utf-8").encode())
        with css.open("rb") as stream, importlib.resources.as_file(css) as path:
            self.assertEqual(path.read_bytes(), stream.read())
        self.assertFalse((files / "missing" / "more").is_file())

    def test_metadata(self):
        self.assertIsInstance([found.metadata["Name"] for found in importlib.metadata.distributions()], list)
        with self.assertRaises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.version("no-such-project")

    def test_linecache(self):
        import colorsys

        linecache.clearcache()
        self.assertTrue(linecache.getline(colorsys.__file__, 1).startswith('"""'))
        linecache.clearcache()

    def test_paths_beside(self):
        with os_helper.temp_cwd() as folder, import_helper.DirsOnSysPath(folder), import_helper.CleanImport("beside", "zipped"):
            with open("beside.py", "w", encoding="utf-8") as stream:
                stream.write("x = 1\n")
            with zipfile.ZipFile("more.zip", "w") as archive:
                archive.writestr("zipped.py", "x = 2\n")
            sys.path.append("more.zip")
            importlib.invalidate_caches()
            self.assertEqual(importlib.import_module("beside").x + importlib.import_module("zipped").x, 3)

    def test_threads(self):
        failures = []

        def work():
            try:
                for name in NAMES:
                    importlib.import_module(name)
                    importlib.util.find_spec(name)
            except Exception as error:
                failures.append(error)

        with import_helper.CleanImport(*NAMES):
            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])

    def test_subinterpreter(self):
        interpreters = import_helper.import_module("_interpreters")
        number = interpreters.create()
        try:
            self.assertIsNone(interpreters.run_string(number, "import colorsys, wsgiref.headers, importlib.resources"))
        finally:
            interpreters.destroy(number)

    def test_wrong_arguments(self):
        importer = _staticbuild.importer
        for arguments in ((), (1,), ("a", "b", "c", "d")):
            with self.assertRaises(TypeError):
                importer.find_spec(*arguments)
        self.assertIsNone(importer.find_spec("colorsys", []))
        self.assertIsNone(importer.find_spec("colorsys", ["/nowhere"]))
        with self.assertRaises(TypeError):
            pickle.dump(importer, io.BytesIO())


if __name__ == "__main__":
    unittest.main()
