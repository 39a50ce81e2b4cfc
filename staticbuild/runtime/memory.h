/* memory.h - files in memory, for shared libraries that no folder takes. Knows which there are, nothing of who loads them. */

#ifndef SB_MEMORY_H
#define SB_MEMORY_H

#include "state.h"

/* a filename (str) for the system's loader of the file at a path of the tree, the same each time in one process; the file
 * is a copy that cannot be changed */
PyObject *sb_memory_filename(struct sb_state *state, PyObject *path);

/* load the shared library of that filename, so that those that are loaded later find it by its name; None */
PyObject *sb_memory_load(PyObject *filename);

#endif
