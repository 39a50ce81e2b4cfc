/* files.h - where the real files of the tree are. Knows locations and their folders, not how files get there. */

#ifndef SB_FILES_H
#define SB_FILES_H

#include "state.h"

/* the filename (str) of a path of the tree in a location (a number plus 1; 0 is in memory only); the files of that
 * location are on disk when this returns */
PyObject *sb_files_filename(struct sb_state *state, uint32_t location, struct sb_bytes path);

/* `*location` of a file of the tree: a number plus 1, or 0; 0, or -1 with an exception */
int sb_files_location_of(struct sb_state *state, struct sb_bytes path, uint32_t *location);

/* how long the folder is, in characters, below which `filename` (str) is a real file of the tree; -1 when it is none */
Py_ssize_t sb_files_root_length(struct sb_state *state, PyObject *filename);

/* (name, folder, beside, [(path, executable)]) of the location of that number */
PyObject *sb_files_describe(struct sb_state *state, uint32_t number);

#endif
