"""A table is drawn."""

import io

from rich.console import Console
from rich.table import Table

table = Table("name", "age")
table.add_row("Ada", "36")
stream = io.StringIO()
Console(file=stream, width=40).print(table, "[bold]done[/] :heavy_check_mark:")
assert "Ada" in stream.getvalue()
assert "✔" in stream.getvalue()
