/* main.c - from the operating system's call to the exit code. Knows the order of things; each is a file of its own. */

#include <Python.h>

#include <stdio.h>

#include "config.h"
#include "importer.h"
#include "open_code.h"
#include "os.h"
#include "program.h"
#include "run.h"
#include "settings.h"
#include "symbols.h"

/* What Python code finds in `sys` and only we know. */
static int
set_sys_attributes(void)
{
    size_t size;
    int status = 0;

    if (sb_setting_bool("frozen", !sb_setting_bool("interpreter", SB_DEFAULT_INTERPRETER))) {
        status = PySys_SetObject("frozen", Py_True);
    }
    (void)sb_setting("meipass", &size);
    if (status == 0 && size) {
        PyObject *folder = sb_config_list("meipass");
        status = folder ? PySys_SetObject("_MEIPASS", PyList_GET_ITEM(folder, 0)) : -1;
        Py_XDECREF(folder);
    }
    return status;
}

/* Folders of the host whose .pth files count. */
static int
add_site_folders(void)
{
    size_t size;

    (void)sb_setting("site_folders", &size);
    if (size == 0) {
        return 0;
    }
    PyObject *folders = sb_config_list("site_folders");
    PyObject *result = folders ? sb_support_call("add_site_folders", folders) : NULL;
    Py_XDECREF(folders);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* What trimming needs while a program runs: who notes what is imported, and who says of what is missing why. */
static int
watch_imports(void)
{
    const char *path = sb_setting_bool("record_modules", SB_DEFAULT_RECORD_MODULES) ? getenv("STATICBUILD_RECORD") : NULL;

    if (path != NULL) {
        PyObject *name = PyUnicode_DecodeFSDefault(path);
        PyObject *result = name ? sb_support_call("record_modules", name) : NULL;
        Py_XDECREF(name);
        Py_XDECREF(result);
        if (result == NULL) {
            return -1;
        }
    }
    return sb_importer_install_last();
}

static int
finish(int code, int interrupted)
{
    /* 120 is what python exits with when the standard streams cannot be flushed. */
    if (Py_FinalizeEx() < 0) {
        code = 120;
    }
    return interrupted ? sb_os_die_of_interrupt() : code;
}

int
main(int argc, char **argv)
{
    int interrupted = 0;
    const char *problem = sb_blob_open(&sb_program.blob, sb_blob_start, (size_t)(sb_blob_end - sb_blob_start));

    if (problem != NULL) {
        fprintf(stderr, "%s: this executable cannot start: %s\n", argc > 0 ? argv[0] : "?", problem);
        return 1;
    }
    sb_program.argc = argc;
    sb_program.argv = argv;
    sb_program.executable = sb_os_executable(argc > 0 ? argv[0] : NULL);
    size_t stack = (size_t)sb_setting_int("thread_stack_size", SB_DEFAULT_THREAD_STACK_SIZE);
    sb_os_thread_stack(stack);
    sb_os_main_stack(stack);

    (void)sb_open_code_install();
    PyStatus status = sb_config_start();
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    if (set_sys_attributes() < 0 || add_site_folders() < 0 || watch_imports() < 0) {
        PyErr_Print();
        return finish(1, 0);
    }
    if (sb_program_is_python()) {
        return Py_RunMain();
    }
    int code = sb_run(&interrupted);
    return finish(code, interrupted);
}
