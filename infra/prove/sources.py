"""What a count was counted on: the sources' own bytes, and the commit they belong to."""

import hashlib
import subprocess


def digest(root, paths):
    """Over names and bytes of the files below some paths as they are now, whether committed or not, but for ignored ones."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths).split("\0")
    whole = hashlib.sha256()
    for name in sorted(set(filter(None, listed))):
        file = root / name
        if file.is_file():
            whole.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


def commit(root, paths):
    """The commit, to show; and whether these sources differ from it."""
    changed = git(root, "status", "--porcelain", "--", *paths).strip()
    return git(root, "rev-parse", "--short=12", "HEAD").strip() + (" with local changes" if changed else "")


def git(root, *arguments):
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout
