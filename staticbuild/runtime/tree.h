/* tree.h - the tree of files, as Python's objects. Knows paths and listings, nothing of imports.
 *
 * A "filename" is what Python code sees: the executable's path, then the path in the tree. */

#ifndef SB_TREE_H
#define SB_TREE_H

#include "state.h"

/* the filename (str) of a path in the tree */
PyObject *sb_tree_filename(struct sb_state *state, struct sb_bytes path);

/* the path (str, normalised) in the tree of a filename, below the executable or of a real file; Py_None when it lies
 * elsewhere; NULL on error */
PyObject *sb_tree_path(struct sb_state *state, PyObject *filename);

/* is this str the executable, or something below it? */
int sb_tree_contains(struct sb_state *state, PyObject *filename);

/* is `filename` this folder, or something below it? Both are str, or it is not */
int sb_lies_below(PyObject *filename, PyObject *folder);

/* what is at a path: "file", "folder" or None */
PyObject *sb_tree_kind(struct sb_state *state, PyObject *path);

/* the contents of a file, or Py_None when there is no such file */
PyObject *sb_tree_read(struct sb_state *state, PyObject *path);

/* the names of files and folders directly in a folder, sorted; (name, is_folder) each */
PyObject *sb_tree_list(struct sb_state *state, PyObject *path);

/* the contents of data of the blob as bytes, decompressed if it is `compressed`; NULL on error */
PyObject *sb_contents(struct sb_bytes data, uint32_t compressed);

/* append (name, has children) to a list; 0, or -1 with an exception set */
int sb_append_child(PyObject *list, const struct sb_child *child);

/* str of UTF-8 bytes of the blob */
PyObject *sb_text(struct sb_bytes text);

/* UTF-8 of a str, borrowed from it; 1, 0 when it has none (lone surrogates), -1 on error */
int sb_utf8(PyObject *text, struct sb_bytes *utf8);

#endif
