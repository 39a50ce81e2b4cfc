/* prints: 4 x 4 pixels, red 250, in a container of 1 frame */
#include <stdio.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>
#include <webp/encode.h>
#include <webp/mux.h>

int main(void) {
    static uint8_t pixels[4 * 4 * 3];
    uint8_t *packed, *back;
    size_t size;
    int width, height, frames;
    WebPData image, whole;
    WebPMux *mux = WebPMuxNew();

    memset(pixels, 250, sizeof pixels);
    size = WebPEncodeLosslessRGB(pixels, 4, 4, 4 * 3, &packed);
    image = (WebPData){packed, size};
    if (WebPMuxSetImage(mux, &image, 1) != WEBP_MUX_OK || WebPMuxAssemble(mux, &whole) != WEBP_MUX_OK) return 1;
    frames = (int)WebPDemuxGetI(WebPDemux(&whole), WEBP_FF_FRAME_COUNT);
    back = WebPDecodeRGB(packed, size, &width, &height);
    printf("%d x %d pixels, red %d, in a container of %d frame", width, height, back[0], frames);
    return 0;
}
