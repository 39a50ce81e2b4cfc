/* importer.c - the finder on sys.meta_path. Knows names, and which of them are ours; folders are finder.c's affair.
 *
 * Modules are found by name in one step. Where a package's __path__ was extended to folders outside of the executable,
 * the importer steps aside, and importlib's PathFinder asks all folders in their order, ours by the path hook. */

#include "importer.h"

#include <string.h>

#include "finder.h"
#include "loader.h"
#include "program.h"
#include "tree.h"

typedef struct {
    PyObject_HEAD
} Importer;

PyObject *
sb_importer_new(struct sb_state *state)
{
    return state->importer_type->tp_alloc(state->importer_type, 0);
}

int
sb_importer_find(struct sb_state *state, PyObject *name, struct sb_module *module)
{
    struct sb_bytes utf8;

    int status = sb_utf8(name, &utf8);
    if (status == 1) {
        status = sb_blob_find_module(state->blob, (const char *)utf8.data, utf8.size, module);
        if (status < 0) {
            sb_raise_damaged();
        }
    }
    return status;
}

PyObject *
sb_import_attribute(const char *module, const char *name)
{
    PyObject *imported = PyImport_ImportModule(module);
    PyObject *attribute = imported ? PyObject_GetAttrString(imported, name) : NULL;
    Py_XDECREF(imported);
    return attribute;
}

/* what PathFinder makes of a name: a spec or None */
static PyObject *
ask_path_finder(PyObject *name, PyObject *path)
{
    PyObject *finder = sb_import_attribute("_frozen_importlib_external", "PathFinder");
    PyObject *spec = finder ? PyObject_CallMethod(finder, "find_spec", "OO", name, path) : NULL;
    Py_XDECREF(finder);
    return spec;
}

