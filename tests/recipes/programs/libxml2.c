/* prints: two é, HTML: body, schema: valid */
#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxml/xpath.h>
#include <stdio.h>
#include <string.h>

/* The first document is in Latin-1, which libxml2 leaves to iconv, but for the commonest. */
static const char xml[] = "<?xml version='1.0' encoding='ISO-8859-15'?><a><b>one</b><b>two \xe9</b></a>";
static const char html[] = "<p>no end";
static const char xsd[] = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='a'><xs:complexType><xs:sequence>"
                          "<xs:element name='b' type='xs:string' maxOccurs='2'/></xs:sequence></xs:complexType></xs:element></xs:schema>";

int main(void) {
    xmlDocPtr doc = xmlReadMemory(xml, sizeof xml - 1, "a.xml", NULL, 0);
    xmlXPathContextPtr context = xmlXPathNewContext(doc);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST "string(/a/b[last()])", context);
    htmlDocPtr page = htmlReadMemory(html, sizeof html - 1, "a.html", NULL, HTML_PARSE_NOERROR);
    xmlSchemaPtr schema = xmlSchemaParse(xmlSchemaNewMemParserCtxt(xsd, sizeof xsd - 1));
    int valid = xmlSchemaValidateDoc(xmlSchemaNewValidCtxt(schema), doc);

    printf("%s, HTML: %s, schema: %s", found->stringval, xmlDocGetRootElement(page)->children->name, valid == 0 ? "valid" : "not valid");
    return 0;
}
