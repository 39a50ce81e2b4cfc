"""Links are found in a page."""

from bs4 import BeautifulSoup

page = BeautifulSoup("<p>One <a href='/a'>two</a><a href='/b'>three</p>", "html.parser")
assert [link["href"] for link in page.find_all("a")] == ["/a", "/b"]
assert page.select_one("p > a").text == "two"
