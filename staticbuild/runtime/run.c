/* run.c - runs the program that the settings name. Knows entry points and exit codes, nothing of how Python starts. */

#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_interp.h>
#include <internal/pycore_pystate.h>

#include "run.h"

#include <string.h>
#include <unistd.h>

#include "compat.h"
#include "importer.h"
#include "loader.h"
#include "program.h"
#include "tree.h"

/* the dict of the module `__main__`, borrowed */
static PyObject *
main_dict(void)
{
    PyObject *main_module = PyImport_AddModule("__main__");
    return main_module ? PyModule_GetDict(main_module) : NULL;
}

static struct sb_state *
importer_state(PyObject *importer)
{
    return importer ? sb_state_of(importer) : NULL;
}

static PyObject *
get_importer(void)
{
    PyObject *module = PyImport_ImportModule("_staticbuild");
    PyObject *importer = module ? PyObject_GetAttrString(module, "importer") : NULL;
    Py_XDECREF(module);
    return importer;
}

static int
set_item(PyObject *dict, const char *key, PyObject *value)
{
    return PyDict_SetItemString(dict, key, value);
}

/* Run code as `__main__`. */
static PyObject *
run_code(PyObject *code)
{
    PyObject *dict = main_dict();
    return dict ? PyEval_EvalCode(code, dict, dict) : NULL;
}

/* find the spec of a module whose parents are imported; None if there is none */
static PyObject *
find_spec(PyObject *name)
{
    PyObject *path = Py_NewRef(Py_None);
    PyObject *spec = NULL;
    PyObject *bootstrap = NULL;
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);

    if (dot > 0) {
        PyObject *parent_name = PyUnicode_Substring(name, 0, dot);
        PyObject *parent = parent_name ? PyImport_Import(parent_name) : NULL;
        Py_XDECREF(parent);
        parent = parent ? PyImport_GetModule(parent_name) : NULL;
        Py_XDECREF(parent_name);
        Py_DECREF(path);
        path = parent ? PyObject_GetAttrString(parent, "__path__") : NULL;
        Py_XDECREF(parent);
        if (path == NULL) {
            if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
                PyErr_Clear();
                Py_RETURN_NONE;
            }
            return NULL;
        }
    }
    bootstrap = PyImport_ImportModule("_frozen_importlib");
    if (bootstrap != NULL) {
        spec = PyObject_CallMethod(bootstrap, "_find_spec", "OO", name, path);
        Py_DECREF(bootstrap);
    }
    Py_DECREF(path);
    return spec;
}

/* the spec of what runs for `name`: the module itself, or the `__main__` of a package */
static PyObject *
find_main_spec(PyObject *name)
{
    PyObject *spec = find_spec(name);
    if (spec == NULL || spec == Py_None) {
        return spec;
    }
    PyObject *locations = PyObject_GetAttrString(spec, "submodule_search_locations");
    if (locations == NULL || locations == Py_None) {
        Py_XDECREF(locations);
        if (locations == NULL) {
            Py_CLEAR(spec);
        }
        return spec;
    }
    Py_DECREF(locations);
    Py_DECREF(spec);
    PyObject *inner = PyUnicode_FromFormat("%U.__main__", name);
    spec = inner ? find_spec(inner) : NULL;
    Py_XDECREF(inner);
    return spec;
}

/* make `__main__` what `python -m` makes of it */
static int
set_main(PyObject *spec, PyObject *loader)
{
    static const char *const pairs[][2] = {{"__file__", "origin"}, {"__package__", "parent"}};
    PyObject *dict = main_dict();

    if (dict == NULL) {
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        PyObject *value = PyObject_GetAttrString(spec, pairs[i][1]);
        int status = value ? set_item(dict, pairs[i][0], value) : -1;
        Py_XDECREF(value);
        if (status < 0) {
            return -1;
        }
    }
    if (set_item(dict, "__cached__", Py_None) < 0 || set_item(dict, "__loader__", loader) < 0
        || set_item(dict, "__spec__", spec) < 0)
    {
        return -1;
    }
    return 0;
}

