#!/usr/bin/env python3
"""Proves for as long as it is told, goes on where it stopped, and writes docs/PROOF.md.

    make prove MINUTES=120

The minutes are shared between the stages (stages.py) by weight, in slices; a stage that is done gives its share
away. What a slice found is added to the ledger (ledger.py) when it ends, so a run can be interrupted at any time,
even killed, and the next one goes on; the ledger lies in the repository, beside the page, so that it goes on from a
clone as well. Counts belong to the very sources that they were counted on (sources.py): when these change, the stage
begins anew.

Two checkouts can prove different stages beside each other; --take brings what one has counted into the other.

    prove.py --minutes N [--only STAGE]... [--ledger FILE] [--take FILE] [--logs FOLDER]
"""

import argparse
import fcntl
import pathlib
import signal
import sys
import time

import machine
import page
import sources
from ledger import Ledger
from running import Broken, Interrupted, OutOfTime, Running
from stages import STAGES

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Less than this is not worth the start of anything.
LEAST_SECS = 5
# A stage that could not be run so often, one time after the other, is left alone for this run.
MOST_FAILURES = 3
# How much longer than told a run may become, as a part of it, to end what it has begun.
OVERTIME = 0.2


def arguments():
    names = [stage.name for stage in STAGES]
    parser = argparse.ArgumentParser(description="Prove for some minutes, and write docs/PROOF.md.")
    parser.add_argument("--minutes", type=float, required=True, help="how long; 0 only writes the page")
    parser.add_argument("--only", choices=names, action="append", metavar="STAGE", help=f"only this stage (may be repeated): {', '.join(names)}")
    parser.add_argument("--ledger", type=pathlib.Path, default=ROOT / "docs" / "proof.json", metavar="FILE", help="where counts are kept")
    parser.add_argument("--take", type=pathlib.Path, metavar="FILE", help="first take over what another ledger has of the same sources")
    parser.add_argument("--logs", type=pathlib.Path, default=ROOT / ".local" / "prove", metavar="FOLDER", help="where the commands' output is kept")
    return parser.parse_args()


def main():
    options = arguments()
    options.logs.mkdir(parents=True, exist_ok=True)
    lock = open(options.logs / "lock", "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"prove: another run works in {options.logs}", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    ledger = Ledger(options.ledger)
    if options.take:
        ledger.take(Ledger(options.take), STAGES, ROOT)
        ledger.save()
    chosen = [stage for stage in STAGES if not options.only or stage.name in options.only]
    set_aside, status = {}, 0
    try:
        spend(options.minutes * 60, chosen, ledger, Running(ROOT, options.logs), set_aside)
    except Interrupted:
        print("interrupted; the next run goes on from here", flush=True)
        status = 130
    written = page.write(ROOT, STAGES, ledger, set_aside)
    print(written.read_text().split("\n## ")[0].strip())
    failed = set_aside_by_failure(set_aside) or any(entry.found for entry in ledger.current(STAGES, ROOT))
    return status or int(failed)


def spend(seconds, stages, ledger, running, set_aside):
    """Gives the seconds to the stages, slice by slice; builds come on top. `set_aside` becomes why a stage cannot go on."""
    end, spent = time.monotonic() + seconds, dict.fromkeys(stages, 0.0)
    overtime, failures = max(60, seconds * OVERTIME), dict.fromkeys(stages, 0)
    whole = sum(stage.weight for stage in stages)
    while (left := end - time.monotonic()) >= LEAST_SECS:
        able = [stage for stage in stages if stage.name not in set_aside]
        stage = next_stage([stage for stage in able if stage.least_secs <= left], spent, ledger)
        if not stage:
            break
        if reason := stage.missing():
            set_aside[stage.name] = f"skipped: {reason}"
            continue
        share = seconds * stage.weight / whole
        planned, began = min(left, stage.slice_secs, max(share, stage.least_secs)), time.monotonic()
        try:
            running.build(stage)
            built, began = time.monotonic() - began, time.monotonic()
            end += built
            slice_of(stage, planned, min(planned + stage.overtime_secs, end + overtime - began), ledger, running)
            failures[stage] = 0
        except OutOfTime as problem:
            set_aside[stage.name] = f"unfinished: {problem}"
            print(f"{stage.name:<10} {problem}", flush=True)
        except Broken as problem:
            failures[stage] += 1
            print(f"{stage.name:<10} {problem}", flush=True)
            if failures[stage] == MOST_FAILURES:
                set_aside[stage.name] = f"failed: {problem}"
        spent[stage] += time.monotonic() - began


def next_stage(stages, spent, ledger):
    """The one that is furthest behind its share: of those that want more, or when none does, that have no end."""
    entries = {stage: ledger.entry(stage, ROOT) for stage in stages}
    unfinished = [stage for stage in stages if not stage.is_done(entries[stage])]
    wanted = unfinished or [stage for stage in stages if not entries[stage].done]
    return min(wanted, key=lambda stage: spent[stage] / stage.weight, default=None)


def slice_of(stage, seconds, most, ledger, running):
    """Runs a stage for some seconds, and enters what it says; what it says of sources that changed meanwhile is dropped."""
    entry, commit = ledger.entry(stage, ROOT), sources.commit(ROOT, stage.sources)
    began = time.monotonic()
    counted = running.slice(stage, entry, seconds, most)
    if stage.digest(ROOT) != entry.digest:
        running.forget_builds()
        print(f"{stage.name:<10} its sources changed meanwhile; it begins anew", flush=True)
        return
    entry.add(counted, time.monotonic() - began, commit, machine.describe())
    ledger.save()
    print(f"{stage.name:<10} {stage.said(entry)}", flush=True)
    for found in counted.found:
        print(f"{stage.name:<10} FOUND: {found}", flush=True)


def set_aside_by_failure(set_aside):
    return any(reason.startswith("failed") for reason in set_aside.values())


def interrupt(_number, _frame):
    raise Interrupted


if __name__ == "__main__":
    sys.exit(main())