/* Append what is not yet there. */
static int
extend_unique(PyObject *list, PyObject *more)
{
    PyObject *iterator = PyObject_GetIter(more);
    PyObject *item;

    if (iterator == NULL) {
        return -1;
    }
    while ((item = PyIter_Next(iterator)) != NULL) {
        int known = PySequence_Contains(list, item);
        if (known < 0 || (known == 0 && PyList_Append(list, item) < 0)) {
            Py_DECREF(item);
            break;
        }
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

/* Join the portions that `spec` has with those that PathFinder knows; 1, or 0 if a regular package outside wins. */
static int
join_portions(PyObject *spec, PyObject *name, PyObject *path)
{
    PyObject *loader = NULL;
    PyObject *ours = NULL;
    PyObject *theirs = NULL;
    int result = -1;

    PyObject *other = ask_path_finder(name, path);
    if (other == NULL || other == Py_None) {
        result = other ? 1 : -1;
        goto done;
    }
    loader = PyObject_GetAttrString(other, "loader");
    if (loader == NULL || loader != Py_None) {
        result = loader ? 0 : -1;
        goto done;
    }
    ours = PyObject_GetAttrString(spec, "submodule_search_locations");
    theirs = PyObject_GetAttrString(other, "submodule_search_locations");
    if (ours == NULL || theirs == NULL || (theirs != Py_None && extend_unique(ours, theirs) < 0)) {
        goto done;
    }
    result = 1;

done:
    Py_XDECREF(other);
    Py_XDECREF(loader);
    Py_XDECREF(ours);
    Py_XDECREF(theirs);
    return result;
}

/* Make the list of portions follow later changes of sys.path, as that of every namespace package does. */
static int
make_dynamic(Importer *self, PyObject *spec, PyObject *name)
{
    PyObject *type = sb_import_attribute("_frozen_importlib_external", "_NamespacePath");
    PyObject *portions = PyObject_GetAttrString(spec, "submodule_search_locations");
    PyObject *finder = PyObject_GetAttrString((PyObject *)self, "_find_portions");
    PyObject *dynamic = NULL;
    int result = -1;

    if (type != NULL && portions != NULL && finder != NULL) {
        dynamic = PyObject_CallFunctionObjArgs(type, name, portions, finder, NULL);
        if (dynamic != NULL) {
            result = PyObject_SetAttrString(spec, "submodule_search_locations", dynamic);
        }
    }
    Py_XDECREF(type);
    Py_XDECREF(portions);
    Py_XDECREF(finder);
    Py_XDECREF(dynamic);
    return result;
}

/* a spec with all portions of a namespace package, in a plain list; None if it is none */
static PyObject *
namespace_spec(struct sb_state *state, PyObject *name, const struct sb_module *module, PyObject *path)
{
    PyObject *spec = sb_loader_make_spec(state, name, module);
    if (spec == NULL) {
        return NULL;
    }
    int status = join_portions(spec, name, path);
    if (status == 1) {
        return spec;
    }
    Py_DECREF(spec);
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

/* The spec of what was found by name. */
static PyObject *
spec_of(Importer *self, struct sb_state *state, PyObject *name, const struct sb_module *module, PyObject *path)
{
    if (!(module->flags & SB_MODULE_FLAG_NAMESPACE)) {
        return sb_loader_make_spec(state, name, module);
    }
    PyObject *spec = namespace_spec(state, name, module, path);
    if (spec != NULL && spec != Py_None && make_dynamic(self, spec, name) < 0) {
        Py_CLEAR(spec);
    }
    return spec;
}

/* does `module` lie in this folder of the tree, where a package has its submodules? */
static int
lies_in(const struct sb_module *module, const struct sb_bytes *folder)
{
    struct sb_bytes path = module->path;

    for (int i = 0; i < (module->flags & SB_MODULE_FLAG_PACKAGE ? 2 : 1); i++) {
        do {
            if (path.size == 0) {
                return 0;
            }
            path.size--;
        } while (path.data[path.size] != '/');
    }
    return path.size == folder->size && memcmp(path.data, folder->data, path.size) == 0;
}

/* a submodule whose package has a __path__ that is all ours */
static PyObject *
find_below(Importer *self, struct sb_state *state, PyObject *name, PyObject *folders, PyObject *path)
{
    struct sb_module module;
    PyObject *tail = NULL;
    PyObject *spec = NULL;

    int status = sb_importer_find(state, name, &module);
    if (status < 0) {
        return NULL;
    }
    if (status == 1 && module.flags & SB_MODULE_FLAG_NAMESPACE) {
        return spec_of(self, state, name, &module, path);
    }
    for (Py_ssize_t i = 0; status == 1 && i < PyList_GET_SIZE(folders); i++) {
        struct sb_bytes folder;
        if (sb_utf8(PyList_GET_ITEM(folders, i), &folder) != 1) {
            return NULL;
        }
        if (lies_in(&module, &folder)) {
            return sb_loader_make_spec(state, name, &module);
        }
    }

    /* The name is not where the blob has it, so the files decide: an alias, or a namespace package. */
    tail = sb_name_tail(name);
    for (Py_ssize_t i = 0; tail != NULL && i < PyList_GET_SIZE(folders); i++) {
        enum sb_found found = sb_finder_find(state, PyList_GET_ITEM(folders, i), tail, &module);
        if (found == SB_FOUND_ERROR) {
            goto done;
        }
        if (found == SB_FOUND_MODULE) {
            spec = sb_loader_make_spec(state, name, &module);
            goto done;
        }
    }
    spec = tail ? Py_NewRef(Py_None) : NULL;

done:
    Py_XDECREF(tail);
    return spec;
}

/* The folders of a package's __path__ as paths in the tree; Py_None if one of them lies elsewhere. */
static PyObject *
own_folders(struct sb_state *state, PyObject *path)
{
    PyObject *list = PyList_New(0);
    PyObject *iterator = list ? PyObject_GetIter(path) : NULL;
    PyObject *item;

    if (iterator == NULL) {
        Py_XDECREF(list);
        return NULL;
    }
    while ((item = PyIter_Next(iterator)) != NULL) {
        PyObject *folder = sb_tree_path(state, item);
        Py_DECREF(item);
        if (folder == Py_None) {
            Py_DECREF(iterator);
            Py_DECREF(list);
            return folder;
        }
        if (folder == NULL || PyList_Append(list, folder) < 0) {
            Py_XDECREF(folder);
            break;
        }
        Py_DECREF(folder);
    }
    Py_DECREF(iterator);
    if (PyErr_Occurred()) {
        Py_DECREF(list);
        return NULL;
    }
    return list;
}

static PyObject *
find_spec(Importer *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"fullname", "path", "target", NULL};
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *fullname;
    PyObject *path = Py_None;
    PyObject *target = Py_None;
    struct sb_module module;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "U|OO:find_spec", names, &fullname, &path, &target)) {
        return NULL;
    }
    if (path != Py_None) {
        PyObject *folders = own_folders(state, path);
        if (folders == NULL || folders == Py_None) {
            return folders;
        }
        PyObject *spec = find_below(self, state, fullname, folders, path);
        Py_DECREF(folders);
        return spec;
    }
    if (PyUnicode_CompareWithASCIIString(fullname, "zipimport") == 0) {
        /* The first to ask is always the initialisation, which goes on without it. `sb_zip_hook` takes its place
         * until there is a path to be searched: that is 4 % of a start. Later it is the frozen one, as in any Python,
         * where importlib insists on it. */
        if (state->zipimport_refused) {
            Py_RETURN_NONE;
        }
        state->zipimport_refused = 1;
        PyErr_SetString(PyExc_ImportError, "zipimport is imported later");
        return NULL;
    }
    int status = sb_importer_find(state, fullname, &module);
    if (status < 0) {
        return NULL;
    }
    if (status == 0) {
        Py_RETURN_NONE;
    }
    return spec_of(self, state, fullname, &module, path);
}

