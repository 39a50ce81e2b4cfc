/* open_code.c - what io.open_code opens. Knows files of the tree, nothing of what their code is for.
 *
 * `runpy.run_path`, and with it a process that `multiprocessing` starts, reads a script that way. */

#include "open_code.h"

#include "state.h"
#include "tree.h"

/* the state of this interpreter's `_staticbuild`; NULL, without an exception, before there is one */
static struct sb_state *
current_state(PyObject **importer)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *module = modules ? PyDict_GetItemString(modules, "_staticbuild") : NULL;

    *importer = module ? PyObject_GetAttrString(module, "importer") : NULL;
    if (*importer == NULL) {
        PyErr_Clear();
        return NULL;
    }
    return sb_state_of(*importer);
}

/* the contents of a file of the tree, or None */
static PyObject *
read_tree(PyObject *filename)
{
    PyObject *importer;
    struct sb_state *state = current_state(&importer);
    PyObject *path = state ? sb_tree_path(state, filename) : Py_NewRef(Py_None);
    PyObject *data = path;

    if (path != NULL && path != Py_None) {
        data = sb_tree_read(state, path);
        Py_DECREF(path);
    }
    Py_XDECREF(importer);
    return data;
}

static PyObject *
open_code(PyObject *filename, void *unused)
{
    (void)unused;
    PyObject *file = NULL;
    PyObject *data = read_tree(filename);
    PyObject *io = data ? PyImport_ImportModule("_io") : NULL;

    if (io != NULL) {
        file = data == Py_None ? PyObject_CallMethod(io, "open", "Os", filename, "rb")
                               : PyObject_CallMethod(io, "BytesIO", "O", data);
    }
    Py_XDECREF(io);
    Py_XDECREF(data);
    return file;
}

int
sb_open_code_install(void)
{
    return PyFile_SetOpenCodeHook(open_code, NULL);
}
