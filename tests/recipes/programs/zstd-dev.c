/* prints: 1000 bytes */
#include <stdio.h>
#include <string.h>
#include <zstd.h>

int main(void) {
    static char text[1000], packed[2000], back[1000];
    size_t size;

    memset(text, 'x', sizeof text);
    size = ZSTD_compress(packed, sizeof packed, text, sizeof text, 3);
    printf("%d bytes", (int)ZSTD_decompress(back, sizeof back, packed, size));
    return 0;
}
