/* prints: 1000 bytes */
#include <brotli/decode.h>
#include <brotli/encode.h>
#include <stdio.h>

int main(void) {
    static uint8_t text[1000], packed[2000], back[1000];
    size_t packed_size = sizeof packed, size = sizeof back;

    if (!BrotliEncoderCompress(5, 22, BROTLI_MODE_GENERIC, sizeof text, text, &packed_size, packed)) return 1;
    if (BrotliDecoderDecompress(packed_size, packed, &size, back) != BROTLI_DECODER_RESULT_SUCCESS) return 1;
    printf("%d bytes", (int)size);
    return 0;
}
