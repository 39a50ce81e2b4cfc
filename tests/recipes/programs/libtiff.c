/* prints: deflate 7, JPEG 200, CCITT known */
#include <stdio.h>
#include <string.h>
#include <tiffio.h>
#include <unistd.h>

/* Writes a row of grey to a file without a name, and reads it back: the first pixel. */
static int pixel(uint16_t compression, int grey) {
    FILE *file = tmpfile();
    unsigned char row[16];
    TIFF *tiff = TIFFFdOpen(dup(fileno(file)), "w", "w");

    memset(row, grey, sizeof row);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 16);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, 16);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, compression);
    TIFFWriteScanline(tiff, row, 0, 0);
    TIFFClose(tiff);
    memset(row, 0, sizeof row);
    lseek(fileno(file), 0, SEEK_SET);
    tiff = TIFFFdOpen(dup(fileno(file)), "r", "r");
    TIFFReadScanline(tiff, row, 0, 0);
    TIFFClose(tiff);
    return row[0];
}

int main(void) {
    printf("deflate %d, JPEG %d", pixel(COMPRESSION_ADOBE_DEFLATE, 7), pixel(COMPRESSION_JPEG, 200));
    printf(", CCITT %s", TIFFIsCODECConfigured(COMPRESSION_CCITTFAX4) ? "known" : "unknown");
    return 0;
}
