"""CSS selects in a page."""

import soupsieve
from bs4 import BeautifulSoup

page = BeautifulSoup("<ul><li class=a>1<li>2<li class=a>3</ul>", "html.parser")
assert [item.text for item in soupsieve.select("li.a:nth-child(odd)", page)][-1].endswith("3")