/* `pkg.mod`, as `python -m` runs it, but without `runpy`, which would cost a third of the start */
static PyObject *
run_module(PyObject *name)
{
    PyObject *loader = NULL;
    PyObject *spec_name = NULL;
    PyObject *code = NULL;
    PyObject *result = NULL;

    if (PySys_Audit("cpython.run_module", "O", name) < 0) {
        return NULL;
    }
    PyObject *spec = find_main_spec(name);
    if (spec == NULL) {
        return NULL;
    }
    if (spec == Py_None) {
        PyErr_Format(PyExc_ImportError, "this executable has no module %R that could be run", name);
        goto done;
    }
    loader = PyObject_GetAttrString(spec, "loader");
    spec_name = PyObject_GetAttrString(spec, "name");
    code = loader && spec_name ? PyObject_CallMethod(loader, "get_code", "O", spec_name) : NULL;
    if (code == NULL) {
        goto done;
    }
    if (!PyCode_Check(code)) {
        PyErr_Format(PyExc_ImportError, "module %R has no Python code to run", name);
        goto done;
    }
    if (set_main(spec, loader) == 0) {
        result = run_code(code);
    }

done:
    Py_XDECREF(spec);
    Py_XDECREF(loader);
    Py_XDECREF(spec_name);
    Py_XDECREF(code);
    return result;
}

/* `pkg.mod:func.attribute`: import, call, and end with what it returns as sys.exit() would */
static PyObject *
run_function(PyObject *module_name, PyObject *function_name)
{
    PyObject *parts = NULL;
    PyObject *object = NULL;
    PyObject *result = NULL;
    PyObject *imported = PyImport_Import(module_name);

    if (imported == NULL) {
        return NULL;
    }
    Py_DECREF(imported);
    object = PyImport_GetModule(module_name);
    parts = object ? PyObject_CallMethod(function_name, "split", "s", ".") : NULL;
    for (Py_ssize_t i = 0; parts != NULL && object != NULL && i < PyList_GET_SIZE(parts); i++) {
        Py_SETREF(object, PyObject_GetAttr(object, PyList_GET_ITEM(parts, i)));
    }
    if (parts != NULL && object != NULL) {
        result = PyObject_CallNoArgs(object);
    }
    Py_XDECREF(parts);
    Py_XDECREF(object);
    if (result != NULL && result != Py_None) {
        PyErr_SetObject(PyExc_SystemExit, result);
        Py_CLEAR(result);
    }
    return result;
}

static PyObject *
run_entry_point(PyObject *entry)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(entry);
    Py_ssize_t colon = PyUnicode_FindChar(entry, ':', 0, size, 1);

    if (colon < 0) {
        return run_module(entry);
    }
    PyObject *module = PyUnicode_Substring(entry, 0, colon);
    PyObject *function = PyUnicode_Substring(entry, colon + 1, size);
    PyObject *result = module && function ? run_function(module, function) : NULL;
    Py_XDECREF(module);
    Py_XDECREF(function);
    return result;
}

