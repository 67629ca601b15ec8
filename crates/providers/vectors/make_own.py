#!/usr/bin/env python3
"""Writes own.jsonl: labelled, signed requests of providers that public.jsonl does not have.

Run it without arguments; the same input gives the same bytes. Everything is signed here, from the
providers' documentation (its address stands beside each), and by nothing of the receiver's. The
verdicts of the providers' own libraries, which judge_own.py and judge_own.mjs collect, are merged from
own/verdicts.json; a verdict on another request than the present one is left out and told.

    python3 make_own.py            write own.jsonl
    python3 make_own.py --check    fail if own.jsonl is not what would be written
"""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.dont_write_bytecode = True

from own import providers  # noqa: E402

UNJUDGED = "none (independent implementation of the published scheme)"


def fingerprint(one):
    """Of what a library is shown."""
    shown = [one["config"], one["request"], one["now"]]
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:16]


def judged(one, known):
    """The row with what the libraries said of it. Where they differ, it is a matter of policy."""
    head, doubt = dict(list(one.items())[:3]), one.pop("debatable", False)
    said = known["said"] if known and known["of"] == fingerprint(one) else {}
    if not said:
        made = {**head, "sdk": UNJUDGED, "sdk_verified": False, **one}
        return {**made, "debatable": True} if doubt else made
    if known.get("third_party"):
        return by_others(one, head, doubt, said)
    label = "reject" if one["expect"] == "reject" else "accept"
    agree = all(verdict.split()[0] == label for verdict in said.values())
    full = "partial" if known.get("partial") else True
    made = {**head, "sdk": "; ".join(sorted(said)), "sdk_verified": full if agree else False, **one}
    if not agree:
        verdicts = {name: verdict.split()[0] for name, verdict in sorted(said.items())}
        made["sdk_verdicts"] = verdicts
        made["why"] += ". NOTE: " + "; ".join(f"{name} {one}s" for name, one in verdicts.items())
    elif label == "reject" and set(said.values()) == {"reject by exception"}:
        made["sdk_rejects_by_exception"] = True
    if not agree or doubt is True:
        made["debatable"] = True
    return made


def by_others(one, head, doubt, said):
    """The row of a provider without a library of its own, as somebody else's library sees it."""
    label = "reject" if one["expect"] == "reject" else "accept"
    agree = all(verdict.split()[0] == label for verdict in said.values())
    made = {**head, "sdk": UNJUDGED, "sdk_verified": False, **one, "third_party_verified": agree}
    if not agree:
        made["why"] += ". NOTE: " + "; ".join(f"{name} {verdict.split()[0]}s" for name, verdict in said.items())
    return {**made, "debatable": True} if doubt is True or not agree else made


def corpus(verdicts=None):
    stored = HERE / "own" / "verdicts.json"
    if verdicts is None:
        verdicts = json.loads(stored.read_text()) if stored.exists() else {}
    seen, lines = set(), []
    for hook in providers.HOOKS:
        for one in hook.rows():
            assert one["id"] not in seen, one["id"]
            seen.add(one["id"])
            lines.append(json.dumps(judged(one, verdicts.get(one["id"]))) + "\n")
    stale = [key for key in verdicts if key not in seen]
    if stale:
        print(f"{len(stale)} verdicts on rows that are no more", file=sys.stderr)
    return "".join(lines)


def main():
    target, text = HERE / "own.jsonl", corpus()
    if "--check" in sys.argv:
        sys.exit(0 if target.read_text() == text else "own.jsonl is not what make_own.py writes")
    target.write_text(text)
    print(f"{text.count(chr(10))} rows of {len({hook.provider for hook in providers.HOOKS})} providers")


if __name__ == "__main__":
    main()
