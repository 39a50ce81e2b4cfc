/* prints: 8 x 8 pixels, grey 200 */
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>

int main(void) {
    struct jpeg_compress_struct out;
    struct jpeg_decompress_struct in;
    struct jpeg_error_mgr errors;
    unsigned char row[8] = {200, 200, 200, 200, 200, 200, 200, 200}, *rows[1] = {row}, *packed = NULL;
    unsigned long size = 0;

    out.err = in.err = jpeg_std_error(&errors);
    jpeg_create_compress(&out);
    jpeg_mem_dest(&out, &packed, &size);
    out.image_width = out.image_height = 8;
    out.input_components = 1;
    out.in_color_space = JCS_GRAYSCALE;
    jpeg_set_defaults(&out);
    jpeg_start_compress(&out, TRUE);
    while (out.next_scanline < 8) jpeg_write_scanlines(&out, rows, 1);
    jpeg_finish_compress(&out);

    row[0] = 0;
    jpeg_create_decompress(&in);
    jpeg_mem_src(&in, packed, size);
    jpeg_read_header(&in, TRUE);
    jpeg_start_decompress(&in);
    jpeg_read_scanlines(&in, rows, 1);
    printf("%d x %d pixels, grey %d", in.output_width, in.output_height, row[0]);
    return 0;
}
