/* os.h - what differs from one operating system to the next. Knows nothing of Python. */

#ifndef SB_OS_H
#define SB_OS_H

#include <stddef.h>

/* the absolute path of the running executable, allocated with malloc; NULL when nothing tells */
char *sb_os_executable(const char *argv0);

/* give this stack to threads that do not ask for a size of their own */
void sb_os_thread_stack(size_t size);

/* let the stack of the main thread grow to this size, where the host's limit is lower and may be raised */
void sb_os_main_stack(size_t size);

/* end the process as an unhandled Ctrl-C does; returns the exit code to use if that fails */
int sb_os_die_of_interrupt(void);

/* a new file in memory that cannot be changed any more and is closed when another program is run; its descriptor, or -1 and
 * errno */
int sb_os_memory_file(const char *name, const void *data, size_t size);

/* does an open file hold just this? 1, 0, or -1 and errno */
int sb_os_same_contents(int descriptor, const void *data, size_t size);

#endif
