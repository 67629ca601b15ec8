"""Writes docs/PROOF.md: what was run on this code, and what it found."""

import textwrap

import machine
from stage import plural

WIDTH = 130
# So many failures of a stage are shown in full.
SHOWN = 20

INTRO = """\
# Proof

What has been run on this code, how much of it, and what it found. [GUARANTEES.md](GUARANTEES.md) says what is promised, and names the
tests of each promise; this page has the numbers. It is written by one command, which anybody can run, stop, and run again:

```
make prove MINUTES=120
```

The minutes are shared between the stages, and what they count adds up over all runs; stages may also run beside each other, and the
time is the sum of theirs. Numbers of other code are not carried over: every stage names the sources that it proves, and begins anew
when one byte of them changes, but for code that only tests compile. What each number means, and which command counts it, stands
below the table.
"""


def write(root, stages, ledger, set_aside):
    """The page, from what the ledger has on these sources; `set_aside` says why stages were not run just now."""
    entries = {stage: ledger.entry(stage, root) for stage in stages}
    page = root / "docs" / "PROOF.md"
    parts = [INTRO, verdict(entries), table(entries), remarks(entries, set_aside), where(entries), failures(entries), meanings(entries)]
    page.write_text("\n".join(part for part in parts if part))
    return page


def verdict(entries):
    found = sum(len(entry.found) for entry in entries.values())
    seconds = sum(entry.seconds for entry in entries.values())
    if not seconds:
        return "**Nothing has been run on this code yet.**\n"
    said = f"Found: {plural(found, 'failure')}, see below." if found else "Found: nothing lost, nothing doubled."
    return f"**{said}** In all: {duration(seconds)}.\n"


def table(entries):
    lines = ["| stage | counted | of what is wanted | found | time | commit |", "|---|---|---:|---|---:|---|"]
    for stage, entry in entries.items():
        cells = [f"[{stage.title}](#{stage.title.lower().replace(' ', '-')})"]
        if entry.was_run:
            found = f"**{plural(len(entry.found), 'failure')}**" if entry.found else "nothing"
            cells += [stage.shows(entry), done(stage, entry), found, duration(entry.seconds), commits(entry)]
        else:
            cells += ["not run on this code", "", "", "", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def done(stage, entry):
    """How much of what is wanted: all of it, or a part."""
    if entry.done:
        return "all"
    name, whole = stage.goal or next(iter(entry.of.items()), ("", 0))
    if not whole:
        return "goes on"
    # Never rounded up to a hundred.
    return f"{int(100 * entry.counts.get(name, 0) / whole)} %"


def commits(entry):
    """All that the stage ran on; their sources are the same."""
    return ", ".join(f"`{first}`{' ' + rest if rest else ''}" for first, _, rest in (commit.partition(" ") for commit in entry.commits))


def remarks(entries, set_aside):
    """Why a stage is not further."""
    lines = []
    for stage, entry in entries.items():
        reason = set_aside.get(stage.name) or (f"skipped: {missing}" if (missing := stage.missing()) else "")
        if reason and not entry.done:
            lines.append(f"- {stage.title}, {reason}")
    return "\n".join([*lines, ""]) if lines else ""


def where(entries):
    machines = list(dict.fromkeys(known for entry in entries.values() for known in entry.machines)) or [machine.describe()]
    days = sorted(day for entry in entries.values() for day in (entry.first, entry.last) if day)
    period = f" ({days[0] if days[0] == days[-1] else f'{days[0]} to {days[-1]}'})" if days else ""
    return f"Machine: {'; '.join(machines)}{period}.\n"


def failures(entries):
    parts = []
    for stage, entry in entries.items():
        if entry.found:
            parts += [f"**{stage.title}**", "", *(f"```text\n{found}\n```\n" for found in entry.found[:SHOWN])]
    return "\n".join(["## Failures", "", *parts]) if parts else ""


def meanings(entries):
    parts = ["## What the numbers mean", ""]
    for stage, entry in entries.items():
        tests = ", with their tests" if stage.with_tests else ""
        proves = f"Proves {', '.join(f'`{path}`' for path in stage.sources)}{tests}."
        parts += [f"### {stage.title}", "", filled(stage.meaning), "", "```", stage.shown, "```", "", filled(proves), ""]
        if stage.tells_more and entry.was_run:
            happened = sorted(entry.counts.items(), key=lambda item: -item[1])
            told = "; ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in happened if number)
            parts += [filled(f"All that was counted: {told}."), ""]
    return "\n".join(parts)


def filled(text):
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def duration(seconds):
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
