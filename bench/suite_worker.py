"""Runs one benchmark of pyperformance in this very process, by processor time. Run by both interpreters; knows neither.

    PYTHON suite_worker.py LOOPS VALUES SCRIPT [ARGUMENT]

Prints a JSON object: name to how often a loop repeats what is measured, and to the seconds of each value. pyperf alone would
start a process for each few values and measure by the clock on the wall; on a machine that others use, too, that says more
of the others.
"""

import json
import os
import runpy
import sys
import tempfile
import time


def main() -> None:
    """Run the script with pyperf's own worker option, and print what it measured."""
    loops, values, script, *arguments = sys.argv[1:]
    # Before pyperf is imported, which takes it from here.
    time.perf_counter = time.process_time
    with tempfile.TemporaryDirectory() as folder:
        output = os.path.join(folder, "values.json")
        options = ["--worker", "--quiet", "--loops", loops, "--warmups", "1", "--values", values, "--output", output]
        sys.argv = [script, *options, *arguments]
        sys.path.insert(0, os.path.dirname(script))
        printed, sys.stdout = sys.stdout, sys.stderr
        runpy.run_path(script, run_name="__main__")
        sys.stdout = printed
        import pyperf  # type: ignore[import-not-found]  # noqa: PLC0415 - after the clock was exchanged; a peer's package

        suite = pyperf.BenchmarkSuite.load(output)
        print(json.dumps({one.get_name(): (one.get_inner_loops(), one.get_values()) for one in suite}))


if __name__ == "__main__":
    main()
