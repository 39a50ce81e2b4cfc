/* loader.c - loads one module out of the blob. Knows one module, nothing of where modules are searched.
 *
 * The methods are those of importlib's SourceFileLoader. The filename that tracebacks show is put into the code when it
 * is read, because the blob does not know where the executable will lie. */

#include "loader.h"

#include <marshal.h>
#include <string.h>

#include "compat.h"
#include "files.h"
#include "importer.h"
#include "tree.h"

typedef struct {
    PyObject_HEAD
    PyObject *name;
    PyObject *path;             /* filename; None for a namespace package */
    struct sb_bytes source;
    struct sb_bytes bytecode;
    uint32_t flags;
} Loader;

static Loader *
new_loader(struct sb_state *state, PyObject *name, PyObject *path)
{
    Loader *self = (Loader *)state->loader_type->tp_alloc(state->loader_type, 0);
    if (self != NULL) {
        self->name = Py_NewRef(name);
        self->path = Py_NewRef(path);
    }
    return self;
}

PyObject *
sb_loader_new(struct sb_state *state, PyObject *name, const struct sb_module *module)
{
    PyObject *path;
    if (module->flags & SB_MODULE_FLAG_NAMESPACE) {
        path = Py_NewRef(Py_None);
    }
    else {
        path = sb_files_filename(state, module->location, module->path);
    }
    if (path == NULL) {
        return NULL;
    }
    Loader *self = new_loader(state, name, path);
    Py_DECREF(path);
    if (self != NULL) {
        self->source = module->source;
        self->bytecode = module->bytecode;
        self->flags = module->flags;
    }
    return (PyObject *)self;
}

PyObject *
sb_loader_of_file(struct sb_state *state, PyObject *name, const struct sb_path *file)
{
    uint32_t location;
    if (sb_files_location_of(state, file->path, &location) < 0) {
        return NULL;
    }
    PyObject *path = sb_files_filename(state, location, file->path);
    if (path == NULL) {
        return NULL;
    }
    Loader *self = new_loader(state, name, path);
    Py_DECREF(path);
    if (self != NULL) {
        self->source = file->data;
        self->flags = file->flags & SB_PATH_FLAG_COMPRESSED ? SB_MODULE_FLAG_SOURCE_COMPRESSED : 0;
    }
    return (PyObject *)self;
}

PyObject *
sb_loader_filename(PyObject *loader)
{
    return ((Loader *)loader)->path;
}

/* the list that becomes a package's __path__ */
static PyObject *
search_locations(struct sb_state *state, const struct sb_module *module)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < module->portion_count; i++) {
        struct sb_bytes folder;
        if (sb_blob_portion(state->blob, module, i, &folder) != 1) {
            Py_DECREF(list);
            return sb_raise_damaged();
        }
        PyObject *filename = sb_files_filename(state, module->location, folder);
        if (filename == NULL || PyList_Append(list, filename) < 0) {
            Py_XDECREF(filename);
            Py_DECREF(list);
            return NULL;
        }
        Py_DECREF(filename);
    }
    return list;
}

/* a loader of an extension module: importlib's, or one of ours where no folder takes the file */
static PyObject *
native_loader(struct sb_state *state, PyObject *name, PyObject *filename)
{
    int is_on_disk = sb_files_root_length(state, filename) >= 0;
    PyObject *type = is_on_disk ? sb_import_attribute("_frozen_importlib_external", "ExtensionFileLoader")
                                : sb_import_attribute("_staticbuild_native", "MemoryLoader");
    PyObject *loader = type ? PyObject_CallFunctionObjArgs(type, name, filename, NULL) : NULL;
    Py_XDECREF(type);
    return loader;
}

PyObject *
sb_loader_make_spec(struct sb_state *state, PyObject *name, const struct sb_module *module)
{
    PyObject *spec = NULL;
    PyObject *locations = NULL;
    PyObject *loader = NULL;
    PyObject *path;

    if (module->flags & SB_MODULE_FLAG_NATIVE) {
        path = sb_files_filename(state, module->location, module->path);
        loader = path ? native_loader(state, name, path) : NULL;
    }
    else {
        loader = sb_loader_new(state, name, module);
        path = loader ? Py_NewRef(((Loader *)loader)->path) : NULL;
    }
    if (loader == NULL) {
        goto fail;
    }
    PyObject *arguments[] = {name, loader, path};
    spec = PyObject_Vectorcall(state->module_spec, arguments, 2, state->spec_names);
    if (spec == NULL) {
        goto fail;
    }
    if (module->flags & SB_MODULE_FLAG_PACKAGE) {
        locations = search_locations(state, module);
        if (locations == NULL || PyObject_SetAttrString(spec, "submodule_search_locations", locations) < 0) {
            goto fail;
        }
    }
    if (!(module->flags & SB_MODULE_FLAG_NAMESPACE) && PyObject_SetAttrString(spec, "has_location", Py_True) < 0) {
        goto fail;
    }
    Py_XDECREF(locations);
    Py_DECREF(path);
    Py_DECREF(loader);
    return spec;

fail:
    Py_XDECREF(locations);
    Py_XDECREF(spec);
    Py_XDECREF(path);
    Py_XDECREF(loader);
    return NULL;
}

