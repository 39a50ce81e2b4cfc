"""A bar counts."""

import io

from tqdm import tqdm

stream = io.StringIO()
assert sum(tqdm(range(10), file=stream)) == 45
assert "10/10" in stream.getvalue()
