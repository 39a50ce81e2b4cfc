/* prints: tiny, A: 8 x 2, 5a ff, with truetype type1 cff sfnt smooth */
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_MODULE_H
#include <stdio.h>

/* A bitmap font of one glyph, in BDF: the format that a person can write. */
static const char font[] = "STARTFONT 2.1\nFONT -x-tiny-medium-r-normal--2-20-75-75-c-80-iso10646-1\nSIZE 2 75 75\nFONTBOUNDINGBOX 8 2 0 0\n"
                           "STARTPROPERTIES 3\nFAMILY_NAME \"tiny\"\nFONT_ASCENT 2\nFONT_DESCENT 0\nENDPROPERTIES\nCHARS 1\nSTARTCHAR A\n"
                           "ENCODING 65\nSWIDTH 500 0\nDWIDTH 8 0\nBBX 8 2 0 0\nBITMAP\n5A\nFF\nENDCHAR\nENDFONT\n";
static const char *const names[] = {"truetype", "type1", "cff", "sfnt", "smooth"};

int main(void) {
    FT_Library library;
    FT_Face face;
    FT_Bitmap *bitmap;

    if (FT_Init_FreeType(&library)) return 1;
    if (FT_New_Memory_Face(library, (const FT_Byte *)font, sizeof font - 1, 0, &face)) return 1;
    if (FT_Load_Glyph(face, 1, FT_LOAD_RENDER)) return 1;
    bitmap = &face->glyph->bitmap;
    printf("%s, A: %u x %u, %02x %02x, with", face->family_name, bitmap->width, bitmap->rows, bitmap->buffer[0], bitmap->buffer[bitmap->pitch]);
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (FT_Get_Module(library, names[i])) printf(" %s", names[i]);
    return 0;
}
