/* finder.h - finds modules in one folder of the tree. Knows folders and names of files, nothing of sys.meta_path. */

#ifndef SB_FINDER_H
#define SB_FINDER_H

#include "state.h"

enum sb_found {
    SB_FOUND_ERROR = -1,
    SB_FOUND_NOTHING = 0,
    SB_FOUND_MODULE = 1,
    SB_FOUND_FOLDER = 2,    /* a possible portion of a namespace package */
};

/* find the module `tail` (the name's last part) in a folder of the tree, as importlib's FileFinder does */
enum sb_found sb_finder_find(struct sb_state *state, PyObject *folder, PyObject *tail, struct sb_module *module);

/* a finder (new reference) for a folder, given as filename and as path in the tree */
PyObject *sb_finder_new(struct sb_state *state, PyObject *filename, PyObject *path);

/* the part of a dotted name behind its last dot */
PyObject *sb_name_tail(PyObject *fullname);

#endif
