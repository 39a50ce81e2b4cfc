/* state.h - what the types of the module `_staticbuild` share. Knows their layout, not their behaviour. */

#ifndef SB_STATE_H
#define SB_STATE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "blob.h"

/* The state of one `_staticbuild` module, of which each interpreter has its own. */
struct sb_state {
    const struct sb_blob *blob;
    PyObject *executable;               /* str: the tree's root, as Python code sees it */
    PyTypeObject *importer_type;
    PyTypeObject *finder_type;
    PyTypeObject *loader_type;
    PyObject *importer;                 /* the one on sys.meta_path */
    PyObject *module_spec;              /* a subclass of importlib.machinery.ModuleSpec, without pyc files */
    PyObject *call_with_frames_removed; /* importlib's: tracebacks leave out what comes above it */
    PyObject *exec;                     /* builtins.exec */
    PyObject *spec_names;               /* tuple: keyword names of a call of ModuleSpec */
    PyObject *suffixes;                 /* list: of the files of modules; NULL before the first is looked for by its file */
    PyObject *roots;                    /* list: where the files of each location are; NULL before the first is needed */
    int zipimport_refused;              /* once, while the interpreter was initialised */
};

/* the state of the module that a type belongs to; none of our types can be subclassed */
static inline struct sb_state *
sb_state_of(PyObject *object)
{
    return (struct sb_state *)PyType_GetModuleState(Py_TYPE(object));
}

extern PyType_Spec sb_importer_spec;
extern PyType_Spec sb_finder_spec;
extern PyType_Spec sb_loader_spec;

/* raise ImportError because the blob contradicts itself; returns NULL */
PyObject *sb_raise_damaged(void);

/* call a function of the Python part, `_staticbuild_support`, with one argument */
PyObject *sb_support_call(const char *function, PyObject *argument);

#endif
