/* loader.h - loads one module out of the blob. Knows one module, nothing of where modules are searched. */

#ifndef SB_LOADER_H
#define SB_LOADER_H

#include "state.h"

/* a loader (new reference) of `module` under the name `name`, which may differ from the name in the blob */
PyObject *sb_loader_new(struct sb_state *state, PyObject *name, const struct sb_module *module);

/* a loader of a plain file of the tree as a script */
PyObject *sb_loader_of_file(struct sb_state *state, PyObject *name, const struct sb_path *file);

/* the spec of `module` under the name `name` */
PyObject *sb_loader_make_spec(struct sb_state *state, PyObject *name, const struct sb_module *module);

/* the code object that a loader made by us loads */
PyObject *sb_loader_code(PyObject *loader);

/* the filename (str, borrowed) of what a loader loads; None for a namespace package */
PyObject *sb_loader_filename(PyObject *loader);

#endif