/* Make data readable where it is, or decompressed in `*holder`, which the caller releases afterwards; 0, or -1 */
static int
open_data(struct sb_bytes data, uint32_t compressed, struct sb_bytes *readable, PyObject **holder)
{
    *readable = data;
    *holder = NULL;
    if (!compressed) {
        return 0;
    }
    *holder = sb_contents(data, compressed);
    if (*holder == NULL) {
        return -1;
    }
    readable->data = (const uint8_t *)PyBytes_AS_STRING(*holder);
    readable->size = (size_t)PyBytes_GET_SIZE(*holder);
    return 0;
}

/* Put `filename` into a code object and all those inside of it that have its old one. What `_imp._fix_co_filename`
 * does for pyc files that were moved. */
static void
set_filename(PyCodeObject *code, PyObject *old, PyObject *filename)
{
    if (code->co_filename != old && PyUnicode_Compare(code->co_filename, old) != 0) {
        return;
    }
    Py_SETREF(code->co_filename, Py_NewRef(filename));
    PyObject *constants = code->co_consts;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(constants); i++) {
        PyObject *constant = PyTuple_GET_ITEM(constants, i);
        if (PyCode_Check(constant)) {
            set_filename((PyCodeObject *)constant, old, filename);
        }
    }
}

static PyObject *
load_bytecode(Loader *self)
{
    struct sb_bytes bytecode;
    PyObject *holder;

    if (open_data(self->bytecode, self->flags & SB_MODULE_FLAG_BYTECODE_COMPRESSED, &bytecode, &holder) < 0) {
        return NULL;
    }
    PyObject *code = PyMarshal_ReadObjectFromString((const char *)bytecode.data, (Py_ssize_t)bytecode.size);
    Py_XDECREF(holder);
    if (code == NULL) {
        return NULL;
    }
    if (!PyCode_Check(code)) {
        Py_DECREF(code);
        PyErr_Format(PyExc_ImportError, "the bytecode of %R is damaged", self->name);
        return NULL;
    }
    PyObject *old = Py_NewRef(((PyCodeObject *)code)->co_filename);
    set_filename((PyCodeObject *)code, old, self->path);
    Py_DECREF(old);
    return code;
}

static PyObject *
compile_source(Loader *self)
{
    /* The compiler wants a terminating null byte, which the blob does not have. */
    PyObject *source = sb_contents(self->source, self->flags & SB_MODULE_FLAG_SOURCE_COMPRESSED);
    if (source == NULL) {
        return NULL;
    }
    PyObject *code = NULL;
    if (memchr(PyBytes_AS_STRING(source), '\0', (size_t)PyBytes_GET_SIZE(source)) != NULL) {
        PyErr_SetString(SB_NULL_BYTES_ERROR, "source code string cannot contain null bytes");
    }
    else {
        code = Py_CompileStringObject(PyBytes_AS_STRING(source), self->path, Py_file_input, NULL, -1);
    }
    Py_DECREF(source);
    return code;
}

PyObject *
sb_loader_code(PyObject *loader)
{
    Loader *self = (Loader *)loader;

    if (self->bytecode.data != NULL) {
        return load_bytecode(self);
    }
    if (self->flags & SB_MODULE_FLAG_NATIVE) {
        PyErr_Format(PyExc_ImportError, "%R is a shared library, which cannot be run", self->name);
        return NULL;
    }
    if (self->source.data != NULL) {
        return compile_source(self);
    }
    if (self->flags & SB_MODULE_FLAG_NAMESPACE) {
        return Py_CompileString("", "<string>", Py_file_input);
    }
    PyErr_Format(PyExc_ImportError, "%R was packed without code", self->name);
    return NULL;
}

/* methods may be called with the module's name or without; any other name is an error */
static int
check_name(Loader *self, PyObject *const *args, Py_ssize_t count, const char *method)
{
    if (count > 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most 1 argument (%zd given)", method, count);
        return -1;
    }
    if (count == 0 || args[0] == Py_None || args[0] == self->name) {
        return 0;
    }
    int same = PyObject_RichCompareBool(args[0], self->name, Py_EQ);
    if (same == 0) {
        PyObject *message = PyUnicode_FromFormat("loader for %U cannot handle %S", self->name, args[0]);
        if (message != NULL) {
            PyErr_SetImportError(message, args[0], NULL);
            Py_DECREF(message);
        }
    }
    return same == 1 ? 0 : -1;
}

