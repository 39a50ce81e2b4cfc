/* config.c - from settings to CPython's configuration. Knows settings and PyConfig, nothing of what runs later.
 *
 * In the middle of the initialisation of each interpreter, when CPython would compute its paths (see getpath.c), our
 * importer is put on sys.meta_path, so that `encodings` and all that follows come out of the executable. Nothing of the
 * host is asked unless a setting says so. */

#define PY_SSIZE_T_CLEAN
#define Py_BUILD_CORE 1
#include "config.h"

#include <internal/pycore_gc.h>
#include <internal/pycore_interp.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "importer.h"
#include "program.h"
#include "settings.h"
#include "uncaught.h"

/* May the environment or the command line change how Python starts? */
static int
as_python(void)
{
    return sb_program_is_python() || sb_setting_bool("environment", SB_DEFAULT_ENVIRONMENT);
}

/* sys.flags.isolated, which would overrule two other settings of those that say otherwise */
static int
isolated(void)
{
    int wanted = !as_python() && !sb_setting_bool("user_site_directory", 0) && sb_setting_bool("safe_path", 1);

    return sb_setting_bool("isolated", wanted);
}

/* decode UTF-8 of the blob, with `$ORIGIN` and `$EXECUTABLE` at its beginning resolved, into new memory */
static wchar_t *
decode(const char *text, size_t size)
{
    const char *executable = sb_program.executable ? sb_program.executable : "";
    const char *slash = strrchr(executable, '/');
    struct {
        const char *name;
        size_t size;
    } const places[] = {
        {"$EXECUTABLE", strlen(executable)},
        {"$ORIGIN", slash ? (size_t)(slash - executable) : 0},
    };
    const char *head = "";
    size_t head_size = 0;

    for (int i = 0; i < 2; i++) {
        size_t name_size = strlen(places[i].name);
        if (size >= name_size && memcmp(text, places[i].name, name_size) == 0) {
            head = executable;
            head_size = places[i].size;
            text += name_size;
            size -= name_size;
            break;
        }
    }
    char *joined = PyMem_RawMalloc(head_size + size + 1);
    if (joined == NULL) {
        return NULL;
    }
    memcpy(joined, head, head_size);
    memcpy(joined + head_size, text, size);
    joined[head_size + size] = '\0';
    wchar_t *wide = Py_DecodeLocale(joined, NULL);
    PyMem_RawFree(joined);
    return wide;
}

static PyStatus
set_string(PyConfig *config, wchar_t **field, const char *text, size_t size)
{
    wchar_t *wide = decode(text, size);
    if (wide == NULL) {
        return PyStatus_NoMemory();
    }
    PyStatus status = PyConfig_SetString(config, field, wide);
    PyMem_RawFree(wide);
    return status;
}

/* a setting that is text; an empty one leaves CPython's choice */
static PyStatus
set_text(PyConfig *config, wchar_t **field, const char *key)
{
    size_t size;
    const char *text = sb_setting(key, &size);
    return size ? set_string(config, field, text, size) : PyStatus_Ok();
}

/* a setting that is a list: items joined by null bytes */
static PyStatus
set_list(PyWideStringList *list, const char *key)
{
    size_t size;
    const char *text = sb_setting(key, &size);
    const char *end = text + size;
    PyStatus status = PyStatus_Ok();

    while (size && !PyStatus_Exception(status)) {
        const char *stop = memchr(text, '\0', (size_t)(end - text));
        size_t length = (size_t)((stop ? stop : end) - text);
        wchar_t *wide = decode(text, length);
        if (wide == NULL) {
            return PyStatus_NoMemory();
        }
        status = PyWideStringList_Append(list, wide);
        PyMem_RawFree(wide);
        if (stop == NULL) {
            break;
        }
        text = stop + 1;
    }
    return status;
}

PyObject *
sb_config_list(const char *key)
{
    PyWideStringList list = {0, NULL};
    PyObject *result = NULL;

    if (!PyStatus_Exception(set_list(&list, key))) {
        result = PyList_New(0);
    }
    for (Py_ssize_t i = 0; i < list.length; i++) {
        PyObject *item = result ? PyUnicode_FromWideChar(list.items[i], -1) : NULL;
        if (item == NULL || PyList_Append(result, item) < 0) {
            Py_CLEAR(result);
        }
        Py_XDECREF(item);
        PyMem_RawFree(list.items[i]);
    }
    PyMem_RawFree(list.items);
    return result || PyErr_Occurred() ? result : PyErr_NoMemory();
}

/* PYTHONPATH comes first, as in python. PYTHONHOME has no meaning here. */
static PyStatus
add_environment_path(PyWideStringList *list)
{
    const char *text = getenv("PYTHONPATH");
    wchar_t *wide = text != NULL && text[0] != '\0' ? Py_DecodeLocale(text, NULL) : NULL;
    PyStatus status = PyStatus_Ok();

    for (wchar_t *item = wide; item != NULL && !PyStatus_Exception(status);) {
        wchar_t *end = wcschr(item, L':');
        if (end != NULL) {
            *end++ = L'\0';
        }
        status = PyWideStringList_Append(list, item);
        item = end;
    }
    PyMem_RawFree(wide);
    return status;
}

