/* run.h - runs the program that the settings name. Knows entry points and exit codes, nothing of how Python starts. */

#ifndef SB_RUN_H
#define SB_RUN_H

/* run the program in an initialised Python; returns its exit code. `*interrupted` is set when Ctrl-C ended it. */
int sb_run(int *interrupted);

#endif