static PyObject *
create_module(Loader *self, PyObject *spec)
{
    (void)self;
    (void)spec;
    Py_RETURN_NONE;
}

static PyObject *
exec_module(Loader *self, PyObject *module)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *dict = NULL;
    PyObject *result = NULL;

    if (self->flags & SB_MODULE_FLAG_NAMESPACE) {
        /* as importlib leaves it */
        return PyObject_SetAttrString(module, "__file__", Py_None) < 0 ? NULL : Py_NewRef(Py_None);
    }
    if (PyObject_SetAttrString(module, "__cached__", Py_None) < 0) {
        return NULL;
    }
    PyObject *code = sb_loader_code((PyObject *)self);
    if (code == NULL) {
        return NULL;
    }
    dict = PyObject_GetAttrString(module, "__dict__");
    if (dict != NULL) {
        /* By way of importlib, since tracebacks leave out importlib's frames above this function's. */
        PyObject *arguments[] = {state->exec, code, dict};
        result = PyObject_Vectorcall(state->call_with_frames_removed, arguments, 3, NULL);
    }
    if (result != NULL && PyUnicode_CompareWithASCIIString(self->name, "linecache") == 0) {
        Py_SETREF(result, sb_support_call("complete_linecache", module));
    }
    Py_XDECREF(dict);
    Py_DECREF(code);
    return result;
}

static PyObject *
load_module(Loader *self, PyObject *const *args, Py_ssize_t count)
{
    if (check_name(self, args, count, "load_module") < 0) {
        return NULL;
    }
    PyObject *bootstrap = PyImport_ImportModule("_frozen_importlib");
    if (bootstrap == NULL) {
        return NULL;
    }
    PyObject *module = PyObject_CallMethod(bootstrap, "_load_module_shim", "OO", self, self->name);
    Py_DECREF(bootstrap);
    return module;
}

static PyObject *
get_code(Loader *self, PyObject *const *args, Py_ssize_t count)
{
    return check_name(self, args, count, "get_code") < 0 ? NULL : sb_loader_code((PyObject *)self);
}

/* does one of the first two lines declare an encoding, or is there a byte order mark? */
static int
declares_encoding(struct sb_bytes source)
{
    const char *text = (const char *)source.data;
    size_t end = source.size;

    if (source.size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        return 1;
    }
    for (size_t i = 0, lines = 0; i < source.size; i++) {
        if ((text[i] == '\n' || text[i] == '\r') && ++lines == 3) {
            end = i;
            break;
        }
    }
    for (size_t i = 0; i + 6 <= end; i++) {
        if (memcmp(text + i, "coding", 6) == 0) {
            return 1;
        }
    }
    return 0;
}

/* decode with the encoding that the source declares */
static PyObject *
decode_declared(struct sb_bytes source)
{
    PyObject *external = PyImport_ImportModule("_frozen_importlib_external");
    if (external == NULL) {
        return NULL;
    }
    PyObject *text = PyObject_CallMethod(external, "decode_source", "y#", (const char *)source.data,
                                         (Py_ssize_t)source.size);
    Py_DECREF(external);
    return text;
}

/* replace `what` in a str that is consumed */
static PyObject *
replace(PyObject *text, const char *what, const char *with)
{
    PyObject *result = text ? PyObject_CallMethod(text, "replace", "ss", what, with) : NULL;
    Py_XDECREF(text);
    return result;
}

/* the text of a source */
static PyObject *
decode(struct sb_bytes source)
{
    if (declares_encoding(source)) {
        return decode_declared(source);
    }
    PyObject *text = sb_text(source);
    if (text == NULL && PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) {
        /* so that the error is the same as everywhere */
        PyErr_Clear();
        return decode_declared(source);
    }
    if (text != NULL && memchr(source.data, '\r', source.size) != NULL) {
        text = replace(replace(text, "\r\n", "\n"), "\r", "\n");
    }
    return text;
}

static PyObject *
get_source(Loader *self, PyObject *const *args, Py_ssize_t count)
{
    struct sb_bytes source;
    PyObject *holder;

    if (check_name(self, args, count, "get_source") < 0) {
        return NULL;
    }
    if (self->flags & SB_MODULE_FLAG_NAMESPACE) {
        return PyUnicode_FromString("");
    }
    if (self->source.data == NULL) {
        Py_RETURN_NONE;
    }
    if (open_data(self->source, self->flags & SB_MODULE_FLAG_SOURCE_COMPRESSED, &source, &holder) < 0) {
        return NULL;
    }
    PyObject *text = decode(source);
    Py_XDECREF(holder);
    return text;
}

