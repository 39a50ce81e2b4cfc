/* uncaught.h - shows what nobody caught, with source lines. */

#ifndef SB_UNCAUGHT_H
#define SB_UNCAUGHT_H

/* put our hooks in the place of this interpreter's, where it needs them; -1 with an exception set */
int sb_uncaught_install(void);

#endif
