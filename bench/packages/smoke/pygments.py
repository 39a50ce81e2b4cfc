"""A source is coloured."""

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

text = highlight("def f(): pass", get_lexer_by_name("python"), HtmlFormatter())
assert '<span class="k">def</span>' in text
