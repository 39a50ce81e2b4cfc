/* finder.c - finds modules in one folder of the tree. Knows folders and names of files, nothing of sys.meta_path.
 *
 * PathFinder asks one of these for each folder of a package's __path__, or of sys.path, that lies in the executable. */

#include "finder.h"

#include <string.h>

#include "compat.h"
#include "importer.h"
#include "loader.h"
#include "tree.h"

typedef struct {
    PyObject_HEAD
    PyObject *path;             /* filename of the folder, as FileFinder has it */
    PyObject *folder;           /* its path in the tree */
} Finder;

PyObject *
sb_finder_new(struct sb_state *state, PyObject *filename, PyObject *path)
{
    Finder *self = (Finder *)state->finder_type->tp_alloc(state->finder_type, 0);
    if (self != NULL) {
        self->path = Py_NewRef(filename);
        self->folder = Py_NewRef(path);
    }
    return (PyObject *)self;
}

PyObject *
sb_name_tail(PyObject *fullname)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(fullname);
    Py_ssize_t dot = PyUnicode_FindChar(fullname, '.', 0, size, -1);
    return dot == -2 ? NULL : PyUnicode_Substring(fullname, dot + 1, size);
}

/* the module whose file is at `path`, a path of `size` bytes */
static int
module_at(struct sb_state *state, const char *path, size_t size, struct sb_module *module)
{
    struct sb_path found;

    int status = sb_blob_find_path(state->blob, path, size, &found);
    if (status == 1) {
        if (!(found.flags & SB_PATH_FLAG_MODULE)) {
            return 0;
        }
        status = sb_blob_module(state->blob, found.module, module);
        if (status == 0) {
            status = -1;
        }
    }
    return status;
}

/* the suffixes of modules' files (borrowed list of str), as importlib tries them: those of extension modules come first */
static PyObject *
module_suffixes(struct sb_state *state)
{
    if (state->suffixes != NULL) {
        return state->suffixes;
    }
    PyObject *source = PyUnicode_FromString(".py");
    PyObject *suffixes = source ? PyList_New(0) : NULL;
    /* An extension module lies on disk, and so in a location; without any there is none to be found. */
    if (suffixes != NULL && sb_blob_count(state->blob, SB_SECTION_LOCATIONS) > 0) {
        PyObject *function = sb_import_attribute("_imp", "extension_suffixes");
        Py_SETREF(suffixes, function ? PyObject_CallNoArgs(function) : NULL);
        Py_XDECREF(function);
    }
    if (suffixes != NULL && PyList_Append(suffixes, source) < 0) {
        Py_CLEAR(suffixes);
    }
    Py_XDECREF(source);
    state->suffixes = suffixes;
    return suffixes;
}

/* the module at `path`, of `size` bytes, with one of the suffixes; `path` has room for `room` more */
static int
module_with_suffix(struct sb_state *state, PyObject *suffixes, char *path, size_t size, size_t room,
                   struct sb_module *module)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(suffixes); i++) {
        struct sb_bytes suffix;
        int status = sb_utf8(PyList_GET_ITEM(suffixes, i), &suffix);
        if (status < 0) {
            return -1;
        }
        if (status == 0 || suffix.size > room) {
            continue;
        }
        memcpy(path + size, suffix.data, suffix.size);
        status = module_at(state, path, size + suffix.size, module);
        if (status < 0) {
            sb_raise_damaged();
        }
        if (status != 0) {
            return status;
        }
    }
    return 0;
}

