"""What is known of mutants: the outcomes so far, and which survivors are justified."""

import json
import tomllib

from mutants_copy import HOME, ROOT

JUSTIFIED = ROOT / "tests" / "mutants" / "justified.toml"


class Outcomes:
    """Kept in the target folder. An outcome holds while the mutated file is the same, but for its tests; that nothing
    noticed it, while all tests are."""

    def __init__(self, copy):
        self.at = HOME / "outcomes.json"
        self.hashes, self.copy = {}, copy
        self.tests = copy.hashes
        self.known = json.loads(self.at.read_text()) if self.at.is_file() else {}

    def _entry(self, mutant):
        entry = self.known.get(mutant.key)
        holds = entry and entry["file"] == self._hash(mutant.file)
        return entry if holds and (entry["outcome"] != "missed" or entry.get("tests") == self.tests) else None

    def _hash(self, file):
        if file not in self.hashes:
            self.hashes[file] = self.copy.code_of(file)
        return self.hashes[file]

    def next_stage(self, mutant):
        """By which tests it is to be judged next; None when it has been judged."""
        entry, stages = self._entry(mutant), mutant.stages
        done = entry["stages"] if entry else 0
        settled = entry and entry["outcome"] != "missed"
        return None if settled or done >= len(stages) else stages[done]

    def of(self, mutant):
        entry = self._entry(mutant)
        return entry["outcome"] if entry and self.next_stage(mutant) is None else "open"

    def note(self, mutant, stage, outcome):
        stages = mutant.stages.index(stage) + 1
        self.known[mutant.key] = {"file": self._hash(mutant.file), "outcome": outcome, "stages": stages}
        if outcome == "missed":
            self.known[mutant.key]["tests"] = self.tests

    def save(self):
        at = self.at.with_suffix(".new")
        at.write_text(json.dumps(self.known, indent=0))
        at.replace(self.at)


class Justified:
    """tests/mutants/justified.toml. An entry names file and change, never a line; `nth` where the same change can be
    made several times in the function and only one of them is meant."""

    def __init__(self, entries):
        self.entries = entries

    @staticmethod
    def read():
        entries = tomllib.loads(JUSTIFIED.read_text()).get("survivor", [])
        for entry in entries:
            unknown = set(entry) - {"file", "change", "nth", "why"}
            if unknown or not all(entry.get(key) for key in ("file", "change", "why")):
                raise SystemExit(f"{JUSTIFIED.name}: an entry needs file, change and why, and may have nth: {entry}")
        return Justified(entries)

    def covers(self, mutant):
        return any(fits(entry, mutant) for entry in self.entries)

    def useless(self, mutants, survivors):
        """Entries that fit no mutant, or none that survives (where all were tested: `survivors` is not None)."""
        among = mutants if survivors is None else survivors
        return [f"{entry['file']}: {entry['change']}" for entry in self.entries
                if not any(fits(entry, mutant) for mutant in among)]


def fits(entry, mutant):
    same = entry["file"] == mutant.file and entry["change"] == mutant.what
    return same and entry.get("nth") in (None, mutant.nth)
