/* files.c - where the real files of the tree are. Knows locations and their folders, not how files get there.
 *
 * Most programs have no location, and pay one comparison for each module. The first module of a location that is looked
 * for imports `_staticbuild_files`, which writes and checks the files; the folder is remembered here. */

#include "files.h"

#include <string.h>

#include "tree.h"

/* Where a location's files are (borrowed): a str, or Py_False where they had to stay in memory; NULL on error. */
static PyObject *
root_of(struct sb_state *state, uint32_t number)
{
    uint32_t count = sb_blob_count(state->blob, SB_SECTION_LOCATIONS);

    if (number >= count) {
        return sb_raise_damaged();
    }
    if (state->roots == NULL) {
        PyObject *roots = PyList_New(count);
        for (uint32_t i = 0; roots != NULL && i < count; i++) {
            PyList_SET_ITEM(roots, i, Py_NewRef(Py_None));
        }
        if (roots == NULL) {
            return NULL;
        }
        state->roots = roots;
    }
    PyObject *root = PyList_GET_ITEM(state->roots, number);
    if (root != Py_None) {
        return root;
    }
    PyObject *files = PyImport_ImportModule("_staticbuild_files");
    root = files ? PyObject_CallMethod(files, "provide", "k", (unsigned long)number) : NULL;
    Py_XDECREF(files);
    if (root == NULL) {
        return NULL;
    }
    if (!PyUnicode_Check(root)) {
        Py_SETREF(root, Py_NewRef(Py_False));
    }
    /* The list keeps it alive: entries are replaced only while they are None, or by an equal one of another thread. */
    if (PyList_GET_ITEM(state->roots, number) != Py_None) {
        Py_DECREF(root);
    }
    else if (PyList_SetItem(state->roots, number, root) < 0) {
        return NULL;
    }
    return PyList_GET_ITEM(state->roots, number);
}

PyObject *
sb_files_filename(struct sb_state *state, uint32_t location, struct sb_bytes path)
{
    if (location == 0) {
        return sb_tree_filename(state, path);
    }
    PyObject *root = root_of(state, location - 1);
    if (root == NULL) {
        return NULL;
    }
    if (root == Py_False) {
        return sb_tree_filename(state, path);
    }
    PyObject *text = sb_text(path);
    if (text == NULL) {
        return NULL;
    }
    PyObject *filename = PyUnicode_FromFormat("%U/%U", root, text);
    Py_DECREF(text);
    return filename;
}

int
sb_files_location_of(struct sb_state *state, struct sb_bytes path, uint32_t *location)
{
    struct sb_location found;
    struct sb_path member;
    int status = 0;

    *location = 0;
    for (uint32_t number = 0; (status = sb_blob_location(state->blob, number, &found)) == 1; number++) {
        for (uint32_t i = 0; (status = sb_blob_member(state->blob, &found, i, &member)) == 1; i++) {
            if (member.path.size == path.size && memcmp(member.path.data, path.data, path.size) == 0) {
                *location = number + 1;
                return 0;
            }
        }
        if (status < 0) {
            break;
        }
    }
    if (status < 0) {
        sb_raise_damaged();
    }
    return status;
}

Py_ssize_t
sb_files_root_length(struct sb_state *state, PyObject *filename)
{
    for (Py_ssize_t i = 0; state->roots != NULL && i < PyList_GET_SIZE(state->roots); i++) {
        PyObject *root = PyList_GET_ITEM(state->roots, i);
        if (PyUnicode_Check(root) && sb_lies_below(filename, root)) {
            return PyUnicode_GET_LENGTH(root);
        }
    }
    return -1;
}

PyObject *
sb_files_describe(struct sb_state *state, uint32_t number)
{
    struct sb_location location;
    struct sb_path member;
    PyObject *members = NULL;

    int status = sb_blob_location(state->blob, number, &location);
    if (status != 1) {
        return sb_raise_damaged();
    }
    members = PyList_New(0);
    for (uint32_t i = 0; members != NULL && (status = sb_blob_member(state->blob, &location, i, &member)) == 1; i++) {
        PyObject *item = Py_BuildValue("NO", sb_text(member.path),
                                       member.flags & SB_PATH_FLAG_EXECUTABLE ? Py_True : Py_False);
        if (item == NULL || PyList_Append(members, item) < 0) {
            Py_CLEAR(members);
        }
        Py_XDECREF(item);
    }
    if (status < 0) {
        Py_XDECREF(members);
        return sb_raise_damaged();
    }
    return Py_BuildValue("NNON", sb_text(location.name), sb_text(location.folder),
                         location.flags & SB_LOCATION_FLAG_BESIDE ? Py_True : Py_False, members);
}
