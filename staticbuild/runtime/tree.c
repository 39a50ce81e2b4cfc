/* tree.c - the tree of files, as Python's objects. Knows paths and listings, nothing of imports. */

#include "tree.h"

#include <string.h>

#include "decompress.h"
#include "files.h"

PyObject *
sb_text(struct sb_bytes text)
{
    return PyUnicode_DecodeUTF8((const char *)text.data, (Py_ssize_t)text.size, "strict");
}

int
sb_utf8(PyObject *text, struct sb_bytes *utf8)
{
    Py_ssize_t size;
    const char *data = PyUnicode_AsUTF8AndSize(text, &size);

    if (data == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    utf8->data = (const uint8_t *)data;
    utf8->size = (size_t)size;
    return 1;
}

PyObject *
sb_tree_filename(struct sb_state *state, struct sb_bytes path)
{
    PyObject *text = sb_text(path);
    if (text == NULL) {
        return NULL;
    }
    PyObject *filename = PyUnicode_FromFormat("%U/%U", state->executable, text);
    Py_DECREF(text);
    return filename;
}

int
sb_lies_below(PyObject *filename, PyObject *folder)
{
    Py_ssize_t root = PyUnicode_GET_LENGTH(folder);

    if (!PyUnicode_Check(filename)) {
        return 0;
    }
    Py_ssize_t size = PyUnicode_GET_LENGTH(filename);
    if (size < root || (size > root && PyUnicode_READ_CHAR(filename, root) != '/')) {
        return 0;
    }
    return PyUnicode_Tailmatch(filename, folder, 0, root, -1) == 1;
}

int
sb_tree_contains(struct sb_state *state, PyObject *filename)
{
    return sb_lies_below(filename, state->executable);
}

/* take out empty and "." parts, and resolve ".." without leaving the tree; returns the new size */
static size_t
normalise(char *path, size_t size)
{
    size_t written = 0;

    for (size_t i = 0; i < size;) {
        const char *end = memchr(path + i, '/', size - i);
        size_t part = end ? (size_t)(end - (path + i)) : size - i;
        if (part == 2 && path[i] == '.' && path[i + 1] == '.') {
            while (written > 0 && path[written - 1] != '/') {
                written--;
            }
            written -= written > 0;
        }
        else if (part != 0 && !(part == 1 && path[i] == '.')) {
            if (written > 0) {
                path[written++] = '/';
            }
            memmove(path + written, path + i, part);
            written += part;
        }
        i += part + 1;
    }
    return written;
}

PyObject *
sb_tree_path(struct sb_state *state, PyObject *filename)
{
    Py_ssize_t root = sb_tree_contains(state, filename) ? PyUnicode_GET_LENGTH(state->executable)
                                                        : sb_files_root_length(state, filename);
    if (root < 0) {
        Py_RETURN_NONE;
    }
    PyObject *rest = PyUnicode_Substring(filename, root, PyUnicode_GET_LENGTH(filename));
    if (rest == NULL) {
        return NULL;
    }
    struct sb_bytes utf8;
    PyObject *path = NULL;
    int status = sb_utf8(rest, &utf8);
    if (status == 0) {
        path = Py_NewRef(Py_None);
    }
    if (status == 1) {
        char *copy = PyMem_Malloc(utf8.size + 1);
        if (copy == NULL) {
            PyErr_NoMemory();
        }
        else {
            memcpy(copy, utf8.data, utf8.size);
            path = PyUnicode_DecodeUTF8(copy, (Py_ssize_t)normalise(copy, utf8.size), "strict");
            PyMem_Free(copy);
        }
    }
    Py_DECREF(rest);
    return path;
}

PyObject *
sb_tree_kind(struct sb_state *state, PyObject *path)
{
    struct sb_bytes name;
    struct sb_path found;

    int status = sb_utf8(path, &name);
    if (status == 1) {
        status = sb_blob_find_path(state->blob, (const char *)name.data, name.size, &found);
        if (status < 0) {
            return sb_raise_damaged();
        }
        if (status == 1) {
            if (found.data.data == NULL) {
                Py_RETURN_NONE;
            }
            return PyUnicode_FromString("file");
        }
        status = sb_blob_is_folder(state->blob, (const char *)name.data, name.size);
        if (status < 0) {
            return sb_raise_damaged();
        }
        if (status == 1) {
            return PyUnicode_FromString("folder");
        }
    }
    if (status < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
sb_contents(struct sb_bytes data, uint32_t compressed)
{
    size_t size;

    if (!compressed) {
        return PyBytes_FromStringAndSize((const char *)data.data, (Py_ssize_t)data.size);
    }
    if (sb_decompressed_size(data, &size) < 0) {
        return sb_raise_damaged();
    }
    PyObject *contents = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (contents != NULL && sb_decompress(data, PyBytes_AS_STRING(contents), size) < 0) {
        Py_DECREF(contents);
        return sb_raise_damaged();
    }
    return contents;
}

PyObject *
sb_tree_read(struct sb_state *state, PyObject *path)
{
    struct sb_bytes name;
    struct sb_path found;

    int status = sb_utf8(path, &name);
    if (status < 0) {
        return NULL;
    }
    if (status == 1) {
        status = sb_blob_find_path(state->blob, (const char *)name.data, name.size, &found);
        if (status < 0) {
            return sb_raise_damaged();
        }
        if (status == 1 && found.data.data != NULL) {
            return sb_contents(found.data, found.flags & SB_PATH_FLAG_COMPRESSED);
        }
    }
    Py_RETURN_NONE;
}

int
sb_append_child(PyObject *list, const struct sb_child *child)
{
    PyObject *item = Py_BuildValue("s#i", (const char *)child->name.data, (Py_ssize_t)child->name.size,
                                   child->has_children);
    if (item == NULL) {
        return -1;
    }
    int status = PyList_Append(list, item);
    Py_DECREF(item);
    return status;
}

PyObject *
sb_tree_list(struct sb_state *state, PyObject *path)
{
    struct sb_bytes name;
    struct sb_children children;
    struct sb_child child;
    char *prefix = NULL;
    PyObject *list = PyList_New(0);

    int status = sb_utf8(path, &name);
    if (list == NULL || status < 0) {
        goto fail;
    }
    if (status == 0) {
        return list;
    }
    prefix = PyMem_Malloc(name.size + 1);
    if (prefix == NULL) {
        PyErr_NoMemory();
        goto fail;
    }
    memcpy(prefix, name.data, name.size);
    prefix[name.size] = '/';
    status = sb_blob_children(state->blob, SB_SECTION_PATHS, prefix, name.size ? name.size + 1 : 0, &children);
    while (status >= 0 && (status = sb_blob_next_child(&children, &child)) == 1) {
        struct sb_path found;
        if (child.has_record) {
            status = sb_blob_path(state->blob, child.number, &found);
            if (status < 0) {
                break;
            }
            if (found.data.data == NULL) {
                continue;
            }
        }
        if (sb_append_child(list, &child) < 0) {
            goto fail;
        }
    }
    if (status < 0) {
        sb_raise_damaged();
        goto fail;
    }
    if (PyList_Sort(list) < 0) {
        goto fail;
    }
    PyMem_Free(prefix);
    return list;

fail:
    PyMem_Free(prefix);
    Py_XDECREF(list);
    return NULL;
}
