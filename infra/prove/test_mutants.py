"""Which mutants are still to be tested, by which tests, and which survivors are justified: without cargo-mutants."""

import contextlib
import io
import json
import pathlib
import tempfile
import threading
import unittest
from unittest import mock

import mutants
import mutants_known
from mutants_copy import Mutant, Unable
from mutants_known import Justified, Outcomes


class FakeCopy:
    """Files and tests that change when told to."""

    def __init__(self):
        self.files, self.tests, self.stages, self.release = {}, "tests", "stages", "cargo-mutants 1"

    def tool(self):
        return self.release

    def code_of(self, file):
        return self.files.get(file, "as it was")


def mutant(file="crates/domain/src/retry.rs", what="replace + with - in wait", nth=1):
    return Mutant(file, what, nth, f"{file}:{nth}:2: {what}", nth - 1)


ALL = [mutant(nth=nth) for nth in range(1, 6)] + [mutant("crates/domain/src/time.rs")]


class MutantsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.at = pathlib.Path(folder.name) / "outcomes.json"
        self.copy = FakeCopy()

    def known(self, mutants=ALL):
        return Outcomes(self.copy, mutants, self.at)

    def note(self, one, stage, outcome):
        outcomes = self.known()
        outcomes.note(one, one.stages[stage], outcome)
        outcomes.save()

    def survive_all(self, one):
        for stage in range(len(one.stages)):
            self.note(one, stage, "missed")

    def test_a_mutant_meets_near_tests_first_and_far_ones_if_it_survives(self):
        one = mutant()
        self.assertEqual((self.known().of(one), self.known().next_stage(one)), ("open", one.stages[0]))
        self.note(one, 0, "missed")
        self.assertEqual((self.known().of(one), self.known().next_stage(one)), ("open", one.stages[1]))
        self.survive_all(one)
        self.assertEqual((self.known().of(one), self.known().next_stage(one)), ("missed", None))

    def test_what_was_noticed_once_is_done(self):
        for nth, outcome in enumerate(("caught", "timeouts", "unviable"), 1):
            one = mutant(nth=nth)
            self.note(one, 0, outcome)
            self.assertEqual((self.known().of(one), self.known().next_stage(one)), (outcome, None))

    def test_a_changed_file_makes_its_mutants_new(self):
        one, other = mutant(), mutant("crates/domain/src/time.rs")
        self.note(one, 0, "caught")
        self.note(other, 0, "caught")
        self.copy.files[one.file] = "changed"
        self.assertEqual((self.known().of(one), self.known().of(other)), ("open", "caught"))

    def test_a_changed_test_makes_survivors_new(self):
        survivor, caught, half_way = mutant(), mutant(nth=2), mutant(nth=3)
        self.survive_all(survivor)
        self.note(caught, 0, "caught")
        self.note(half_way, 0, "missed")
        self.assertEqual(self.known().next_stage(half_way), half_way.stages[1])
        for what in ("tests", "stages"):
            with mock.patch.object(self.copy, what, "others"):
                self.assertEqual(self.known().next_stage(survivor), survivor.stages[0])
                self.assertEqual(self.known().next_stage(half_way), half_way.stages[0])
                self.assertEqual(self.known().of(caught), "caught")

    def test_another_tool_or_another_number_of_mutants_begins_anew(self):
        self.note(mutant(), 0, "caught")
        self.assertEqual(self.known(ALL[1:]).of(mutant()), "open")
        self.copy.release = "cargo-mutants 2"
        self.assertEqual(self.known().of(mutant()), "open")

    def test_copies_share_the_work_and_do_nothing_twice(self):
        tested, outcomes, lock = [], self.known(), threading.Lock()

        class Lane:
            def expect_passing(self, stage):
                pass

            def test(self, batch, stage, is_over):
                for one in batch:
                    with lock:
                        tested.append((one, one.stages.index(stage)))
                    # One passes the near tests, and is caught by the next.
                    yield one, "missed" if one == ALL[0] and stage == one.stages[0] else "caught"

        mutants.Work(ALL, outcomes, lambda: False).share([Lane(), Lane()])
        self.assertEqual(len(tested), len(ALL) + 1)
        self.assertEqual(len(set(tested)), len(tested))
        self.assertEqual({outcomes.of(one) for one in ALL}, {"caught"})

    def test_what_breaks_in_one_copy_ends_the_work_and_is_told(self):
        class Broken:
            def expect_passing(self, stage):
                raise Unable("it fails as it is")

        with self.assertRaises(Unable):
            mutants.Work(ALL, self.known(), lambda: False).share([Broken(), Broken()])

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
        some = ALL[:5]
        for nth, outcome in enumerate(("caught", "timeouts", "unviable")):
            self.note(some[nth], 0, outcome)
        self.survive_all(some[3])
        said = io.StringIO()
        with contextlib.redirect_stdout(said), mock.patch.object(Justified, "read", lambda: Justified([])):
            code = mutants.report(some, self.known(), True, 1.4)
        wanted = {"mutants": 5, "tested": 4, "caught": 1, "timeouts": 1, "unviable": 1, "missed": 1,
                  "justified": 0, "unjustified": 1, "seconds": 1}
        self.assertEqual((code, json.loads(said.getvalue())), (1, wanted))


if __name__ == "__main__":
    unittest.main()
