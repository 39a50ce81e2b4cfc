/* compat.h - what differs between the versions of CPython that this is compiled for. Knows CPython's names only.
 *
 * The newest version's names are used everywhere; here they are given to older ones. */

#ifndef SB_COMPAT_H
#define SB_COMPAT_H

#include <Python.h>

#if PY_VERSION_HEX >= 0x030c0000

/* Since 3.12 an interpreter can have a GIL of its own, and modules say whether they can do with that (PEP 684). */
#define SB_PER_INTERPRETER_GIL {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},

/* what compile() says of them */
#define SB_NULL_BYTES_ERROR PyExc_SyntaxError

#else

#define SB_PER_INTERPRETER_GIL
#define SB_NULL_BYTES_ERROR PyExc_ValueError

/* Members of types came with Python.h in 3.12. */
#include <structmember.h>
#define Py_T_OBJECT_EX T_OBJECT_EX
#define Py_READONLY READONLY

/* An exception was three objects until 3.12, and its traceback not yet in it. */
static inline PyObject *
PyErr_GetRaisedException(void)
{
    PyObject *type, *value, *traceback;

    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value != NULL && traceback != NULL) {
        (void)PyException_SetTraceback(value, traceback);
    }
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return value;
}

#endif
#endif
