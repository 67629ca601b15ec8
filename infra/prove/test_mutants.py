"""Which mutants are still to be tested, by which tests, and which survivors are justified: without cargo-mutants."""

import contextlib
import io
import json
import pathlib
import tempfile
import unittest
from unittest import mock

import mutants
import mutants_known
from mutants_copy import Mutant
from mutants_known import Justified, Outcomes


class FakeCopy:
    """Files and tests that change when told to."""

    def __init__(self):
        self.files, self.hashes = {}, ["tests"]

    def code_of(self, file):
        return self.files.get(file, "as it was")


def mutant(file="crates/domain/src/retry.rs", what="replace + with - in wait", nth=1):
    return Mutant(file, what, nth, f"{file}:1:2: {what}")


class MutantsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        patch = mock.patch.object(mutants_known, "HOME", pathlib.Path(folder.name))
        patch.start()
        self.addCleanup(patch.stop)
        self.copy = FakeCopy()

    def known(self):
        return Outcomes(self.copy)

    def note(self, one, stage, outcome):
        outcomes = self.known()
        outcomes.note(one, one.stages[stage], outcome)
        outcomes.save()

    def test_a_mutant_meets_near_tests_first_and_far_ones_if_it_survives(self):
        one = mutant()
        self.assertEqual((self.known().of(one), self.known().next_stage(one)), ("open", one.stages[0]))
        self.note(one, 0, "missed")
        self.assertEqual((self.known().of(one), self.known().next_stage(one)), ("open", one.stages[1]))
        for stage in range(1, len(one.stages)):
            self.note(one, stage, "missed")
        self.assertEqual((self.known().of(one), self.known().next_stage(one)), ("missed", None))

    def test_what_was_noticed_once_is_done(self):
        for outcome in ("caught", "timeouts", "unviable"):
            one = mutant(what=outcome)
            self.note(one, 0, outcome)
            self.assertEqual((self.known().of(one), self.known().next_stage(one)), (outcome, None))

    def test_a_changed_file_makes_its_mutants_new(self):
        one, other = mutant(), mutant("crates/domain/src/time.rs")
        self.note(one, 0, "caught")
        self.note(other, 0, "caught")
        self.copy.files[one.file] = "changed"
        self.assertEqual((self.known().of(one), self.known().of(other)), ("open", "caught"))

    def test_a_changed_test_makes_survivors_new(self):
        survivor, caught = mutant(), mutant(nth=2)
        for stage in range(len(survivor.stages)):
            self.note(survivor, stage, "missed")
        self.note(caught, 0, "caught")
        self.copy.hashes = ["other tests"]
        self.assertEqual((self.known().next_stage(survivor), self.known().of(caught)), (survivor.stages[0], "caught"))

    def test_every_mutated_file_has_tests(self):
        for file in ("domain/src/lifecycle/mod.rs", "pipeline/src/poll/mod.rs", "pipeline/src/sweep.rs"):
            self.assertGreater(len(mutant(f"crates/{file}").stages), 1)

    def test_a_survivor_is_justified_by_file_and_change_wherever_it_stands(self):
        entry = {"file": "crates/domain/src/retry.rs", "change": "replace + with - in wait", "why": "equal"}
        self.assertTrue(Justified([entry]).covers(mutant(nth=2)))
        second = Justified([{**entry, "nth": 2}])
        self.assertEqual([second.covers(mutant(nth=nth)) for nth in (1, 2)], [False, True])
        self.assertFalse(Justified([entry]).covers(mutant("crates/domain/src/time.rs")))
        self.assertFalse(Justified([entry]).covers(mutant(what="replace * with / in wait")))

    def test_a_justification_that_nothing_needs_is_named(self):
        entry = {"file": "crates/domain/src/retry.rs", "change": "replace + with - in wait", "why": "equal"}
        self.assertEqual(len(Justified([entry]).useless([mutant(what="another")], None)), 1)
        self.assertEqual(Justified([entry]).useless([mutant()], None), [])
        self.assertEqual(len(Justified([entry]).useless([mutant()], [])), 1)

    def test_the_list_can_be_read(self):
        for entry in Justified.read().entries:
            self.assertTrue((mutants_known.ROOT / entry["file"]).is_file(), entry)

    def test_the_report_counts_everything_once(self):
        some = [mutant(nth=nth) for nth in range(1, 6)]
        for nth, outcome in enumerate(("caught", "timeouts", "unviable")):
            self.note(some[nth], 0, outcome)
        for stage in range(len(some[3].stages)):
            self.note(some[3], stage, "missed")
        said = io.StringIO()
        with contextlib.redirect_stdout(said), mock.patch.object(Justified, "read", lambda: Justified([])):
            code = mutants.report(some, self.known(), True, 1.4)
        wanted = {"mutants": 5, "tested": 4, "caught": 1, "timeouts": 1, "unviable": 1, "missed": 1,
                  "justified": 0, "unjustified": 1, "seconds": 1}
        self.assertEqual((code, json.loads(said.getvalue())), (1, wanted))


if __name__ == "__main__":
    unittest.main()
