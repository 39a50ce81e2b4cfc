"""An address is taken apart, and retries are counted."""

from urllib3 import Retry
from urllib3.util import parse_url

assert parse_url("https://a.b:8/c?d#e").port == 8
assert Retry(total=3).increment("GET", "/", error=OSError()).total == 2
