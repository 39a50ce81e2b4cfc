"""Tables are grouped, joined and written."""

import io

import pandas

table = pandas.read_csv(io.StringIO("day,n\n2026-01-01,1\n2026-01-01,2\n2026-01-02,5\n"), parse_dates=["day"])
assert table.groupby("day")["n"].sum().tolist() == [3, 5]
joined = table.merge(pandas.DataFrame({"n": [5], "name": ["five"]}), on="n", how="left")
assert joined["name"].isna().tolist() == [True, True, False]
assert table.set_index("day").resample("D").mean()["n"].tolist() == [1.5, 5.0]
assert pandas.read_json(io.StringIO(table.to_json()))["n"].tolist() == [1, 2, 5]