enum sb_found
sb_finder_find(struct sb_state *state, PyObject *folder, PyObject *tail, struct sb_module *module)
{
    static const char init[] = "/__init__";
    const size_t room = 64;     /* for a suffix: those of extension modules name version and platform */
    struct sb_bytes folder_utf8, tail_utf8;
    enum sb_found result = SB_FOUND_ERROR;

    int status = sb_utf8(folder, &folder_utf8);
    if (status == 1) {
        status = sb_utf8(tail, &tail_utf8);
    }
    if (status != 1) {
        return status < 0 ? SB_FOUND_ERROR : SB_FOUND_NOTHING;
    }
    PyObject *suffixes = module_suffixes(state);
    if (suffixes == NULL) {
        return SB_FOUND_ERROR;
    }
    char *path = PyMem_Malloc(folder_utf8.size + 1 + tail_utf8.size + sizeof(init) + room);
    if (path == NULL) {
        PyErr_NoMemory();
        return SB_FOUND_ERROR;
    }
    size_t size = folder_utf8.size;
    memcpy(path, folder_utf8.data, size);
    if (size) {
        path[size++] = '/';
    }
    memcpy(path + size, tail_utf8.data, tail_utf8.size);
    size += tail_utf8.size;
    memcpy(path + size, init, sizeof(init) - 1);
    status = module_with_suffix(state, suffixes, path, size + sizeof(init) - 1, room, module);
    if (status == 0) {
        status = module_with_suffix(state, suffixes, path, size, room, module);
        if (status == 1) {
            /* `import package.__init__` gives another module of that file, and no package. */
            module->flags &= ~SB_MODULE_FLAG_PACKAGE;
        }
    }
    if (status != 0) {
        result = status == 1 ? SB_FOUND_MODULE : SB_FOUND_ERROR;
        goto done;
    }
    status = sb_blob_is_folder(state->blob, path, size);
    result = status == 0 ? SB_FOUND_NOTHING : status == 1 ? SB_FOUND_FOLDER : SB_FOUND_ERROR;
    if (status < 0) {
        sb_raise_damaged();
    }

done:
    PyMem_Free(path);
    return result;
}

static PyObject *
find_spec(Finder *self, PyObject *args)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *fullname;
    PyObject *target = NULL;
    struct sb_module module;
    PyObject *portion = NULL;
    PyObject *spec = NULL;
    PyObject *locations = NULL;

    if (!PyArg_ParseTuple(args, "U|O:find_spec", &fullname, &target)) {
        return NULL;
    }
    PyObject *tail = sb_name_tail(fullname);
    if (tail == NULL) {
        return NULL;
    }
    switch (sb_finder_find(state, self->folder, tail, &module)) {
    case SB_FOUND_ERROR:
        break;
    case SB_FOUND_NOTHING:
        spec = Py_NewRef(Py_None);
        break;
    case SB_FOUND_MODULE:
        spec = sb_loader_make_spec(state, fullname, &module);
        break;
    case SB_FOUND_FOLDER:
        /* No loader, and where the portion is: so PathFinder knows that a namespace package may begin here. */
        spec = PyObject_CallFunction(state->module_spec, "OO", fullname, Py_None);
        portion = PyUnicode_FromFormat("%U/%U", self->path, tail);
        locations = portion ? Py_BuildValue("[O]", portion) : NULL;
        if (spec == NULL || locations == NULL
            || PyObject_SetAttrString(spec, "submodule_search_locations", locations) < 0)
        {
            Py_CLEAR(spec);
        }
        Py_XDECREF(portion);
        Py_XDECREF(locations);
    }
    Py_DECREF(tail);
    return spec;
}

/* The name of the module that a file is by its name, as pkgutil sees it; empty if it is none. */
static PyObject *
module_name_of_file(PyObject *file, struct sb_state *state)
{
    PyObject *suffixes = module_suffixes(state);
    Py_ssize_t size = PyUnicode_GET_LENGTH(file);

    if (suffixes == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(suffixes); i++) {
        PyObject *suffix = PyList_GET_ITEM(suffixes, i);
        if (PyUnicode_Tailmatch(file, suffix, 0, size, 1) == 1) {
            Py_ssize_t stem = size - PyUnicode_GET_LENGTH(suffix);
            PyObject *name = PyUnicode_Substring(file, 0, stem);
            int is_module = name != NULL && PyUnicode_FindChar(file, '.', 0, stem, 1) == -1
                            && PyUnicode_CompareWithASCIIString(name, "__init__") != 0;
            if (name != NULL && !is_module) {
                Py_SETREF(name, PyUnicode_FromString(""));
            }
            return name;
        }
    }
    return PyUnicode_FromString("");
}

/* The name of the module that a child of a folder is, as pkgutil sees it; empty if it is none. `*is_package` is set. */
static PyObject *
module_name_of_child(PyObject *folder, PyObject *child, int is_folder, struct sb_state *state, int *is_package)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(child);

    *is_package = is_folder;
    if (is_folder) {
        struct sb_module module;
        enum sb_found found = SB_FOUND_NOTHING;
        if (PyUnicode_FindChar(child, '.', 0, size, 1) == -1) {
            found = sb_finder_find(state, folder, child, &module);
        }
        if (found == SB_FOUND_ERROR) {
            return NULL;
        }
        if (found == SB_FOUND_MODULE && (module.flags & SB_MODULE_FLAG_PACKAGE)) {
            return Py_NewRef(child);
        }
        return PyUnicode_FromString("");
    }
    return module_name_of_file(child, state);
}

