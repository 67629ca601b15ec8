"""What is known of mutants: the outcomes so far, and which survivors are justified."""

import json
import tomllib
from collections import Counter

from mutants_copy import ROOT

OUTCOMES = ROOT / "tests" / "mutants" / "outcomes.json"
JUSTIFIED = ROOT / "tests" / "mutants" / "justified.toml"


class Outcomes:
    """Kept in the repository, so that the work goes on wherever it is cloned: of each file, a letter for each of its
    mutants. They hold while the mutated file is the same, but for its tests; that nothing noticed a mutant, while all
    tests are, and their order. Another release of cargo-mutants makes other mutants, and begins anew.

    `.` has met no test yet, `1` has survived the first tests it was to meet, `2` the second; the others are settled."""

    LETTERS = {"caught": "c", "timeouts": "t", "unviable": "u", "missed": "m"}

    def __init__(self, copy, mutants, at=OUTCOMES):
        self.at, self.copy, self.tool = at, copy, copy.tool()
        told = json.loads(at.read_text()) if at.is_file() else {}
        known = told.get("files", {}) if told.get("tool") == self.tool else {}
        same_tests = told.get("tests") == copy.tests and told.get("stages") == copy.stages
        self.files = {}
        for file, number in Counter(mutant.file for mutant in mutants).items():
            self.files[file] = self._held(known.get(file, {}), file, number, same_tests)

    def _held(self, entry, file, number, same_tests):
        """What still holds of what was known of a file."""
        if entry.get("code") != self.copy.code_of(file) or len(entry["outcomes"]) != number:
            return ["."] * number
        return [letter if letter in "ctu" or same_tests else "." for letter in entry["outcomes"]]

    def _letter(self, mutant):
        return self.files[mutant.file][mutant.at]

    def next_stage(self, mutant):
        """By which tests it is to be judged next; None when it has been judged."""
        letter = self._letter(mutant)
        if letter in self.LETTERS.values():
            return None
        return mutant.stages[0 if letter == "." else int(letter)]

    def of(self, mutant):
        return next((outcome for outcome, letter in self.LETTERS.items() if letter == self._letter(mutant)), "open")

    def note(self, mutant, stage, outcome):
        met = mutant.stages.index(stage) + 1
        survives_so_far = outcome == "missed" and met < len(mutant.stages)
        self.files[mutant.file][mutant.at] = str(met) if survives_so_far else self.LETTERS[outcome]

    def save(self):
        files = {file: {"code": self.copy.code_of(file), "outcomes": "".join(letters)} for file, letters in sorted(self.files.items())}
        lines = ",\n".join(f"  {json.dumps(file)}: {json.dumps(entry)}" for file, entry in files.items())
        beside = self.at.with_suffix(".new")
        head = {"tool": self.tool, "tests": self.copy.tests, "stages": self.copy.stages}
        head = "".join(f" {json.dumps(name)}: {json.dumps(value)},\n" for name, value in head.items())
        beside.write_text(f'{{\n{head} "files": {{\n{lines}\n }}\n}}\n')
        beside.replace(self.at)


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
