"""The process sees itself."""

import os

import psutil

process = psutil.Process()
assert process.pid == os.getpid()
assert process.memory_info().rss > 1 << 20
assert psutil.virtual_memory().total > 1 << 26
assert psutil.cpu_count() >= 1
