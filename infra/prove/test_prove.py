"""How minutes are shared, what is kept, and what is said: with stages that only pretend."""

import contextlib
import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

import page
import prove
import sources
from ledger import Ledger
from running import Broken, Running
from stage import Stage, part, plural

HERE = pathlib.Path(__file__).resolve().parent


def counting(name, whole=None, step=1, text=None, sources=("proved.txt",), **more):
    """A stage that counts `step` in each slice, up to `whole`."""
    said = text or 'import json, sys; at = int(sys.argv[1]) + {step}; print("noise"); print(json.dumps({{"next": at, "done": at == {whole}, "counts": {{"runs": {step}}}, "found": []}}))'
    program = said.format(step=step, whole=whole)
    return Stage(
        name=name, title=name.title(), meaning="It counts.", shown="count", sources=sources,
        command=lambda _target, at, _seconds: [sys.executable, "-c", program, str(at or 0)],
        shows=lambda entry: f"{part(entry, 'runs')} runs", **more,
    )


class Proving(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "docs").mkdir()
        (self.root / "proved.txt").write_text("one")
        for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "one"]):
            subprocess.run(["git", *command], cwd=self.root, check=True)
        changed = mock.patch.object(prove, "ROOT", self.root)
        changed.start()
        self.addCleanup(changed.stop)

    def ledger(self):
        return Ledger(self.root / "ledger.json")

    def spend(self, seconds, stages):
        """Proves for a while on a clock that every slice moves by a second; what was set aside."""
        now, aside = [0.0], {}
        real = Running.slice

        def slice_(running, stage, entry, seconds, most):
            now[0] += 1
            return real(running, stage, entry, seconds, most)

        with mock.patch.object(prove.time, "monotonic", lambda: now[0]), mock.patch.object(Running, "slice", slice_):
            with contextlib.redirect_stdout(io.StringIO()):
                prove.spend(seconds, stages, self.ledger(), Running(self.root, self.root), aside)
        return aside

    def runs(self, stage):
        return self.ledger().entry(stage, self.root).counts.get("runs", 0)

    def test_minutes_are_shared_by_weight(self):
        light, heavy = counting("light", weight=1), counting("heavy", weight=3)
        self.spend(12, [light, heavy])
        self.assertEqual((self.runs(light), self.runs(heavy)), (2, 6))

    def test_a_stage_that_is_done_gives_its_share_away(self):
        short, long = counting("short", whole=2), counting("long")
        self.spend(10, [short, long])
        self.assertEqual((self.runs(short), self.runs(long)), (2, 4))

    def test_what_has_no_end_goes_on_beyond_its_goal_when_all_else_is_done(self):
        finite, endless = counting("finite", whole=3), counting("endless", goal=("runs", 2))
        self.spend(12, [finite, endless])
        self.assertEqual((self.runs(finite), self.runs(endless)), (3, 5))

    def test_counts_add_up_over_runs(self):
        stage = counting("stage")
        self.spend(6, [stage])
        first = self.runs(stage)
        self.spend(6, [stage])
        self.assertEqual(self.runs(stage), 2 * first)
        self.assertEqual(self.ledger().entry(stage, self.root).next, 2 * first)

    def test_counts_of_other_sources_are_dropped(self):
        stage = counting("stage")
        self.spend(6, [stage])
        self.assertGreater(self.runs(stage), 0)
        (self.root / "proved.txt").write_text("two")
        self.assertEqual(self.runs(stage), 0)
        self.assertTrue(sources.commit(self.root, stage.sources).endswith("with local changes"))

    def test_what_another_checkout_counted_on_the_same_sources_can_be_taken_over(self):
        stage, other = counting("stage"), counting("other")
        self.spend(6, [stage])
        theirs = Ledger(self.root / "theirs.json")
        for one, seconds in ((stage, 1.0), (other, 5.0)):
            theirs.entry(one, self.root).counts = {"runs": 77}
            theirs.entry(one, self.root).seconds = seconds
        mine = self.ledger()
        mine.take(theirs, [stage, other], self.root)
        self.assertEqual(mine.entry(other, self.root).counts, {"runs": 77})
        self.assertNotEqual(mine.entry(stage, self.root).counts, {"runs": 77}, "it went further itself")
        (self.root / "proved.txt").write_text("two")
        mine.take(theirs, [other], self.root)
        self.assertEqual(mine.entry(other, self.root).counts, {})

    def test_a_test_that_is_added_takes_nothing_from_what_was_counted(self):
        stage = counting("stage", sources=("crates",))
        product, file = "pub fn one() {}\n", self.root / "crates" / "a" / "src" / "lib.rs"
        tests = self.root / "crates" / "a" / "tests" / "it.rs"
        for folder in (file.parent, tests.parent):
            folder.mkdir(parents=True)
        file.write_text(product)
        counted = stage.digest(self.root)
        tests.write_text("#[test]\nfn it() {}\n")
        (file.parent / "tests.rs").write_text("#[test]\nfn it() {}\n")
        module = "\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn it() {}\n}\n"
        file.write_text(product + module)
        self.assertEqual(stage.digest(self.root), counted)
        self.assertNotEqual(sources.digest(self.root, stage.sources, with_tests=True), counted)
        file.write_text(product + module + "pub fn two() {}\n")
        self.assertNotEqual(stage.digest(self.root), counted)
        file.write_text(product + module + "\nmod two {\n}\n")
        self.assertNotEqual(stage.digest(self.root), counted)

    def test_sources_that_change_in_the_middle_void_the_slice(self):
        stage = counting("stage", text='open("proved.txt", "a").write("x"); import json; print(json.dumps({{"next": 1, "counts": {{"runs": 1}}, "found": []}}))')
        self.spend(6, [stage])
        self.assertEqual(self.runs(stage), 0)

    def test_what_cannot_be_run_is_left_alone_and_said(self):
        broken, missing = counting("broken", text="raise SystemExit(3)"), counting("missing", missing=lambda: "no tool (`get it`)")
        aside = self.spend(10, [broken, missing])
        self.assertIn("ended with 3", aside["broken"])
        self.assertEqual(aside["missing"], "skipped: no tool (`get it`)")
        text = page.write(self.root, [broken, missing], self.ledger(), aside).read_text()
        self.assertIn("- Broken, failed: ", text)
        self.assertIn("- Missing, skipped: no tool (`get it`)", text)
        self.assertIn("Nothing has been run", text)

    def test_what_is_found_is_kept_and_shown(self):
        finding = counting("finding", text='import json; print(json.dumps({{"next": 1, "counts": {{"runs": 1}}, "found": ["seed 7"]}})); raise SystemExit(1)')
        self.spend(6, [finding])
        text = page.write(self.root, [finding], self.ledger(), {}).read_text()
        self.assertIn("seed 7", text.split("## Failures")[1])
        self.assertNotIn("nothing lost", text)

    def test_a_file_half_written_is_never_read(self):
        stage = counting("stage")
        self.spend(6, [stage])
        (self.root / "ledger.new").write_text("{")
        self.assertEqual(self.runs(stage), 2)

    def test_an_interruption_ends_what_was_started(self):
        child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); print('up', flush=True); time.sleep(600)"
        running = Running(self.root, self.root)

        def interrupt(_number, _frame):
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        self.addCleanup(signal.signal, signal.SIGALRM, before)
        started = []
        popen = subprocess.Popen
        with mock.patch("running.subprocess.Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[0]):
            signal.setitimer(signal.ITIMER_REAL, 0.5)
            with self.assertRaises(KeyboardInterrupt):
                running.run("child", [sys.executable, "-c", child], 600)
        with self.assertRaises(ProcessLookupError):
            for _ in range(500):
                os.killpg(started[0].pid, 0)
                time.sleep(0.01)

    def test_what_is_no_answer_is_told(self):
        running, stage = Running(self.root, self.root), counting("odd", text='print("no JSON")')
        with self.assertRaises(Broken):
            running.slice(stage, self.ledger().entry(stage, self.root), 1, 10)

    def test_numbers_have_nouns(self):
        self.assertEqual((plural(1, "seed"), plural(1200, "seed")), ("1 seed", "1,200 seeds"))


class Declared(unittest.TestCase):
    def test_the_sources_and_scripts_of_every_stage_exist(self):
        from stages import STAGES

        root = HERE.parent.parent
        for stage in STAGES:
            for path in stage.sources:
                self.assertTrue((root / path).exists(), f"{stage.name}: {path}")
            self.assertTrue(json.dumps(stage.command(root / "target", None, 60)))


if __name__ == "__main__":
    unittest.main()
