"""Texts are escaped, by the extension module."""

import markupsafe
import markupsafe._speedups

assert markupsafe.Markup("<b>%s</b>") % "<&>" == "<b>&lt;&amp;&gt;</b>"
assert markupsafe.escape("a\"'") == "a&#34;&#39;"