/* the children of a folder, modules without source among them: [(name, is_folder)], sorted */
static PyObject *
children_of(Finder *self, struct sb_state *state)
{
    PyObject *list = PyList_New(0);
    PyObject *prefix = NULL;
    struct sb_bytes utf8;
    struct sb_children children;
    struct sb_child child;

    if (list == NULL) {
        return NULL;
    }
    prefix = PyUnicode_GET_LENGTH(self->folder) ? PyUnicode_FromFormat("%U/", self->folder) : Py_NewRef(self->folder);
    if (prefix == NULL || sb_utf8(prefix, &utf8) != 1) {
        goto fail;
    }
    int status = sb_blob_children(state->blob, SB_SECTION_PATHS, (const char *)utf8.data, utf8.size, &children);
    while (status >= 0 && (status = sb_blob_next_child(&children, &child)) == 1) {
        if (sb_append_child(list, &child) < 0) {
            goto fail;
        }
    }
    if (status < 0) {
        sb_raise_damaged();
        goto fail;
    }
    if (PyList_Sort(list) < 0) {
        goto fail;
    }
    Py_DECREF(prefix);
    return list;

fail:
    Py_XDECREF(prefix);
    Py_DECREF(list);
    return NULL;
}

static PyObject *
iter_modules(Finder *self, PyObject *args)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *prefix = NULL;
    PyObject *children = NULL;
    PyObject *seen = NULL;
    PyObject *modules = NULL;

    if (!PyArg_ParseTuple(args, "|U:iter_modules", &prefix)) {
        return NULL;
    }
    children = children_of(self, state);
    seen = PySet_New(NULL);
    modules = PyList_New(0);
    if (children == NULL || seen == NULL || modules == NULL) {
        goto fail;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(children); i++) {
        PyObject *child = PyList_GET_ITEM(children, i);
        int is_package;
        PyObject *name = module_name_of_child(self->folder, PyTuple_GET_ITEM(child, 0),
                                              PyObject_IsTrue(PyTuple_GET_ITEM(child, 1)), state, &is_package);
        if (name == NULL) {
            goto fail;
        }
        int skip = PyUnicode_GET_LENGTH(name) == 0 ? 1 : PySet_Contains(seen, name);
        if (skip == 0 && PySet_Add(seen, name) == 0) {
            PyObject *shown = prefix ? PyUnicode_Concat(prefix, name) : Py_NewRef(name);
            PyObject *item = shown ? Py_BuildValue("NO", shown, is_package ? Py_True : Py_False) : NULL;
            if (item == NULL || PyList_Append(modules, item) < 0) {
                skip = -1;
            }
            Py_XDECREF(item);
        }
        Py_DECREF(name);
        if (skip < 0 || PyErr_Occurred()) {
            goto fail;
        }
    }
    Py_DECREF(children);
    Py_DECREF(seen);
    return modules;

fail:
    Py_XDECREF(children);
    Py_XDECREF(seen);
    Py_XDECREF(modules);
    return NULL;
}

static PyObject *
invalidate_caches(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    Py_RETURN_NONE;
}

static PyObject *
repr(Finder *self)
{
    return PyUnicode_FromFormat("<staticbuild finder of %R>", self->path);
}

static int
traverse(Finder *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->path);
    Py_VISIT(self->folder);
    return 0;
}

static void
dealloc(Finder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->path);
    Py_XDECREF(self->folder);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"find_spec", (PyCFunction)find_spec, METH_VARARGS, PyDoc_STR("The spec of a module in this folder, or None.")},
    {"iter_modules", (PyCFunction)iter_modules, METH_VARARGS, PyDoc_STR("(name, is_package) of each module here.")},
    {"invalidate_caches", invalidate_caches, METH_NOARGS, PyDoc_STR("Nothing to do: the tree never changes.")},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"path", Py_T_OBJECT_EX, offsetof(Finder, path), Py_READONLY, PyDoc_STR("The folder.")},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, PyDoc_STR("Finds modules in one folder of the executable.")},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_repr, repr},
    {Py_tp_traverse, traverse},
    {Py_tp_dealloc, dealloc},
    {0, NULL},
};

PyType_Spec sb_finder_spec = {
    .name = "_staticbuild.Finder",
    .basicsize = sizeof(Finder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