/* The tree has the layout of an installed Python below the executable's path: all prefixes are this path. */
static PyStatus
set_places(PyConfig *config)
{
    const char *executable = sb_program.executable ? sb_program.executable : "";
    wchar_t **fields[] = {
        &config->executable, &config->base_executable, &config->prefix, &config->exec_prefix,
        &config->base_prefix, &config->base_exec_prefix,
    };
    PyStatus status = PyStatus_Ok();
    char stdlib[64];

    for (size_t i = 0; i < Py_ARRAY_LENGTH(fields) && !PyStatus_Exception(status); i++) {
        status = set_string(config, fields[i], executable, strlen(executable));
    }
    if (!PyStatus_Exception(status)) {
        int size = PyOS_snprintf(stdlib, sizeof(stdlib), "$EXECUTABLE/lib/python%d.%d", PY_MAJOR_VERSION,
                                 PY_MINOR_VERSION);
        status = set_string(config, &config->stdlib_dir, stdlib, (size_t)size);
    }
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetString(config, &config->platlibdir, L"lib");
    }
    if (!PyStatus_Exception(status) && sb_program.argc > 0) {
        status = PyConfig_SetBytesString(config, &config->program_name, sb_program.argv[0]);
    }
    return status;
}

/* all settings that are text of PyConfig */
static PyStatus
set_texts(PyConfig *config)
{
    const struct {
        const char *key;
        wchar_t **field;
    } texts[] = {
        {"stdio_encoding", &config->stdio_encoding},
        {"stdio_errors", &config->stdio_errors},
        {"filesystem_encoding", &config->filesystem_encoding},
        {"filesystem_errors", &config->filesystem_errors},
        {"pycache_prefix", &config->pycache_prefix},
        {"check_hash_pycs_mode", &config->check_hash_pycs_mode},
    };
    PyStatus status = PyStatus_Ok();

    for (size_t i = 0; i < Py_ARRAY_LENGTH(texts) && !PyStatus_Exception(status); i++) {
        status = set_text(config, texts[i].field, texts[i].key);
    }
    return status;
}

static PyStatus
set_lists(PyConfig *config)
{
    PyStatus status = PyStatus_Ok();

    config->module_search_paths_set = 1;
    if (config->use_environment) {
        status = add_environment_path(&config->module_search_paths);
    }
    if (!PyStatus_Exception(status)) {
        status = set_list(&config->module_search_paths, "sys_path");
    }
    if (!PyStatus_Exception(status)) {
        status = set_list(&config->warnoptions, "warn_options");
    }
    if (!PyStatus_Exception(status)) {
        status = set_list(&config->xoptions, "x_options");
    }
    return status;
}

