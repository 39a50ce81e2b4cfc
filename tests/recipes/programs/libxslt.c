/* prints: <out>3</out> */
#include <libexslt/exslt.h>
#include <libxslt/transform.h>
#include <libxslt/xsltutils.h>
#include <stdio.h>
#include <string.h>

static const char sheet[] =
    "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform' xmlns:math='http://exslt.org/math'"
    " exclude-result-prefixes='math'><xsl:output omit-xml-declaration='yes'/>"
    "<xsl:template match='/'><out><xsl:value-of select='math:max(//n)'/></out></xsl:template></xsl:stylesheet>";
static const char xml[] = "<a><n>1</n><n>3</n><n>2</n></a>";

int main(void) {
    xsltStylesheetPtr style;
    xmlDocPtr result;
    xmlChar *text;
    int size;

    exsltRegisterAll();
    style = xsltParseStylesheetDoc(xmlReadMemory(sheet, sizeof sheet - 1, "a.xsl", NULL, 0));
    result = xsltApplyStylesheet(style, xmlReadMemory(xml, sizeof xml - 1, "a.xml", NULL, 0), NULL);
    xsltSaveResultToString(&text, &size, result, style);
    printf("%.*s", size - 1, text); /* without its newline */
    return 0;
}
