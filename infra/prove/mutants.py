#!/usr/bin/env python3
"""Changes the code in small ways, one at a time, and demands that a test notices each.

    infra/prove/mutants.py [--seconds S] [--json] [--only PART]...

The mutants are cargo-mutants' (cargo install --locked cargo-mutants), over crates/domain and crates/pipeline. A mutant
whose tests all pass is a survivor: it has to be killed by a test, or to stand in tests/mutants/justified.toml with the
reason why no test can or should tell it from the code.

Stopped by its time, by Ctrl-C or by SIGTERM, it reports what is known. The work goes on where the last run stopped, on
whatever machine: outcomes are kept in tests/mutants/outcomes.json, each until the code of its file changes, a survivor's
until any test does. It is done on copies of the tree in the target folder, as many at once as there are cores, so that the
tree itself is never seen in a mutated state.

Ends with 0 when all survivors so far are justified, with 1 when not, with 2 when it could not work.
"""

import argparse
import json
import os
import signal
import sys
import threading
import time

from mutants_copy import Copy, Unable
from mutants_known import Justified, Outcomes

# What is looked at first: the protocol itself, then what else decides about an event.
FIRST = ["lifecycle/", "domain/src/retry", "domain/src/time", "pipeline/src/process", "pipeline/src/sweep",
         "pipeline/src/accept", "pipeline/src/receive", "domain/src/signature/", "domain/src/identity/"]

# So many go to a copy together: with more, one copy would be left with the last long file alone.
AT_ONCE = 30


def main():
    options = arguments()
    began, stopped = time.monotonic(), threading.Event()
    for interruption in (signal.SIGTERM, signal.SIGINT):
        signal.signal(interruption, lambda *_: stopped.set())

    def is_over():
        return stopped.is_set() or time.monotonic() >= began + options.seconds

    try:
        lanes = len(os.sched_getaffinity(0)) if options.seconds else 1
        copies = [Copy(lane) for lane in range(lanes)]
        every = copies[0].mutants()
        mutants, outcomes = [mutant for mutant in every if wanted(mutant, options.only)], Outcomes(copies[0], every)
        Work(mutants, outcomes, is_over).share(copies)
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


class Work:
    """What is still to be done, shared between copies that work on it at the same time."""

    def __init__(self, mutants, outcomes, is_over):
        self.mutants, self.outcomes, self.is_over = mutants, outcomes, is_over
        # Of everything here that changes while it goes on.
        self.changed = threading.Condition()
        self.taken, self.failed = set(), None

    def share(self, copies):
        lanes = [threading.Thread(target=self._lane, args=(copy,)) for copy in copies]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        if self.failed:
            raise self.failed

    def _lane(self, copy):
        try:
            while batch := self._take():
                stage, mutants = batch
                try:
                    self._test(copy, mutants, stage)
                finally:
                    with self.changed:
                        self.taken.difference_update(mutants)
                        self.changed.notify_all()
        except Exception as problem:
            with self.changed:
                self.failed = self.failed or problem
                self.changed.notify_all()

    def _test(self, copy, mutants, stage):
        copy.expect_passing(stage)
        if self._ends():
            return
        for mutant, outcome in copy.test(mutants, stage, self._ends):
            with self.changed:
                self.outcomes.note(mutant, stage, outcome)
                self.outcomes.save()

    def _ends(self):
        return self.failed is not None or self.is_over()

    def _take(self):
        """Some mutants of one file and the tests that they are to meet; None when nothing is left to begin. Near tests come
        first; what others are at may still survive those, and is waited for."""
        with self.changed:
            while not self._ends():
                if batch := self._next():
                    self.taken.update(batch[1])
                    return batch
                if not self.taken:
                    return None
                self.changed.wait(timeout=1)
        return None

    def _next(self):
        free = [(mutant, self.outcomes.next_stage(mutant)) for mutant in self.mutants if mutant not in self.taken]
        free = [(mutant, stage) for mutant, stage in free if stage is not None]
        if not free:
            return None
        first, stage = min(free, key=lambda one: (one[0].stages.index(one[1]), rank(one[0])))
        return stage, [mutant for mutant, at in free if at == stage and mutant.file == first.file][:AT_ONCE]


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
