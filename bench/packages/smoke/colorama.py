"""Codes are taken out of what is no terminal."""

import io

from colorama import AnsiToWin32, Fore

stream = io.StringIO()
AnsiToWin32(stream, strip=True).stream.write(Fore.RED + "red")
assert stream.getvalue() == "red"
