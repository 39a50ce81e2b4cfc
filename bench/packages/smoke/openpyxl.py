"""A workbook is written and read."""

import io

from openpyxl import Workbook, load_workbook

book = Workbook()
book.active.append(["a", 1, 2.5])
file = io.BytesIO()
book.save(file)
assert [cell.value for cell in load_workbook(file).active[1]] == ["a", 1, 2.5]
