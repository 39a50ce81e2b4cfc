/* prints: 4 x 4 pixels, red 250 */
#include <png.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    static unsigned char pixels[4 * 4 * 3], packed[4096];
    png_alloc_size_t size = sizeof packed;
    png_image image;

    memset(pixels, 250, sizeof pixels);
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = image.height = 4;
    image.format = PNG_FORMAT_RGB;
    if (!png_image_write_to_memory(&image, packed, &size, 0, pixels, 0, NULL)) return 1;

    memset(pixels, 0, sizeof pixels);
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&image, packed, size)) return 1;
    image.format = PNG_FORMAT_RGB;
    if (!png_image_finish_read(&image, NULL, pixels, 0, NULL)) return 1;
    printf("%u x %u pixels, red %d", image.width, image.height, pixels[0]);
    return 0;
}
