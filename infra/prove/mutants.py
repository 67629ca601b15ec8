#!/usr/bin/env python3
"""Changes the code in small ways, one at a time, and demands that a test notices each.

    infra/prove/mutants.py [--seconds S] [--json] [--only PART]...

The mutants are cargo-mutants' (cargo install --locked cargo-mutants), over crates/domain and crates/pipeline. A mutant
whose tests all pass is a survivor: it has to be killed by a test, or to stand in tests/mutants/justified.toml with the
reason why no test can or should tell it from the code.

Stopped by its time, by Ctrl-C or by SIGTERM, it reports what is known. The work goes on where the last run stopped:
outcomes are kept in the target folder, each until the code of its file changes, a survivor's until any test does. It is
done on a copy of the tree there, so that the tree itself is never seen in a mutated state.

Ends with 0 when all survivors so far are justified, with 1 when not, with 2 when it could not work.
"""

import argparse
import json
import signal
import sys
import threading
import time

from mutants_copy import Copy, Unable
from mutants_known import Justified, Outcomes

# What is looked at first: the protocol itself, then what else decides about an event.
FIRST = ["lifecycle/", "domain/src/retry", "domain/src/time", "pipeline/src/process", "pipeline/src/sweep",
         "pipeline/src/accept", "pipeline/src/receive", "domain/src/signature/", "domain/src/identity/"]


def main():
    options = arguments()
    began, stopped = time.monotonic(), threading.Event()
    for interruption in (signal.SIGTERM, signal.SIGINT):
        signal.signal(interruption, lambda *_: stopped.set())

    def is_over():
        return stopped.is_set() or time.monotonic() >= began + options.seconds

    try:
        copy = Copy()
        mutants = [mutant for mutant in copy.mutants() if wanted(mutant, options.only)]
        outcomes = Outcomes(copy)
        work(copy, mutants, outcomes, is_over)
    except Unable as error:
        print(f"mutants: {error}", file=sys.stderr)
        return 2
    return report(mutants, outcomes, options.json, time.monotonic() - began)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="begin nothing new after this time (600); 0 only reports")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument("--only", action="append", default=[], metavar="PART", help="only files whose path has this in it")
    return parser.parse_args()


def wanted(mutant, only):
    return not only or any(part in mutant.file for part in only)


def rank(mutant):
    return next((at for at, part in enumerate(FIRST) if part in mutant.file), len(FIRST))


def work(copy, mutants, outcomes, is_over):
    """Tests what has no outcome yet, file by file; what survives the near tests meets the far ones last."""
    while not is_over():
        open_now = [(mutant, outcomes.next_stage(mutant)) for mutant in mutants]
        open_now = [(mutant, stage) for mutant, stage in open_now if stage is not None]
        open_now.sort(key=lambda one: (one[1] != one[0].stages[0], rank(one[0])))
        if not open_now:
            return
        first, stage = open_now[0]
        batch = [mutant for mutant, at in open_now if at == stage and mutant.file == first.file]
        copy.expect_passing(stage)
        if is_over():
            return
        for mutant, outcome in copy.test(batch, stage, is_over):
            outcomes.note(mutant, stage, outcome)
            outcomes.save()


def report(mutants, outcomes, as_json, seconds):
    justified = Justified.read()
    count = {"caught": 0, "timeouts": 0, "unviable": 0, "missed": 0, "open": 0}
    survivors, unjustified = [], []
    for mutant in mutants:
        outcome = outcomes.of(mutant)
        count[outcome] += 1
        if outcome == "missed":
            survivors.append(mutant)
            if not justified.covers(mutant):
                unjustified.append(mutant)
    tested = len(mutants) - count.pop("open")
    told = {"mutants": len(mutants), "tested": tested, **count,
            "justified": len(survivors) - len(unjustified), "unjustified": len(unjustified), "seconds": round(seconds)}
    if as_json:
        print(json.dumps(told))
    else:
        for mutant in unjustified:
            print(f"survives: {mutant.name}")
        for entry in justified.useless(mutants, survivors if tested == len(mutants) else None):
            print(f"justified without need: {entry}")
        print(", ".join(f"{value} {name}" for name, value in told.items()))
    return 1 if unjustified else 0


if __name__ == "__main__":
    sys.exit(main())
