"""Asks a server for rates."""

from __future__ import annotations

import json
import logging
import ssl
import urllib.request
from datetime import datetime
from decimal import Decimal

log = logging.getLogger(__name__)


def fetch(url: str, ca_file: str | None) -> tuple[dict[str, Decimal], datetime]:
    """The rates at `url`, and their time. Trusts this host's certificates, or those in `ca_file`."""
    if not url.startswith("https://"):
        raise ValueError(f"{url} is not an https:// address")
    context = ssl.create_default_context(cafile=ca_file)
    with urllib.request.urlopen(url, context=context, timeout=20) as answer:  # noqa: S310 - https only, see above
        log.info("%s answered %s", url, answer.status)
        document = json.load(answer)
    return {name: Decimal(text) for name, text in document["rates"].items()}, datetime.fromisoformat(document["at"])
