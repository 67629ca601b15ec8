"""What was counted so far: one entry per stage, kept in one file that is never half written."""

import datetime
import json
import os
from dataclasses import asdict, dataclass, field


@dataclass
class Counted:
    """What one slice of a stage says."""

    counts: dict
    found: list
    # Where the next slice begins, in whatever the stage counts by.
    next: int
    # Whether there is nothing left to do.
    done: bool = False
    # How much of something there is in all.
    of: dict = field(default_factory=dict)
    # Whether these are the counts of all slices together: some commands keep them by themselves.
    is_total: bool = False


@dataclass
class Entry:
    """What was counted of one stage, on these sources."""

    digest: str
    next: int | None = None
    done: bool = False
    counts: dict = field(default_factory=dict)
    of: dict = field(default_factory=dict)
    found: list = field(default_factory=list)
    seconds: float = 0.0
    commits: list = field(default_factory=list)
    machines: list = field(default_factory=list)
    first: str = ""
    last: str = ""

    def add(self, counted, seconds, commit, machine):
        if counted.is_total:
            self.counts, self.found = {}, []
        for name, count in counted.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.of |= counted.of
        self.found += counted.found
        self.next, self.done = counted.next, counted.done
        self.seconds += seconds
        self.commits += [commit] if commit not in self.commits else []
        self.machines += [machine] if machine not in self.machines else []
        self.last = datetime.date.today().isoformat()
        self.first = self.first or self.last

    @property
    def was_run(self):
        return self.seconds > 0


class Ledger:
    """All entries. An entry of other sources than today's is not handed out: its stage begins anew."""

    def __init__(self, file):
        self.file = file
        read = json.loads(file.read_text()) if file.is_file() else {}
        self.entries = {name: Entry(**entry) for name, entry in read.items()}

    def entry(self, stage, root):
        digest = stage.digest(root)
        entry = self.entries.get(stage.name)
        if not entry or entry.digest != digest:
            entry = self.entries[stage.name] = Entry(digest)
        return entry

    def take(self, other, stages, root):
        """Takes what another ledger counted on the same sources, stage by stage, where it went further. Nothing is summed
        up: two runs may have counted the same."""
        for stage in stages:
            mine, theirs = self.entry(stage, root), other.entries.get(stage.name)
            if theirs and theirs.digest == mine.digest and theirs.seconds > mine.seconds:
                self.entries[stage.name] = theirs

    def current(self, stages, root):
        return [self.entry(stage, root) for stage in stages]

    def save(self):
        """The file is replaced at once, whatever happens in the middle of writing it."""
        beside = self.file.with_suffix(".new")
        with open(beside, "w") as out:
            json.dump({name: asdict(entry) for name, entry in self.entries.items()}, out, indent=1)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(beside, self.file)
