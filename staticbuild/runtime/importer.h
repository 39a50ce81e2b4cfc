/* importer.h - the finder on sys.meta_path. Knows names, and which of them are ours; folders are finder.c's affair. */

#ifndef SB_IMPORTER_H
#define SB_IMPORTER_H

#include "state.h"

/* the importer (new reference) of an interpreter */
PyObject *sb_importer_new(struct sb_state *state);

/* find a module by name; 1, 0, or -1 with an exception */
int sb_importer_find(struct sb_state *state, PyObject *name, struct sb_module *module);

/* Put the importer of this interpreter on sys.meta_path and its path hook on sys.path_hooks, in the middle of the
 * interpreter's initialisation; 0, or -1 with an exception. */
int sb_importer_install(void);

/* after all other finders, put one that says of what `trim` left out that it did; 0, or -1 with an exception set */
int sb_importer_install_last(void);

/* an attribute (new reference) of a module, which is imported for that; NULL with an exception */
PyObject *sb_import_attribute(const char *module, const char *name);

/* zipimport's path hook, which imports zipimport when it is first called and puts its class in its own place */
PyObject *sb_zip_hook(PyObject *module, PyObject *path);

#endif
