/* program.h - what is known before Python starts: the resources and who we are. Knows nothing of Python's objects. */

#ifndef SB_PROGRAM_H
#define SB_PROGRAM_H

#include <stddef.h>

#include "blob.h"

struct sb_program {
    struct sb_blob blob;
    char *executable;       /* absolute path, in the bytes of the file system */
    int argc;
    char **argv;
};

/* the one program of this process; `main` fills it before Python starts */
extern struct sb_program sb_program;

/* Is this process to behave as `python` does? Always as the setting `interpreter` says, and for the command lines that
 * `python_commands` serves. */
int sb_program_is_python(void);

/* The command that `multiprocessing` started this process with, or NULL: `--multiprocessing-fork`, or code. */
const char *sb_program_multiprocessing(void);

/* a setting as text; `*size` is 0 and the result "" when the config left it out or the blob is damaged */
const char *sb_setting(const char *key, size_t *size);

/* a setting as a truth value */
int sb_setting_bool(const char *key, int otherwise);

/* a setting as a number */
long sb_setting_int(const char *key, long otherwise);

/* is a setting this very text? */
int sb_setting_is(const char *key, const char *text);

#endif
