#!/usr/bin/env python3
"""Fuzzes the targets of fuzz/ one after the other, as many at once as there are cores.

    infra/prove/fuzz.py [--from NUMBER] [--seconds SECONDS] [--json]

Turn NUMBER, counted from 0, is that of the targets after those of the turns before; what a turn finds interesting
stays in the corpus (fuzz/corpus, not committed) for the next. An input that breaks a promise is kept in fuzz/artifacts.

Ends with 0 when nothing was found, with 1 when something was, with 2 when it could not fuzz.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUZZ = ROOT / "fuzz"
CARGO = ["cargo", "+nightly", "fuzz"]
RUNS, COVERED = re.compile(r"stat::number_of_executed_units:\s*(\d+)"), re.compile(r"cov: (\d+)")
ARTIFACT = re.compile(r"Test unit written to (\S+)")


class Unable(Exception):
    """Why nothing can be fuzzed."""


def targets():
    return sorted(path.stem for path in (FUZZ / "fuzz_targets").glob("*.rs"))


def main():
    arguments = argparse.ArgumentParser(description="Fuzz, and go on where it stopped.")
    arguments.add_argument("--from", dest="turn", type=int, default=0, metavar="NUMBER", help="which turn this is, counted from 0")
    arguments.add_argument("--seconds", type=int, default=60, help="how long a turn takes (60)")
    arguments.add_argument("--json", action="store_true", help="end with a line of counts")
    options = arguments.parse_args()
    every, at_once = targets(), os.cpu_count() or 1
    chosen = [every[(options.turn * at_once + number) % len(every)] for number in range(min(at_once, len(every)))]
    try:
        for target in chosen:
            prepare(target)
        turns = [(target, start(target, options.seconds)) for target in chosen]
        found, counts = [], {"targets": 0, "runs": 0}
        for target, process in turns:
            said = process.communicate()[0]
            executed = RUNS.search(said)
            if not executed and process.returncode == 0:
                raise Unable(f"{target} did not say how much it ran:\n{said[-1000:]}")
            runs = int(executed[1]) if executed else 0
            counts["runs"] += runs
            counts["targets"] += 1
            covered = COVERED.findall(said)
            print(f"{target:<14} {runs:>10} runs, {covered[-1] if covered else 0} edges")
            if process.returncode != 0:
                artifact = ARTIFACT.search(said)
                found.append(f"{target}: cargo +nightly fuzz run {target} {artifact[1] if artifact else ''}\n{said[-1500:]}")
                print(found[-1])
    except Unable as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 2
    if options.json:
        counts["seconds"] = options.seconds * len(chosen)
        print(json.dumps({"next": options.turn + 1, "done": False, "counts": counts, "found": found}))
    return 1 if found else 0


def prepare(target):
    """Builds a target, and gives it the seeds of the corpus where it has none."""
    run([*CARGO, "build", target])
    corpus = FUZZ / "corpus" / target
    if not corpus.is_dir() or not any(corpus.iterdir()):
        corpus.mkdir(parents=True, exist_ok=True)
        run(["cargo", "run", "--locked", "--profile", "prove", "-p", "holdfast-hostile", "--", str(FUZZ / "corpus")])


def run(command):
    # The workspace's own target folder is not shared: other flags would build everything anew.
    done = subprocess.run(command, cwd=ROOT, env=environment(command), capture_output=True, text=True)
    if done.returncode != 0:
        raise Unable(f"`{' '.join(command)}`:\n{done.stderr[-2000:]}")


def start(target, seconds):
    command = [*CARGO, "run", target, "--", f"-max_total_time={seconds}", "-print_final_stats=1", "-timeout=25", "-rss_limit_mb=4096"]
    return subprocess.Popen(command, cwd=ROOT, env=environment(command), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def environment(command):
    if command[1] != "+nightly":
        return None
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target").resolve()
    return {**os.environ, "CARGO_TARGET_DIR": str(target / "fuzz")}


if __name__ == "__main__":
    sys.exit(main())
