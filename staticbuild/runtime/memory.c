/* memory.c - files in memory, for shared libraries that no folder takes. Knows which there are, nothing of who loads them.
 *
 * The loader takes a file for one that it knows when it has the same name, so a descriptor is never closed: another file would
 * get its number. All interpreters of a process share the copies, as they share the libraries. */

#include "memory.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "os.h"
#include "tree.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
/* for the number of each path, its descriptor plus 1, or 0 */
static int *descriptors;

/* the file at `path`, and its number; 0, or -1 with an exception */
static int
find(struct sb_state *state, PyObject *path, struct sb_path *file, uint32_t *number)
{
    struct sb_bytes name;

    int status = sb_utf8(path, &name);
    if (status == 1) {
        status = sb_blob_find_path(state->blob, (const char *)name.data, name.size, file);
        if (status < 0
            || sb_blob_bound(state->blob, SB_SECTION_PATHS, (const char *)name.data, name.size, number) < 0)
        {
            sb_raise_damaged();
            return -1;
        }
    }
    if (status < 0) {
        return -1;
    }
    if (status == 0 || file->data.data == NULL) {
        errno = ENOENT;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return -1;
    }
    return 0;
}

/* the descriptor of the copy in memory of a file with these contents, or -1 and errno */
static int
descriptor_of(struct sb_state *state, uint32_t number, struct sb_bytes path, struct sb_bytes contents)
{
    char name[64];
    int result = -1;

    const uint8_t *start = path.data + path.size;
    while (start > path.data && start[-1] != '/') {
        start--;
    }
    size_t size = (size_t)(path.data + path.size - start);
    size = size < sizeof(name) ? size : sizeof(name) - 1;
    memcpy(name, start, size);
    name[size] = '\0';

    pthread_mutex_lock(&mutex);
    if (descriptors == NULL) {
        descriptors = calloc(sb_blob_count(state->blob, SB_SECTION_PATHS), sizeof(*descriptors));
    }
    if (descriptors == NULL) {
        errno = ENOMEM;
    }
    else if (descriptors[number] != 0) {
        result = descriptors[number] - 1;
    }
    else {
        result = sb_os_memory_file(name, contents.data, contents.size);
        descriptors[number] = result + 1;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

PyObject *
sb_memory_filename(struct sb_state *state, PyObject *path)
{
    struct sb_path file;
    struct sb_bytes contents;
    PyObject *holder = NULL;
    uint32_t number;
    int descriptor;

    if (find(state, path, &file, &number) < 0) {
        return NULL;
    }
    contents = file.data;
    if (file.flags & SB_PATH_FLAG_COMPRESSED) {
        holder = sb_contents(file.data, 1);
        if (holder == NULL) {
            return NULL;
        }
        contents.data = (const uint8_t *)PyBytes_AS_STRING(holder);
        contents.size = (size_t)PyBytes_GET_SIZE(holder);
    }
    Py_BEGIN_ALLOW_THREADS
    descriptor = descriptor_of(state, number, file.path, contents);
    Py_END_ALLOW_THREADS
    if (descriptor < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    }
    Py_XDECREF(holder);
    return descriptor < 0 ? NULL : PyUnicode_FromFormat("/proc/self/fd/%d", descriptor);
}

PyObject *
sb_memory_load(PyObject *filename)
{
    const char *name = PyUnicode_AsUTF8(filename);
    if (name == NULL) {
        return NULL;
    }
    if (dlopen(name, RTLD_NOW | RTLD_LOCAL) == NULL) {
        const char *reason = dlerror();
        PyErr_SetString(PyExc_OSError, reason ? reason : "cannot be loaded");
        return NULL;
    }
    Py_RETURN_NONE;
}
