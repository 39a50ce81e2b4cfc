"""A time in another zone."""

from datetime import datetime

import pytz

moment = pytz.timezone("Europe/Vienna").localize(datetime(2026, 7, 1, 12))
assert moment.astimezone(pytz.utc).hour == 10
assert "America/New_York" in pytz.all_timezones
