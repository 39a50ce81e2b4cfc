"""The encoding of a text is found."""

from charset_normalizer import from_bytes

text = "Всеки човек има право на образование. Образованието трябва да бъде безплатно."
assert str(from_bytes(text.encode("cp1251")).best()) == text
