/* prints: crc cbf43926 */
#include <stdio.h>
#include <zlib.h>

int main(void) {
    printf("crc %08lx", crc32(0, (const unsigned char *)"123456789", 9));
    return 0;
}