static PyObject *
run_command(PyObject *command)
{
    PyObject *result = NULL;

    if (PySys_Audit("cpython.run_command", "O", command) < 0) {
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8(command);
    if (text == NULL) {
        return NULL;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags |= PyCF_IGNORE_COOKIE;
    PyObject *code = Py_CompileStringExFlags(text, "<string>", Py_file_input, &flags, -1);
    if (code != NULL) {
        result = run_code(code);
        Py_DECREF(code);
    }
    return result;
}

/* a loader of the script at a path of the tree: a module's source or another file */
static PyObject *
script_loader(struct sb_state *state, PyObject *path, PyObject *name)
{
    struct sb_bytes utf8;
    struct sb_path file;
    struct sb_module module;

    int status = sb_utf8(path, &utf8);
    if (status < 0) {
        return NULL;
    }
    if (status == 1) {
        status = sb_blob_find_path(state->blob, (const char *)utf8.data, utf8.size, &file);
    }
    if (status == 1 && file.flags & SB_PATH_FLAG_MODULE) {
        status = sb_blob_module(state->blob, file.module, &module) == 1 ? 1 : -1;
    }
    if (status < 0) {
        return sb_raise_damaged();
    }
    if (status == 0) {
        PyErr_Format(PyExc_ImportError, "this executable has no file %R that could be run", path);
        return NULL;
    }
    return file.flags & SB_PATH_FLAG_MODULE ? sb_loader_new(state, name, &module)
                                             : sb_loader_of_file(state, name, &file);
}

static PyObject *
run_file(PyObject *path)
{
    PyObject *name = NULL;
    PyObject *loader = NULL;
    PyObject *code = NULL;
    PyObject *result = NULL;
    PyObject *importer = get_importer();
    PyObject *dict = main_dict();

    if (importer == NULL || dict == NULL) {
        goto done;
    }
    name = PyUnicode_InternFromString("__main__");
    loader = name ? script_loader(importer_state(importer), path, name) : NULL;
    if (loader == NULL) {
        goto done;
    }
    PyObject *filename = sb_loader_filename(loader);
    if (PySys_Audit("cpython.run_file", "O", filename) < 0) {
        goto done;
    }
    code = sb_loader_code(loader);
    if (code == NULL || set_item(dict, "__file__", filename) < 0 || set_item(dict, "__cached__", Py_None) < 0
        || set_item(dict, "__loader__", loader) < 0)
    {
        goto done;
    }
    result = run_code(code);

done:
    Py_XDECREF(importer);
    Py_XDECREF(name);
    Py_XDECREF(loader);
    Py_XDECREF(code);
    return result;
}

static PyObject *
run_multiprocessing(const char *command)
{
    PyObject *text = PyUnicode_DecodeFSDefault(command);
    PyObject *result = text ? sb_support_call("run_multiprocessing", text) : NULL;
    Py_XDECREF(text);
    return result;
}

static PyObject *
run_program(void)
{
    static const struct {
        const char *key;
        PyObject *(*run)(PyObject *);
    } ways[] = {
        {"entry_point", run_entry_point},
        {"command", run_command},
        {"file", run_file},
    };

    const char *command = sb_program_multiprocessing();
    if (command != NULL) {
        return run_multiprocessing(command);
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(ways); i++) {
        size_t size;
        const char *value = sb_setting(ways[i].key, &size);
        if (size) {
            PyObject *text = PyUnicode_DecodeUTF8(value, (Py_ssize_t)size, "strict");
            PyObject *result = text ? ways[i].run(text) : NULL;
            Py_XDECREF(text);
            return result;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "this executable was built without `entry_point`, `command` or `file`");
    return NULL;
}

/* The exit code of a pending SystemExit, as CPython reads it; prints what is neither number nor None. */
static int
exit_code_of_system_exit(void)
{
    int code = 1;
    PyObject *error = PyErr_GetRaisedException();
    PyObject *value = PyObject_GetAttrString(error, "code");

    if (value == NULL) {
        PyErr_Clear();
    }
    else if (value == Py_None) {
        code = 0;
    }
    else if (PyLong_Check(value)) {
        code = (int)PyLong_AsLong(value);
        PyErr_Clear();
    }
    else {
        PyObject *out = PySys_GetObject("stderr");
        if (out != NULL && out != Py_None) {
            PyFile_WriteObject(value, out, Py_PRINT_RAW);
        }
        else {
            PyObject_Print(value, stderr, Py_PRINT_RAW);
            fflush(stderr);
        }
        PyErr_Clear();
        PySys_WriteStderr("\n");
    }
    Py_XDECREF(value);
    Py_DECREF(error);
    return code;
}

/* Shall an interactive session follow? As in python, the program itself may still ask for it by PYTHONINSPECT. */
static int
wants_session(PyConfig *config)
{
    const char *asked = config->use_environment ? getenv("PYTHONINSPECT") : NULL;

    return (config->inspect || (asked != NULL && asked[0] != '\0')) && (config->interactive || isatty(fileno(stdin)));
}

static int
run_session(PyConfig *config)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;

    config->inspect = 0;
    Py_XDECREF(PyImport_ImportModule("readline"));
    PyErr_Clear();
    return PyRun_AnyFileExFlags(stdin, "<stdin>", 0, &flags) != 0;
}

/* Print what ended the program; its exit code. */
static int
finish_error(PyConfig *config, int *interrupted)
{
    PyObject *type = PyErr_Occurred();

    if (wants_session(config)) {
        /* so that SystemExit is printed and ends nothing */
        config->inspect = 1;
    }
    else if (PyErr_GivenExceptionMatches(type, PyExc_SystemExit)) {
        return exit_code_of_system_exit();
    }
    else {
        *interrupted = type == PyExc_KeyboardInterrupt;
    }
    PyErr_Print();
    return 1;
}

int
sb_run(int *interrupted)
{
    int code = 0;

#if PY_VERSION_HEX >= 0x030d0000
    /* so that the module `_interpreters` knows that the first interpreter is in use */
    if (_PyInterpreterState_SetRunningMain(PyInterpreterState_Get()) < 0) {
        PyErr_Clear();
    }
#endif
    PyConfig *config = (PyConfig *)_PyInterpreterState_GetConfig(PyInterpreterState_Get());
    PyObject *result = run_program();
    Py_XDECREF(result);
    if (result == NULL) {
        code = finish_error(config, interrupted);
    }
    if (wants_session(config)) {
        code = run_session(config);
    }
#if PY_VERSION_HEX >= 0x030d0000
    _PyInterpreterState_SetNotRunningMain(PyInterpreterState_Get());
#endif
    return code;
}