/* what a namespace package's __path__ calls after sys.path or its parent's __path__ changed */
static PyObject *
find_portions(Importer *self, PyObject *args)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *name;
    PyObject *path;
    struct sb_module module;

    if (!PyArg_ParseTuple(args, "UO:_find_portions", &name, &path)) {
        return NULL;
    }
    int status = sb_importer_find(state, name, &module);
    if (status < 0) {
        return NULL;
    }
    if (status == 0 || !(module.flags & SB_MODULE_FLAG_NAMESPACE)) {
        Py_RETURN_NONE;
    }
    PyObject *spec = namespace_spec(state, name, &module, path);
    /* A spec without a loader is what says "namespace package" to importlib's _NamespacePath. */
    if (spec != NULL && spec != Py_None && PyObject_SetAttrString(spec, "loader", Py_None) < 0) {
        Py_CLEAR(spec);
    }
    return spec;
}

static PyObject *
path_hook(Importer *self, PyObject *filename)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *path = sb_tree_path(state, filename);
    PyObject *finder = NULL;

    if (path == NULL) {
        return NULL;
    }
    if (path != Py_None) {
        PyObject *kind = sb_tree_kind(state, path);
        if (kind != NULL && kind != Py_None && PyUnicode_CompareWithASCIIString(kind, "folder") == 0) {
            finder = sb_finder_new(state, filename, path);
        }
        Py_XDECREF(kind);
    }
    if (finder == NULL && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_ImportError, "only folders of the executable are supported");
    }
    Py_DECREF(path);
    return finder;
}

static PyObject *
iter_modules(Importer *self, PyObject *args)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *prefix = NULL;
    struct sb_children children;
    struct sb_child child;

    if (!PyArg_ParseTuple(args, "|U:iter_modules", &prefix)) {
        return NULL;
    }
    PyObject *modules = PyList_New(0);
    if (modules == NULL) {
        return NULL;
    }
    int status = sb_blob_children(state->blob, SB_SECTION_MODULES, "", 0, &children);
    while (status >= 0 && (status = sb_blob_next_child(&children, &child)) == 1) {
        struct sb_module module;
        if (!child.has_record) {
            continue;
        }
        status = sb_blob_module(state->blob, child.number, &module);
        if (status != 1) {
            status = -1;
            break;
        }
        if (module.flags & SB_MODULE_FLAG_NAMESPACE) {
            continue;
        }
        PyObject *name = sb_text(child.name);
        if (name != NULL && prefix != NULL) {
            Py_SETREF(name, PyUnicode_Concat(prefix, name));
        }
        PyObject *item = name ? Py_BuildValue("NO", name, module.flags & SB_MODULE_FLAG_PACKAGE ? Py_True : Py_False)
                              : NULL;
        if (item == NULL || PyList_Append(modules, item) < 0) {
            Py_XDECREF(item);
            Py_DECREF(modules);
            return NULL;
        }
        Py_DECREF(item);
    }
    if (status < 0) {
        Py_DECREF(modules);
        return sb_raise_damaged();
    }
    return modules;
}

static PyObject *
find_distributions(Importer *self, PyObject *args)
{
    PyObject *context = Py_None;

    (void)self;
    if (!PyArg_ParseTuple(args, "|O:find_distributions", &context)) {
        return NULL;
    }
    return sb_support_call("find_distributions", context);
}

static PyObject *
invalidate_caches(PyObject *self, PyObject *ignored)
{
    (void)self;
    (void)ignored;
    Py_RETURN_NONE;
}

static PyObject *
repr(Importer *self)
{
    return PyUnicode_FromFormat("<staticbuild importer of %R>", sb_state_of((PyObject *)self)->executable);
}

