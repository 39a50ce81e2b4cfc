/* getpath.c - takes the place of CPython's Modules/getpath.o, which the link leaves out. Knows only when it is called.
 *
 * CPython computes sys.path, the prefixes and the rest from pyvenv.cfg, ._pth and other files that lie around the
 * executable, and from the environment; it runs a frozen Python program to do so. Here config.c has set everything, and
 * nothing that lies around may change what is imported.
 *
 * The call comes at the right moment for more: each interpreter, the first and every later one, makes it when it can
 * run code and has not yet imported a module that is not built in. */

#define Py_BUILD_CORE 1
#include <Python.h>
#include <internal/pycore_initconfig.h>
#include <internal/pycore_pathconfig.h>

#include "config.h"

/* the name and meaning of CPython's own function */
PyStatus
_PyConfig_InitPathConfig(PyConfig *config, int compute_path_config)
{
    PyStatus status = _PyPathConfig_ReadGlobal(config);
    if (PyStatus_Exception(status) || !compute_path_config) {
        return status;
    }
    return sb_config_before_modules();
}

/* used by CPython's own tests only */
PyObject *
_Py_Get_Getpath_CodeObject(void)
{
    PyErr_SetString(PyExc_NotImplementedError, "this executable has no getpath");
    return NULL;
}
