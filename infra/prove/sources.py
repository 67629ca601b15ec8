"""What a count was counted on: the sources' own bytes, and the commit they belong to."""

import hashlib
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """Which sources: `digest` over names and bytes, `commit` to show."""

    digest: str
    commit: str


def state(root, paths):
    """The files below some paths as they are now, whether committed or not. Ignored ones do not count."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths).split("\0")
    whole = hashlib.sha256()
    for name in sorted(set(filter(None, listed))):
        file = root / name
        if file.is_file():
            whole.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    changed = git(root, "status", "--porcelain", "--", *paths).strip()
    commit = git(root, "rev-parse", "--short=12", "HEAD").strip()
    return State(whole.hexdigest()[:16], commit + (" with local changes" if changed else ""))


def git(root, *arguments):
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout
