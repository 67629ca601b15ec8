"""Writes docs/PROOF.md: what was run on this code, and what it found."""

import machine

INTRO = """\
# Proof

What has been run on this code, how much of it, and what it found. [GUARANTEES.md](GUARANTEES.md) says what is promised, and names the
tests of each promise; this page has the numbers. It is written by one command, which anybody can run, stop, and run again:

```
make prove MINUTES=120
```

The minutes are shared between the stages, and what they count adds up over all runs. Numbers of other code are not carried over:
every stage names the sources that it proves, and begins anew when one byte of them changes.
"""


def write(root, stages, ledger, set_aside):
    entries = {stage: ledger.entry(stage, root) for stage in stages}
    page = root / "docs" / "PROOF.md"
    parts = [INTRO, result(entries, set_aside), meanings(stages), where(entries), failures(entries)]
    page.write_text("\n".join(part for part in parts if part))
    return page


def result(entries, set_aside):
    minutes = sum(entry.seconds for entry in entries.values()) / 60
    found = sum(len(entry.found) for entry in entries.values())
    verdict = f"**Found: {found} failures, listed below.**" if found else "**Found: nothing lost, nothing doubled.**" if minutes else "**Nothing has been run on this code yet.**"
    lines = [f"{verdict} {duration(minutes)} in all.", "", "| stage | done | found | time | code |", "|---|---|---|---:|---|"]
    for stage, entry in entries.items():
        lines.append(f"| [{stage.title}](#{stage.title.lower().replace(' ', '-')}) | {done(stage, entry, set_aside)} | {verdict_of(entry)} | {time_of(entry)} | {code(entry)} |")
    return "\n".join(lines) + "\n"


def done(stage, entry, set_aside):
    reason = set_aside.get(stage.name) or stage.missing()
    if not entry.was_run:
        return f"not run on this code{': ' + reason.removeprefix('skipped: ') if reason else ''}"
    goal = ""
    if not stage.is_done(entry):
        goal = " (goes on)" if not stage.goal else f" (of {stage.goal[1]:,} wanted)"
    return stage.shows(entry) + goal + (f"; then {reason}" if reason and not stage.is_done(entry) else "")


def verdict_of(entry):
    if entry.found:
        return f"**{len(entry.found)}**"
    return "nothing" if entry.was_run else ""


def time_of(entry):
    return duration(entry.seconds / 60) if entry.was_run else ""


def code(entry):
    return ", ".join(f"`{commit.split()[0]}`{commit[len(commit.split()[0]):]}" for commit in entry.commits)


def meanings(stages):
    lines = ["## What the numbers mean", ""]
    for stage in stages:
        lines += [f"### {stage.title}", "", stage.meaning, "", f"```\n{stage.shown}\n```", ""]
        lines += [f"Proves: {', '.join(f'`{path}`' for path in stage.sources)}.", ""]
    return "\n".join(lines)


def where(entries):
    machines = []
    for entry in entries.values():
        machines += [known for known in entry.machines if known not in machines]
    days = sorted(day for entry in entries.values() for day in (entry.first, entry.last) if day)
    period = days[0] if days and days[0] == days[-1] else f"{days[0]} to {days[-1]}" if days else "not yet"
    return "\n".join(["## Where and when", "", *(f"- {known}" for known in machines or [machine.describe()]), f"- {period}", ""])


def failures(entries):
    shown = [f"### {stage.title}\n\n" + "\n\n".join(f"```text\n{found}\n```" for found in entry.found[:20]) for stage, entry in entries.items() if entry.found]
    return "## Failures\n\n" + "\n\n".join(shown) + "\n" if shown else ""


def duration(minutes):
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes // 60:.0f} h {minutes % 60:.0f} min"
