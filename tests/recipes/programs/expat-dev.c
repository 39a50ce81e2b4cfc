/* prints: a b */
#include <expat.h>
#include <stdio.h>

static void start(void *data, const char *name, const char **attributes) {
    printf(*name == 'a' ? "%s" : " %s", name);
}

int main(void) {
    XML_Parser parser = XML_ParserCreate(NULL);

    XML_SetStartElementHandler(parser, start);
    return XML_Parse(parser, "<a><b/></a>", 11, 1) != XML_STATUS_OK;
}
