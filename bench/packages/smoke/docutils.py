"""A text in reStructuredText becomes HTML."""

from docutils.core import publish_parts

body = publish_parts("Title\n=====\n\n*text* ``code``\n", writer_name="html5")["html_body"]
assert "<em>text</em>" in body
assert "code" in body