static PyObject *
is_package(Loader *self, PyObject *const *args, Py_ssize_t count)
{
    if (check_name(self, args, count, "is_package") < 0) {
        return NULL;
    }
    return PyBool_FromLong(self->flags & SB_MODULE_FLAG_PACKAGE);
}

static PyObject *
get_filename(Loader *self, PyObject *const *args, Py_ssize_t count)
{
    return check_name(self, args, count, "get_filename") < 0 ? NULL : Py_NewRef(self->path);
}

static PyObject *
get_data(Loader *self, PyObject *argument)
{
    struct sb_state *state = sb_state_of((PyObject *)self);
    PyObject *data = NULL;
    PyObject *filename = NULL;
    PyObject *path = NULL;

    if (!PyUnicode_FSDecoder(argument, &filename)) {
        return NULL;
    }
    path = sb_tree_path(state, filename);
    if (path == NULL) {
        goto done;
    }
    data = path == Py_None ? Py_NewRef(Py_None) : sb_tree_read(state, path);
    if (data == Py_None && !sb_tree_contains(state, filename)) {
        /* elsewhere, or written later among real files of ours */
        Py_SETREF(data, sb_support_call("read_file", filename));
    }
    else if (data == Py_None) {
        Py_CLEAR(data);
        errno = ENOENT;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, filename);
    }

done:
    Py_XDECREF(path);
    Py_XDECREF(filename);
    return data;
}

static PyObject *
get_resource_reader(Loader *self, PyObject *const *args, Py_ssize_t count)
{
    if (check_name(self, args, count, "get_resource_reader") < 0) {
        return NULL;
    }
    return sb_support_call("resource_reader", (PyObject *)self);
}

static PyObject *
repr(Loader *self)
{
    return PyUnicode_FromFormat("<staticbuild loader of %R>", self->name);
}

static PyObject *
compare(PyObject *a, PyObject *b, int operation)
{
    if ((operation != Py_EQ && operation != Py_NE) || !Py_IS_TYPE(b, Py_TYPE(a))) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int same = PyObject_RichCompareBool(((Loader *)a)->name, ((Loader *)b)->name, Py_EQ);
    if (same == 1) {
        same = PyObject_RichCompareBool(((Loader *)a)->path, ((Loader *)b)->path, Py_EQ);
    }
    return same < 0 ? NULL : PyBool_FromLong(operation == Py_EQ ? same : !same);
}

static Py_hash_t
hash(Loader *self)
{
    return PyObject_Hash(self->name);
}

static int
traverse(Loader *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->name);
    Py_VISIT(self->path);
    return 0;
}

static int
clear(Loader *self)
{
    (void)self;     /* strings are no part of a cycle */
    return 0;
}

static void
dealloc(Loader *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->name);
    Py_XDECREF(self->path);
    type->tp_free(self);
    Py_DECREF(type);
}

#define FAST(name) (PyCFunction)(void (*)(void))name, METH_FASTCALL

static PyMethodDef methods[] = {
    {"create_module", (PyCFunction)create_module, METH_O, PyDoc_STR("Let importlib create the module.")},
    {"exec_module", (PyCFunction)exec_module, METH_O, PyDoc_STR("Run the module's code in it.")},
    {"load_module", FAST(load_module), PyDoc_STR("Import the module (deprecated in importlib).")},
    {"get_code", FAST(get_code), PyDoc_STR("The module's code object.")},
    {"get_source", FAST(get_source), PyDoc_STR("The module's source as str, or None.")},
    {"get_filename", FAST(get_filename), PyDoc_STR("What becomes the module's __file__.")},
    {"is_package", FAST(is_package), PyDoc_STR("Whether the module is a package.")},
    {"get_data", (PyCFunction)get_data, METH_O, PyDoc_STR("The contents of a file, by filename.")},
    {"get_resource_reader", FAST(get_resource_reader), PyDoc_STR("A reader for importlib.resources.")},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", Py_T_OBJECT_EX, offsetof(Loader, name), Py_READONLY, PyDoc_STR("The module's name.")},
    {"path", Py_T_OBJECT_EX, offsetof(Loader, path), Py_READONLY, PyDoc_STR("What becomes the module's __file__.")},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, PyDoc_STR("Loads one module out of the executable.")},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_repr, repr},
    {Py_tp_richcompare, compare},
    {Py_tp_hash, hash},
    {Py_tp_traverse, traverse},
    {Py_tp_clear, clear},
    {Py_tp_dealloc, dealloc},
    {0, NULL},
};

PyType_Spec sb_loader_spec = {
    .name = "_staticbuild.Loader",
    .basicsize = sizeof(Loader),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = slots,
};
