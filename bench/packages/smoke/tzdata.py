"""A time zone that the host need not have."""

import zoneinfo
from datetime import datetime

zoneinfo.reset_tzpath(to=[])
assert datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Vienna")).utcoffset().seconds == 7200
