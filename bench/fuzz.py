"""`python -m bench.fuzz`: the reader of blobs under libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.

It feeds `staticbuild/runtime/blob.c` and `decompress.c`, zstd's decompressor behind them, with inputs made up from those in
`tests/runtime/corpus.zip`, and says how many there were and whether one was a finding, whose file is then kept. It needs a
clang with these sanitizers, which the toolchain's does not have: on Debian, `apt-get install clang libclang-rt-dev`.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests/runtime"
CORPUS = TESTS / "corpus.zip"
RUNTIME = ROOT / "staticbuild/runtime"
FLAGS = ("-std=c11", "-O1", "-g", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", f"-I{RUNTIME}")
SOURCES = (TESTS / "libfuzzer_blob.c", TESTS / "see_blob.c", RUNTIME / "blob.c", RUNTIME / "decompress.c")
# As the recipe compiles it, which leaves the sources beside the object.
DECOMPRESSOR = "@stdlib//recipes:unzstd"
DECOMPRESSOR_FLAGS = (
    "-w",
    "-DDEBUGLEVEL=0",
    "-Dsb_ZSTD_LEGACY_SUPPORT=0",
    "-Dsb_ZSTD_DISABLE_ASM=1",
    "-Dsb_XXH_NAMESPACE=sb_ZSTD_",
)
LARGEST = 8192


def main(argv: Sequence[str] | None = None) -> int:
    """Fuzz. 0 if nothing was found, 1 if something was, 3 if this host has no clang that can."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description="The reader of blobs under libFuzzer.")
    parser.add_argument("--runs", type=int, default=10_000_000, metavar="N", help="inputs (default: 10,000,000)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes that share them")
    parser.add_argument("--keep", type=Path, default=Path("findings"), metavar="FOLDER", help="where findings go")
    parser.add_argument("--renew-corpus", action="store_true", help="afterwards, write the smallest corpus of that coverage")
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="staticbuild-fuzz-") as name:
        folder = Path(name)
        with zipfile.ZipFile(CORPUS) as archive:
            archive.extractall(folder / "corpus")
        program = compile_fuzzer(folder)
        if program is None:
            print(
                "error: no clang with libFuzzer is here\nhint: Debian: apt-get install clang libclang-rt-dev", file=sys.stderr
            )
            return 3
        found = fuzz(program, folder, arguments.runs, arguments.jobs, arguments.keep)
        if arguments.renew_corpus and not found:
            renew_corpus(program, folder)
    return 1 if found else 0


def decompressor(folder: Path) -> Path:
    """The one C file that all of zstd's decompressor is included in, made by the recipe."""
    project = folder / "project"
    shutil.copytree(ROOT / "examples/hello", project, ignore=shutil.ignore_patterns("build", "__pycache__"))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    argv = [sys.executable, "-m", "staticbuild", "build", "-q", DECOMPRESSOR]
    subprocess.run(argv, cwd=project, env=environment, check=True, stdout=subprocess.DEVNULL)
    return project / "build/x86_64-unknown-linux-musl/@stdlib/recipes/unzstd/source/unzstd.c"


def compile_fuzzer(folder: Path) -> Path | None:
    """The fuzzer, made with the newest clang that can; None if there is none."""
    sources = (*SOURCES, decompressor(folder))
    for clang in ["clang", *(f"clang-{version}" for version in range(30, 11, -1))]:
        if shutil.which(clang):
            done = subprocess.run(
                [clang, *FLAGS, *DECOMPRESSOR_FLAGS, *map(str, sources), "-o", "fuzz"],
                cwd=folder,
                capture_output=True,
                check=False,
            )
            if done.returncode == 0:
                return folder / "fuzz"
    return None


def fuzz(program: Path, folder: Path, runs: int, jobs: int, keep: Path) -> bool:
    """Run `runs` inputs in `jobs` processes, print a line for each and one for all; whether something was found."""
    started = time.monotonic()
    processes = []
    for job in range(jobs):
        found = folder / f"found-{job}"
        found.mkdir()
        argv = [str(program), f"-runs={runs // jobs + (job < runs % jobs)}", f"-seed={job + 1}", f"-max_len={LARGEST}"]
        argv += ["-print_final_stats=1", f"-artifact_prefix={found}/", "-timeout=10", str(found), str(folder / "corpus")]
        with (folder / f"log-{job}").open("w") as log:
            processes.append(subprocess.Popen(argv, stdout=log, stderr=subprocess.STDOUT, cwd=folder))
    findings, total = False, 0
    for job, process in enumerate(processes):
        status = process.wait()
        text = (folder / f"log-{job}").read_text(errors="replace")
        inputs = re.findall(r"stat::number_of_executed_units:\s*(\d+)", text)
        coverage = re.findall(r"cov: (\d+) ft: (\d+)", text)
        total += int(inputs[-1]) if inputs else 0
        edges, features = coverage[-1] if coverage else ("?", "?")
        print(
            f"process {job}: {inputs[-1] if inputs else '?':>12} inputs, {edges} edges, {features} features, exit code {status}"
        )
        if status != 0:
            findings = True
            keep.mkdir(parents=True, exist_ok=True)
            (keep / f"log-{job}.txt").write_text(text)
            for file in (folder / f"found-{job}").glob("*-*"):
                shutil.copy(file, keep)
    seconds = time.monotonic() - started
    verdict = f"findings in {keep}" if findings else "no finding"
    print(f"{total:,} inputs in {seconds:.0f} s ({total / seconds:,.0f} a second): {verdict}")
    return findings


def renew_corpus(program: Path, folder: Path) -> None:
    """The smallest set of inputs that reaches what all of them reach."""
    merged = folder / "merged"
    merged.mkdir()
    sources = [str(path) for path in (folder / "corpus", *sorted(folder.glob("found-*")))]
    subprocess.run([str(program), "-merge=1", f"-max_len={LARGEST}", str(merged), *sources], check=True, capture_output=True)
    with zipfile.ZipFile(CORPUS, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(merged.iterdir()):
            archive.writestr(zipfile.ZipInfo(file.name), file.read_bytes(), zipfile.ZIP_DEFLATED)
    print(f"corpus: {len(list(merged.iterdir()))} inputs")


if __name__ == "__main__":
    sys.exit(main())
