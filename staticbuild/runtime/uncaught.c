/* uncaught.c - shows what nobody caught, with source lines. Knows who shows it, nothing of how it looks.
 *
 * Since 3.13 CPython asks the module `traceback` to show an exception that nobody caught, which gets the lines from our
 * loaders. Before, it opened the source's file itself, and there is none; here those versions ask `traceback`, too. */

#include "compat.h"
#include "uncaught.h"

#if PY_VERSION_HEX >= 0x030d0000

int
sb_uncaught_install(void)
{
    return 0;
}

#else

#include "importer.h"

/* show it by way of `traceback`; NULL with an exception set if that does not work */
static PyObject *
show(PyObject *type, PyObject *value, PyObject *traceback, PyObject *out)
{
    PyObject *print = sb_import_attribute("traceback", "print_exception");
    PyObject *result = print ? PyObject_CallFunctionObjArgs(print, type, value, traceback, NULL) : NULL;
    Py_XDECREF(print);
    if (result != NULL) {
        Py_SETREF(result, PyObject_CallMethod(out, "flush", NULL));
    }
    return result;
}

/* sys.excepthook(type, value, traceback) */
static PyObject *
excepthook(PyObject *self, PyObject *args)
{
    PyObject *type, *value, *traceback;
    PyObject *result = NULL;
    PyObject *out = PySys_GetObject("stderr");

    (void)self;
    if (!PyArg_UnpackTuple(args, "excepthook", 3, 3, &type, &value, &traceback)) {
        return NULL;
    }
    if (out != NULL && out != Py_None) {
        Py_INCREF(out);
        result = show(type, value, traceback, out);
        Py_DECREF(out);
    }
    if (result == NULL) {
        /* without source lines, but in any state of the interpreter */
        PyErr_Clear();
        PyErr_Display(type, value, traceback);
    }
    Py_XDECREF(result);
    Py_RETURN_NONE;
}

static PyMethodDef method = {"excepthook", excepthook, METH_VARARGS, PyDoc_STR("Show an exception on sys.stderr.")};

int
sb_uncaught_install(void)
{
    PyObject *hook = PyCFunction_New(&method, NULL);
    PyObject *thread = hook ? PyImport_ImportModule("_thread") : NULL;
    int status = -1;

    /* `threading` brings a hook of its own, in Python, for a `_thread` that has none. */
    if (thread != NULL && PySys_SetObject("excepthook", hook) == 0 && PySys_SetObject("__excepthook__", hook) == 0
        && PyObject_SetAttrString(thread, "_excepthook", NULL) == 0)
    {
        status = 0;
    }
    Py_XDECREF(hook);
    Py_XDECREF(thread);
    return status;
}

#endif
