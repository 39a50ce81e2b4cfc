/* config.h - from settings to CPython's configuration. Knows settings and PyConfig, nothing of what runs later. */

#ifndef SB_CONFIG_H
#define SB_CONFIG_H

#include <Python.h>

/* initialise Python up to the point where modules can be imported from the executable, then the rest */
PyStatus sb_config_start(void);

#endif
