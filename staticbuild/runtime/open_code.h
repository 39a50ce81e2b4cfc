/* open_code.h - what io.open_code opens. Knows files of the tree, nothing of what their code is for. */

#ifndef SB_OPEN_CODE_H
#define SB_OPEN_CODE_H

/* let io.open_code read files of the tree, in all interpreters; to be called before Python starts */
int sb_open_code_install(void);

#endif