static int
traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void
dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"find_spec", (PyCFunction)(void (*)(void))find_spec, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("The spec of a module in the executable, or None.")},
    {"_find_portions", (PyCFunction)find_portions, METH_VARARGS, PyDoc_STR("The portions of a namespace package.")},
    {"path_hook", (PyCFunction)path_hook, METH_O, PyDoc_STR("A finder for a folder of the executable.")},
    {"iter_modules", (PyCFunction)iter_modules, METH_VARARGS, PyDoc_STR("(name, is_package) of top-level modules.")},
    {"find_distributions", (PyCFunction)find_distributions, METH_VARARGS,
     PyDoc_STR("Metadata for importlib.metadata.")},
    {"invalidate_caches", invalidate_caches, METH_NOARGS, PyDoc_STR("Nothing to do: the tree never changes.")},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, PyDoc_STR("Finds modules in the executable.")},
    {Py_tp_methods, methods},
    {Py_tp_repr, repr},
    {Py_tp_traverse, traverse},
    {Py_tp_dealloc, dealloc},
    {0, NULL},
};

PyType_Spec sb_importer_spec = {
    .name = "_staticbuild.Importer",
    .basicsize = sizeof(Importer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};

int
sb_importer_install(void)
{
    PyObject *meta_path = PySys_GetObject("meta_path");
    PyObject *hooks = PySys_GetObject("path_hooks");
    PyObject *importer = sb_import_attribute("_staticbuild", "importer");
    PyObject *zip_hook = sb_import_attribute("_staticbuild", "zip_hook");
    PyObject *hook = importer ? PyObject_GetAttrString(importer, "path_hook") : NULL;
    int status = -1;

    if (hook == NULL || zip_hook == NULL) {
        goto done;
    }
    if (meta_path == NULL || !PyList_Check(meta_path) || hooks == NULL || !PyList_Check(hooks)) {
        PyErr_SetString(PyExc_RuntimeError, "sys.meta_path and sys.path_hooks must be lists");
        goto done;
    }
    /* Behind the importer of built-in modules, as in any Python; before that of frozen modules, because ours have
     * source lines and a __file__. Our hook comes before zipimport's, which would open and read the executable to see
     * that it is no zip file. */
    if (PyList_Insert(meta_path, PyList_GET_SIZE(meta_path) ? 1 : 0, importer) < 0
        || PyList_Insert(hooks, 0, hook) < 0 || PyList_Insert(hooks, 1, zip_hook) < 0)
    {
        goto done;
    }
    status = 0;

done:
    Py_XDECREF(importer);
    Py_XDECREF(zip_hook);
    Py_XDECREF(hook);
    return status;
}

int
sb_importer_install_last(void)
{
    static const char names[] = "lib/_staticbuild_trimmed.txt";
    struct sb_path found;
    PyObject *meta_path = PySys_GetObject("meta_path");
    PyObject *space = PySys_GetObject("implementation");

    if (sb_blob_find_path(&sb_program.blob, names, sizeof(names) - 1, &found) != 1 || meta_path == NULL || space == NULL) {
        return 0;
    }
    PyObject *function = sb_import_attribute("_staticbuild", "find_trimmed");
    PyObject *empty = PyTuple_New(0);
    PyObject *members = function ? Py_BuildValue("{s:O}", "find_spec", function) : NULL;
    /* a types.SimpleNamespace: the module `types` need not be imported for it */
    PyObject *finder = empty && members ? PyObject_Call((PyObject *)Py_TYPE(space), empty, members) : NULL;
    int status = finder ? PyList_Append(meta_path, finder) : -1;
    Py_XDECREF(function);
    Py_XDECREF(empty);
    Py_XDECREF(members);
    Py_XDECREF(finder);
    return status;
}

PyObject *
sb_zip_hook(PyObject *module, PyObject *path)
{
    PyObject *hooks = PySys_GetObject("path_hooks");
    PyObject *zipimporter = sb_import_attribute("zipimport", "zipimporter");

    (void)module;
    if (zipimporter == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; hooks != NULL && PyList_Check(hooks) && i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = PyList_GET_ITEM(hooks, i);
        if (PyCFunction_Check(hook) && PyCFunction_GET_FUNCTION(hook) == sb_zip_hook) {
            if (PyList_SetItem(hooks, i, Py_NewRef(zipimporter)) < 0) {
                Py_DECREF(zipimporter);
                return NULL;
            }
            break;
        }
    }
    PyObject *result = PyObject_CallOneArg(zipimporter, path);
    Py_DECREF(zipimporter);
    return result;
}
