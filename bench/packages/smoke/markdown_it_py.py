"""Markdown becomes HTML."""

from markdown_it import MarkdownIt

assert MarkdownIt().render("# a\n\n*b* `c`") == "<h1>a</h1>\n<p><em>b</em> <code>c</code></p>\n"
