"""An address is joined and quoted."""

from yarl import URL

address = URL("https://a.b/c d") / "e" % {"q": "ü"}
assert str(address) == "https://a.b/c%20d/e?q=%C3%BC"
assert address.query["q"] == "ü"
