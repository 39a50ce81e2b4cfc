/* module.c - the extension module `_staticbuild`. Knows what it is made of; its parts are files of their own. */

#include "state.h"

#include "compat.h"
#include "files.h"
#include "importer.h"
#include "memory.h"
#include "os.h"
#include "program.h"
#include "tree.h"

PyObject *
sb_raise_damaged(void)
{
    PyErr_SetString(PyExc_ImportError, "the resources in this executable are damaged");
    return NULL;
}

PyObject *
sb_support_call(const char *function, PyObject *argument)
{
    PyObject *support = PyImport_ImportModule("_staticbuild_support");
    if (support == NULL) {
        return NULL;
    }
    PyObject *result = PyObject_CallMethod(support, function, "O", argument);
    Py_DECREF(support);
    return result;
}

static struct sb_state *
state_of(PyObject *module)
{
    return (struct sb_state *)PyModule_GetState(module);
}

static PyObject *
get_path(PyObject *module, PyObject *filename)
{
    return sb_tree_path(state_of(module), filename);
}

static PyObject *
check_text(PyObject *argument)
{
    if (!PyUnicode_Check(argument)) {
        PyErr_Format(PyExc_TypeError, "a path must be str, not %.100s", Py_TYPE(argument)->tp_name);
        return NULL;
    }
    return argument;
}

static PyObject *
get_kind(PyObject *module, PyObject *argument)
{
    return check_text(argument) ? sb_tree_kind(state_of(module), argument) : NULL;
}

static PyObject *
get_contents(PyObject *module, PyObject *argument)
{
    return check_text(argument) ? sb_tree_read(state_of(module), argument) : NULL;
}

static PyObject *
get_list(PyObject *module, PyObject *argument)
{
    return check_text(argument) ? sb_tree_list(state_of(module), argument) : NULL;
}

/* view(path): the contents of a file, where they are if they are not compressed, or None */
static PyObject *
get_view(PyObject *module, PyObject *argument)
{
    struct sb_bytes name;
    struct sb_path found;
    int status = check_text(argument) ? sb_utf8(argument, &name) : -1;

    if (status == 1) {
        status = sb_blob_find_path(state_of(module)->blob, (const char *)name.data, name.size, &found);
        if (status < 0) {
            return sb_raise_damaged();
        }
    }
    if (status < 0) {
        return NULL;
    }
    if (status == 0 || found.data.data == NULL) {
        Py_RETURN_NONE;
    }
    if (found.flags & SB_PATH_FLAG_COMPRESSED) {
        PyObject *contents = sb_contents(found.data, 1);
        PyObject *view = contents ? PyMemoryView_FromObject(contents) : NULL;
        Py_XDECREF(contents);
        return view;
    }
    return PyMemoryView_FromMemory((char *)(uintptr_t)found.data.data, (Py_ssize_t)found.data.size, PyBUF_READ);
}

static PyObject *
get_location(PyObject *module, PyObject *argument)
{
    unsigned long number = PyLong_AsUnsignedLong(argument);
    if (PyErr_Occurred()) {
        return NULL;
    }
    return sb_files_describe(state_of(module), number > UINT32_MAX ? UINT32_MAX : (uint32_t)number);
}

static PyObject *
get_location_of(PyObject *module, PyObject *argument)
{
    struct sb_bytes path;
    uint32_t location = 0;
    int status = check_text(argument) ? sb_utf8(argument, &path) : -1;

    if (status < 0 || (status == 1 && sb_files_location_of(state_of(module), path, &location) < 0)) {
        return NULL;
    }
    return location == 0 ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(location - 1);
}

static PyObject *
memory_file(PyObject *module, PyObject *argument)
{
    return check_text(argument) ? sb_memory_filename(state_of(module), argument) : NULL;
}

static PyObject *
load_library(PyObject *module, PyObject *argument)
{
    (void)module;
    return check_text(argument) ? sb_memory_load(argument) : NULL;
}

static PyObject *
is_same(PyObject *module, PyObject *args)
{
    int descriptor;
    int same;
    Py_buffer contents;

    (void)module;
    if (!PyArg_ParseTuple(args, "iy*:same", &descriptor, &contents)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    same = sb_os_same_contents(descriptor, contents.buf, (size_t)contents.len);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&contents);
    return same < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyBool_FromLong(same);
}

