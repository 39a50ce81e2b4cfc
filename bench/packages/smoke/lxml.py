"""A document is parsed, queried, transformed and checked."""

from lxml import etree, html

root = etree.fromstring("<a><b n='1'/><b n='2'>text</b></a>")
assert root.xpath("sum(//b/@n)") == 3
style = etree.XSLT(
    etree.XML(
        "<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'>"
        "<xsl:template match='/'><c><xsl:value-of select='//b[2]'/></c></xsl:template></xsl:stylesheet>"
    )
)
assert etree.tostring(style(root)) == b"<c>text</c>"
assert html.fromstring("<p>x<br>y").text_content() == "xy"
schema = etree.RelaxNG(etree.XML("<element name='a' xmlns='http://relaxng.org/ns/structure/1.0'><empty/></element>"))
assert not schema.validate(root)
