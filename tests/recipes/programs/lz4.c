/* prints: 10000 bytes came back from fewer than 100 */
#include <lz4.h>
#include <lz4frame.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static char text[10000], packed[20000], back[10000];
    size_t size;
    int got;

    memset(text, 'x', sizeof text);
    size = LZ4F_compressFrame(packed, sizeof packed, text, sizeof text, NULL);
    if (LZ4F_isError(size)) return 1;
    size = (size_t)LZ4_compress_default(text, packed, sizeof text, sizeof packed);
    got = LZ4_decompress_safe(packed, back, (int)size, sizeof back);
    if (size >= 100 || memcmp(text, back, sizeof text) != 0) return 1;
    printf("%d bytes came back from fewer than 100", got);
    return 0;
}