/* all pairs of a section, as a list of (str, str) */
static PyObject *
pairs(PyObject *module, enum sb_section section)
{
    const struct sb_blob *blob = state_of(module)->blob;
    PyObject *result = PyList_New(0);
    struct sb_pair pair;
    int status = 0;

    for (uint32_t i = 0; result != NULL && (status = sb_blob_pair(blob, section, i, &pair)) == 1; i++) {
        PyObject *item = Py_BuildValue("NN", sb_text(pair.key), sb_text(pair.value));
        if (item == NULL || PyList_Append(result, item) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(item);
    }
    if (status < 0) {
        Py_CLEAR(result);
        sb_raise_damaged();
    }
    return result;
}

static PyObject *
distributions(PyObject *module, PyObject *ignored)
{
    (void)ignored;
    return pairs(module, SB_SECTION_DISTRIBUTIONS);
}

static PyObject *
settings(PyObject *module, PyObject *ignored)
{
    (void)ignored;
    return pairs(module, SB_SECTION_SETTINGS);
}

/* what stands last on sys.meta_path of a program that was trimmed: a finder that finds nothing, and may say why */
static PyObject *
find_trimmed(PyObject *module, PyObject *args)
{
    PyObject *name;
    PyObject *path;
    PyObject *target;

    (void)module;
    if (!PyArg_ParseTuple(args, "U|OO:find_spec", &name, &path, &target)) {
        return NULL;
    }
    return sb_support_call("refuse_trimmed", name);
}

static PyMethodDef methods[] = {
    {"path", get_path, METH_O, PyDoc_STR("path(filename): its path in the executable's tree, or None if it is not there")},
    {"kind", get_kind, METH_O, PyDoc_STR("kind(path): 'file', 'folder' or None")},
    {"read", get_contents, METH_O, PyDoc_STR("read(path): the contents of a file, or None")},
    {"view", get_view, METH_O, PyDoc_STR("view(path): the contents of a file as a memoryview, of the blob itself if it can be, or None")},
    {"location", get_location, METH_O,
     PyDoc_STR("location(number): (name, folder, beside, [(path, executable)]) of files that are on disk")},
    {"location_of", get_location_of, METH_O, PyDoc_STR("location_of(path): the number of a file's location, or None")},
    {"same", is_same, METH_VARARGS, PyDoc_STR("same(descriptor, contents): whether an open file holds just that")},
    {"memory_file", memory_file, METH_O,
     PyDoc_STR("memory_file(path): a filename for the system's loader of a copy in memory")},
    {"load_library", load_library, METH_O, PyDoc_STR("load_library(filename): load a shared library")},
    {"list", get_list, METH_O, PyDoc_STR("list(path): (name, is_folder) of each child of a folder, sorted")},
    {"distributions", distributions, METH_NOARGS, PyDoc_STR("(normalised name, folder) of each project with metadata")},
    {"settings", settings, METH_NOARGS, PyDoc_STR("(key, value) of each setting that is not at its default")},
    {"find_trimmed", find_trimmed, METH_VARARGS, PyDoc_STR("raises ModuleNotFoundError for what `trim` left out")},
    {"zip_hook", sb_zip_hook, METH_O, PyDoc_STR("zipimport.zipimporter, imported at the first call")},
    {NULL, NULL, 0, NULL},
};

static PyTypeObject *
make_type(PyObject *module, PyType_Spec *spec)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    if (type != NULL && PyModule_AddType(module, type) < 0) {
        Py_CLEAR(type);
    }
    return type;
}

/* The class of our specs. Those of importlib think of a pyc file in `__pycache__` when `cached` is asked for; there is
 * none, and to make up its name would take a part of the time of each import. */
static PyObject *
make_spec_class(void)
{
    PyObject *base = sb_import_attribute("_frozen_importlib", "ModuleSpec");
    if (base == NULL) {
        return NULL;
    }
    return PyObject_CallFunction((PyObject *)&PyType_Type, "s(N){s:s,s:O}", "ModuleSpec", base,
                                 "__module__", "_staticbuild", "cached", Py_None);
}

static int
execute(PyObject *module)
{
    struct sb_state *state = state_of(module);

    state->blob = &sb_program.blob;
    /* Not sys.executable: it is set only after our modules can be imported. Without any name, files lie below "/". */
    state->executable = PyUnicode_DecodeFSDefault(sb_program.executable ? sb_program.executable : "");
    state->importer_type = make_type(module, &sb_importer_spec);
    state->finder_type = make_type(module, &sb_finder_spec);
    state->loader_type = make_type(module, &sb_loader_spec);
    state->module_spec = make_spec_class();
    state->call_with_frames_removed = sb_import_attribute("_frozen_importlib", "_call_with_frames_removed");
    state->exec = sb_import_attribute("builtins", "exec");
    state->spec_names = Py_BuildValue("(s)", "origin");
    if (state->executable == NULL || state->importer_type == NULL || state->finder_type == NULL
        || state->loader_type == NULL || state->module_spec == NULL || state->call_with_frames_removed == NULL
        || state->exec == NULL || state->spec_names == NULL)
    {
        return -1;
    }
    state->importer = sb_importer_new(state);
    if (PyModule_AddObjectRef(module, "executable", state->executable) < 0) {
        return -1;
    }
    return PyModule_AddObjectRef(module, "importer", state->importer);
}

static int
traverse(PyObject *module, visitproc visit, void *arg)
{
    struct sb_state *state = state_of(module);
    Py_VISIT(state->executable);
    Py_VISIT(state->importer_type);
    Py_VISIT(state->finder_type);
    Py_VISIT(state->loader_type);
    Py_VISIT(state->importer);
    Py_VISIT(state->module_spec);
    Py_VISIT(state->call_with_frames_removed);
    Py_VISIT(state->exec);
    Py_VISIT(state->spec_names);
    Py_VISIT(state->suffixes);
    Py_VISIT(state->roots);
    return 0;
}

static int
clear(PyObject *module)
{
    struct sb_state *state = state_of(module);
    Py_CLEAR(state->executable);
    Py_CLEAR(state->importer_type);
    Py_CLEAR(state->finder_type);
    Py_CLEAR(state->loader_type);
    Py_CLEAR(state->importer);
    Py_CLEAR(state->module_spec);
    Py_CLEAR(state->call_with_frames_removed);
    Py_CLEAR(state->exec);
    Py_CLEAR(state->spec_names);
    Py_CLEAR(state->suffixes);
    Py_CLEAR(state->roots);
    return 0;
}

static void
release(void *module)
{
    clear((PyObject *)module);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    SB_PER_INTERPRETER_GIL
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_staticbuild",
    .m_doc = PyDoc_STR("What this executable carries."),
    .m_size = sizeof(struct sb_state),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC
PyInit__staticbuild(void)
{
    return PyModuleDef_Init(&definition);
}
