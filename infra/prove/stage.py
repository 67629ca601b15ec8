"""What a stage is, and the line of JSON with which its command ends.

A command works for about so many seconds from where the last one stopped, and then prints, as its last line:

    {"next": 120, "done": false, "counts": {"runs": 120}, "of": {"runs": 4000}, "found": []}

`next` is where to go on, `counts` are of this slice alone, `of` says of how many, `found` is what did not hold, a text each.
"""

from dataclasses import dataclass, field
from typing import Callable

import sources
from ledger import Counted


def plain(said, _entry):
    return Counted(counts=said["counts"], found=said["found"], next=said["next"], done=said.get("done", False), of=said.get("of", {}))


@dataclass(frozen=True, eq=False)
class Stage:
    name: str
    title: str
    # What its numbers mean: a sentence or two of Markdown.
    meaning: str
    # Its command as somebody would type it.
    shown: str
    # The sources that it proves something of: when they change, its counts are void.
    sources: tuple
    # (target folder, where to go on or None, seconds) -> the command.
    command: Callable
    # What it has done, in a few words, from its entry.
    shows: Callable
    # Whether what it counts depends on the tests in these sources too.
    with_tests: bool = False
    # Commands that build what it needs.
    build: tuple = ()
    # How its answer is read: (what it said, the entry so far) -> what it counted.
    read: Callable = plain
    # Its part of the minutes.
    weight: int = 10
    # How long it works before what it counted is saved, and the least that is worth while.
    slice_secs: int = 60
    least_secs: int = 5
    # How much longer than it was told its command may take to end what it has begun.
    overtime_secs: int = 120
    # How much is wanted: the name of a count and a number. After that, only what time is left goes here.
    goal: tuple = ()
    # Whether the page lists everything that it counted.
    tells_more: bool = False
    # Why it cannot be run here, with what would help; empty if it can.
    missing: Callable = field(default=lambda: "")

    def digest(self, root):
        """Of the sources as they are now."""
        return sources.digest(root, self.sources, self.with_tests)

    def is_done(self, entry):
        """Whether there is nothing more to do, or as much done as is wanted."""
        return entry.done or bool(self.goal) and entry.counts.get(self.goal[0], 0) >= self.goal[1]

    def said(self, entry):
        found = f", {len(entry.found)} FOUND" if entry.found else ""
        return f"{self.shows(entry)}{found}, {entry.seconds / 60:.1f} min" + (", done" if self.is_done(entry) else "")


def plural(number, one, many=None):
    """A number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def part(entry, name):
    """How many, and of how many where that is known."""
    whole = entry.of.get(name)
    return f"{entry.counts.get(name, 0):,}" + (f" of {whole:,}" if whole is not None else "")
