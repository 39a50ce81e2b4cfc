/* prints: crc cbf43926, 1000 bytes */
#include <lzma.h>
#include <stdio.h>

int main(void) {
    static uint8_t text[1000], packed[2000], back[1000];
    uint64_t limit = UINT64_MAX;
    size_t size = 0, read = 0, written = 0;

    printf("crc %08x", lzma_crc32((const uint8_t *)"123456789", 9, 0));
    if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, text, sizeof text, packed, &size, sizeof packed) != LZMA_OK) return 1;
    if (lzma_stream_buffer_decode(&limit, 0, NULL, packed, &read, size, back, &written, sizeof back) != LZMA_OK) return 1;
    printf(", %d bytes", (int)written);
    return 0;
}
