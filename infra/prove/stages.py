"""The stages: what each one proves, of which sources, with which command, and how its answer is read.

A command works for about so many seconds from where the last one stopped, and ends its output with one line of JSON:

    {"next": 120, "done": false, "counts": {"runs": 120}, "found": []}

`next` is where to go on, `counts` are of this slice alone, `found` is what did not hold, a text each.
"""

import shutil
from dataclasses import dataclass, field
from typing import Callable

from ledger import Counted

CARGO_BUILD = ("cargo", "build", "--locked")
DOMAIN, PIPELINE, TESTKIT = "crates/domain", "crates/pipeline", "crates/testkit"


@dataclass(frozen=True)
class Stage:
    name: str
    title: str
    # What its numbers mean: a sentence or two of Markdown.
    meaning: str
    # Its command as somebody would type it.
    shown: str
    # The sources that it proves something of: when they change, its counts are void.
    sources: tuple
    command: Callable
    # What it has done, in a few words, from its entry's counts.
    shows: Callable
    build: tuple = ()
    read: Callable = lambda said, _entry: plain(said)
    # Its part of the minutes.
    weight: int = 10
    # How long it works before what it counted is saved.
    slice_secs: int = 60
    # How much longer than it was told a command may take to end what it has begun.
    overtime_secs: int = 120
    # How much is wanted: the name of a count and a number. After that, only what time is left goes here.
    goal: tuple = ()
    # Whether there is always more of it to do.
    is_endless: bool = False
    # Whether its command ends with an error status when it found something.
    may_fail: bool = True
    # Why it cannot be run here, with what would help; empty if it can.
    missing: Callable = field(default=lambda: "")

    def is_done(self, entry):
        if self.goal:
            count, wanted = self.goal
            return entry.done or entry.counts.get(count, 0) >= wanted
        return entry.done

    def said(self, entry):
        found = f", {len(entry.found)} FOUND" if entry.found else ""
        return f"{self.shows(entry)}{found}, {entry.seconds / 60:.1f} min" + (", done" if self.is_done(entry) else "")

    def __hash__(self):
        return hash(self.name)


def plain(said):
    return Counted(counts=said["counts"], found=said["found"], next=said["next"], done=said.get("done", False), of=said.get("of", {}))


def n(count, one, many=None):
    """A number and its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def of(entry, count):
    """How many, and of how many where that is known."""
    whole = entry.of.get(count)
    return f"{entry.counts.get(count, 0):,}" + (f" of {whole:,}" if whole is not None else "")


def tool(program, install):
    return lambda: "" if shutil.which(program) else f"`{program}` is not installed: `{install}`"


MODEL = Stage(
    name="model",
    title="Model",
    meaning="Every order of steps and faults within the bounds of each configuration, with the domain's own transitions: each **state** "
    "is one the system can get into, and each invariant is checked in it.",
    shown="cargo run -p holdfast-model -- all",
    sources=("crates/model", DOMAIN),
    build=((*CARGO_BUILD, "-p", "holdfast-model", "--bins"),),
    command=lambda target, at, seconds: [str(target / "debug/holdfast-model"), "all", "--from", str(at or 0), "--seconds", str(seconds), "--json"],
    shows=lambda entry: f"{n(entry.counts.get('states', 0), 'state')} and {n(entry.counts.get('steps', 0), 'step')} in {of(entry, 'configurations')} configurations",
    weight=15,
    # A configuration is explored to its end or not at all.
    overtime_secs=1800,
)

ABLATIONS = Stage(
    name="ablations",
    title="Ablations",
    meaning="Each patch of [`tests/ablations`](../tests/ablations) takes one protection out of a copy of the code; it is **caught** when the "
    "test that it names fails without it.",
    shown="make ablations",
    sources=("tests/ablations", DOMAIN, PIPELINE, TESTKIT),
    command=lambda target, at, seconds: ["tests/ablations/run", "--from", str(at or 0), "--seconds", str(seconds), "--json"],
    shows=lambda entry: f"{of(entry, 'caught')} caught",
    weight=10,
    slice_secs=120,
    # The copy is built once before the first of them.
    overtime_secs=1800,
)

STAGES = [MODEL, ABLATIONS]
