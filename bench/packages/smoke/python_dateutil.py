"""Dates are read, and rules of repetition kept."""

from datetime import datetime

from dateutil import parser, rrule, tz
from dateutil.relativedelta import relativedelta

assert parser.parse("3rd of March 2026 5pm") == datetime(2026, 3, 3, 17)
assert datetime(2026, 1, 31) + relativedelta(months=1) == datetime(2026, 2, 28)
assert rrule.rrule(rrule.WEEKLY, dtstart=datetime(2026, 1, 1), count=3)[2].day == 15
assert tz.gettz("Europe/Vienna") is not None