static void
set_numbers(PyConfig *config)
{
    long seed = sb_setting_int("hash_seed", SB_DEFAULT_HASH_SEED);

    /* Where the environment or the command line may say more, CPython has not decided yet, which it says by -1. */
#define FIELD(name, otherwise) \
    config->name = (int)sb_setting_int(#name, as_python() && config->name < 0 ? config->name : (otherwise));
#define PYTHONS(name) config->name = (int)sb_setting_int(#name, config->name);
    SB_CONFIG_FIELDS(FIELD, PYTHONS)
#undef FIELD
#undef PYTHONS
    if (seed >= 0) {
        config->use_hash_seed = 1;
        config->hash_seed = (unsigned long)seed;
    }
    config->isolated = isolated();
    config->use_environment = sb_setting_bool("environment", SB_DEFAULT_ENVIRONMENT);
    config->parse_argv = sb_program_is_python();
    config->pathconfig_warnings = 0;
    /* What CPython carries frozen is imported out of the resources, and _imp.is_frozen() must say so: importlib takes
     * a module for a frozen one if its name is. */
    config->use_frozen_modules = 0;
}

static PyStatus
set_fields(PyConfig *config)
{
    set_numbers(config);
    PyStatus status = set_lists(config);
    return PyStatus_Exception(status) ? status : set_texts(config);
}

/* The number of an allocator of PYTHONMALLOC; none of these names is checked again by CPython. */
static PyStatus
set_allocator(PyPreConfig *preconfig)
{
    static const struct {
        const char *name;
        PyMemAllocatorName number;
    } allocators[] = {
        {"default", PYMEM_ALLOCATOR_NOT_SET},
        {"debug", PYMEM_ALLOCATOR_DEBUG},
        {"malloc", PYMEM_ALLOCATOR_MALLOC},
        {"malloc_debug", PYMEM_ALLOCATOR_MALLOC_DEBUG},
#ifdef WITH_PYMALLOC
        {"pymalloc", PYMEM_ALLOCATOR_PYMALLOC},
        {"pymalloc_debug", PYMEM_ALLOCATOR_PYMALLOC_DEBUG},
#endif
#ifdef WITH_MIMALLOC
        {"mimalloc", PYMEM_ALLOCATOR_MIMALLOC},
        {"mimalloc_debug", PYMEM_ALLOCATOR_MIMALLOC_DEBUG},
#endif
    };
    size_t size;

    (void)sb_setting("python_allocator", &size);
    if (size == 0) {
        return PyStatus_Ok();
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(allocators); i++) {
        if (sb_setting_is("python_allocator", allocators[i].name)) {
            preconfig->allocator = allocators[i].number;
            return PyStatus_Ok();
        }
    }
    return PyStatus_Error("this Python was built without the allocator that the setting python_allocator names");
}

static PyStatus
preinitialise(void)
{
    PyPreConfig preconfig;

    if (as_python()) {
        PyPreConfig_InitPythonConfig(&preconfig);
    }
    else {
        PyPreConfig_InitIsolatedConfig(&preconfig);
        preconfig.utf8_mode = SB_DEFAULT_UTF8_MODE;
    }
    preconfig.isolated = isolated();
    preconfig.use_environment = sb_setting_bool("environment", SB_DEFAULT_ENVIRONMENT);
    preconfig.parse_argv = sb_program_is_python();
    preconfig.configure_locale = sb_setting_bool("configure_locale", SB_DEFAULT_CONFIGURE_LOCALE);
    preconfig.utf8_mode = (int)sb_setting_int("utf8_mode", preconfig.utf8_mode);
    preconfig.coerce_c_locale
        = (int)sb_setting_int("coerce_c_locale", preconfig.utf8_mode ? preconfig.coerce_c_locale : 1);
    preconfig.coerce_c_locale_warn = sb_setting_bool("coerce_c_locale_warn", SB_DEFAULT_COERCE_C_LOCALE_WARN);
    preconfig.dev_mode = (int)sb_setting_int("dev_mode", preconfig.dev_mode);

    PyStatus status = set_allocator(&preconfig);
    return PyStatus_Exception(status)
               ? status
               : Py_PreInitializeFromBytesArgs(&preconfig, sb_program.argc, sb_program.argv);
}

PyStatus
sb_config_before_modules(void)
{
    if (sb_importer_install() < 0 || sb_uncaught_install() < 0) {
        PyErr_Print();
        return PyStatus_Error("cannot import from this executable");
    }
    if (sb_setting_bool("warn_default_encoding", 0)) {
        /* CPython forgets this one while it reads its command line. */
        ((PyConfig *)_PyInterpreterState_GetConfig(PyInterpreterState_Get()))->warn_default_encoding = 1;
    }
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) {
        PyGC_Disable();
    }
    return PyStatus_Ok();
}

/* Put a new `__main__` in the place of the one that initialisation made. What the program keeps there must not hang on
 * a dict that collections do not look at, or files in it would not be flushed at exit. */
static int
renew_main(void)
{
    PyObject *modules = PyImport_GetModuleDict();
    PyObject *old = PyDict_GetItemString(modules, "__main__");
    PyObject *main_module = PyModule_New("__main__");
    int status = -1;

    if (old != NULL && main_module != NULL
        && PyDict_Update(PyModule_GetDict(main_module), PyModule_GetDict(old)) == 0)
    {
        status = PyDict_SetItemString(modules, "__main__", main_module);
    }
    Py_XDECREF(main_module);
    return status;
}

/* Collections find nothing in what initialisation makes, and would look at all of it, again and again until the end.
 * So there are none until the program runs, and what exists then is set aside, as gc.freeze() does. */
static PyStatus
begin_collections(void)
{
    int status = 0;

    if (sb_setting_bool("gc_freeze", SB_DEFAULT_GC_FREEZE)) {
#if PY_VERSION_HEX >= 0x030d0000
        _PyGC_Freeze(PyInterpreterState_Get());
#else
        int imported = PyDict_GetItemString(PyImport_GetModuleDict(), "gc") != NULL;
        PyObject *gc = PyImport_ImportModule("gc");
        PyObject *result = gc ? PyObject_CallMethod(gc, "freeze", NULL) : NULL;
        Py_XDECREF(gc);
        Py_XDECREF(result);
        status = result ? 0 : -1;
        if (status == 0 && !imported) {
            /* The program has not asked for it yet. */
            status = PyDict_DelItemString(PyImport_GetModuleDict(), "gc");
        }
#endif
        if (status == 0) {
            status = renew_main();
        }
    }
    PyGC_Enable();
    if (status < 0) {
        PyErr_Print();
        return PyStatus_Error("cannot prepare the garbage collector");
    }
    return PyStatus_Ok();
}

PyStatus
sb_config_start(void)
{
    PyConfig config;
    PyStatus status = preinitialise();

    if (PyStatus_Exception(status)) {
        return status;
    }
    if (as_python()) {
        PyConfig_InitPythonConfig(&config);
    }
    else {
        PyConfig_InitIsolatedConfig(&config);
    }
    status = PyConfig_SetBytesArgv(&config, sb_program.argc, sb_program.argv);
    if (!PyStatus_Exception(status)) {
        status = set_fields(&config);
    }
    if (!PyStatus_Exception(status)) {
        status = set_places(&config);
    }
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    return PyStatus_Exception(status) ? status : begin_collections();
}
