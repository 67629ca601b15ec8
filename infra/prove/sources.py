"""What a count was counted on: the sources' own bytes, and the commit they belong to.

What only tests compile is not among them: a test that is added takes nothing from what was counted before.
"""

import hashlib
import re
import subprocess

# Cargo's folder for the tests of a crate, and modules of tests with a file or a folder of their own.
TEST_FILE = re.compile(r"^crates/[^/]+/(tests/|src/(.+/)?tests(/.+)?\.rs$)")
# A module of tests that ends its file.
TEST_MODULE = re.compile(rb"\n#\[cfg\(test\)\]\nmod tests \{\n(?P<inside>.*)\n\}\n\Z", re.DOTALL)


def digest(root, paths, with_tests=False):
    """Over names and bytes of the files below some paths as they are now, whether committed or not, but for ignored ones."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *paths).split("\0")
    whole = hashlib.sha256()
    for name in sorted(set(filter(None, listed))):
        file = root / name
        if file.is_file() and (with_tests or not TEST_FILE.match(name)):
            content = file.read_bytes()
            proved = content if with_tests else without_tests(content)
            whole.update(f"{name}\0{hashlib.sha256(proved).hexdigest()}\n".encode())
    return whole.hexdigest()[:16]


def without_tests(content):
    """A Rust file without the module of tests at its end. In doubt, whether something follows it, all of the file."""
    module = TEST_MODULE.search(content)
    if not module or b"\n}\n" in module["inside"]:
        return content
    return content[: module.start()]


def commit(root, paths):
    """The commit, to show; and whether these sources differ from it."""
    changed = git(root, "status", "--porcelain", "--", *paths).strip()
    return git(root, "rev-parse", "--short=12", "HEAD").strip() + (" with local changes" if changed else "")


def git(root, *arguments):
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout
