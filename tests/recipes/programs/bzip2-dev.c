/* prints: 1000 bytes */
#include <bzlib.h>
#include <stdio.h>

int main(void) {
    static char text[1000], packed[2000], back[1000];
    unsigned packed_size = sizeof packed, size = sizeof back;

    if (BZ2_bzBuffToBuffCompress(packed, &packed_size, text, sizeof text, 9, 0, 0) != BZ_OK) return 1;
    if (BZ2_bzBuffToBuffDecompress(back, &size, packed, packed_size, 0, 0) != BZ_OK) return 1;
    printf("%u bytes", size);
    return 0;
}
