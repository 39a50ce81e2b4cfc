/* config.h - from settings to CPython's configuration. Knows settings and PyConfig, nothing of what runs later. */

#ifndef SB_CONFIG_H
#define SB_CONFIG_H

#include <Python.h>

/* initialise Python, with modules from the executable */
PyStatus sb_config_start(void);

/* a setting that is a list, as a list of str with `$ORIGIN` and `$EXECUTABLE` resolved */
PyObject *sb_config_list(const char *key);

/* make modules of the executable importable in the current interpreter, which has imported none but built-in ones */
PyStatus sb_config_before_modules(void);

#endif
