/* symbols.h - what the link provides: the blob, and a table of the program's own symbols. Knows nothing of users. */

#ifndef SB_SYMBOLS_H
#define SB_SYMBOLS_H

#include <stddef.h>

struct sb_symbol {
    const char *name;
    const void *address;
};

/* what `dlsym` finds in the program itself; sorted by name as `strcmp` does */
extern const struct sb_symbol sb_symbols[];
extern const size_t sb_symbols_count;

/* the packed resources */
extern const unsigned char sb_blob_start[];
extern const unsigned char sb_blob_end[];

#endif
