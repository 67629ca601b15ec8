"""A request in the making, invented values, and the row that comes of it."""

import base64
import hashlib
import json
from dataclasses import dataclass, field


class Made:
    """Invented values, the same at every run: all come from hashes of a seed and a counter."""

    def __init__(self, seed):
        self.seed, self.count = seed, 0

    def bytes(self, size):
        out = b""
        while len(out) < size:
            out += hashlib.sha256(f"{self.seed}/{self.count}".encode()).digest()
            self.count += 1
        return out[:size]

    def number(self, low, high):
        return low + int.from_bytes(self.bytes(8), "big") % (high - low + 1)

    def pick(self, choices):
        return choices[self.number(0, len(choices) - 1)]

    def text(self, size, alphabet="abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"):
        return "".join(alphabet[byte % len(alphabet)] for byte in self.bytes(size))

    def hex(self, size):
        return self.bytes((size + 1) // 2).hex()[:size]

    def digits(self, size):
        return str(self.number(1, 9)) + self.text(size - 1, "0123456789")

    def uuid(self):
        raw = self.hex(32)
        return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"

    def base64(self, size):
        return base64.b64encode(self.bytes(size)).decode()


def stamp(unit, seconds):
    """A moment (Unix seconds) as a provider writes it."""
    from datetime import datetime, timezone

    if unit == "s":
        return str(int(seconds))
    if unit == "ms":
        return str(int(seconds * 1000))
    moment = datetime.fromtimestamp(seconds, timezone.utc)
    if unit == "rfc3339":
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    if unit == "rfc3339-offset":
        pacific = datetime.fromtimestamp(seconds - 8 * 3600, timezone.utc)
        return pacific.strftime("%Y-%m-%dT%H:%M:%S-08:00")
    raise ValueError(unit)


@dataclass
class Event:
    """An invented event, and what a receiver should call it."""

    payload: object
    id: object = None
    kind: object = None
    id_alt: list = field(default_factory=list)
    kind_alt: list = field(default_factory=list)
    headers: dict = field(default_factory=dict)


@dataclass
class Draft:
    """A request before it becomes a row."""

    path: str
    body: bytes = b""
    method: str = "POST"
    query: str = ""
    headers: dict = field(default_factory=dict)
    event: Event = None

    def rename(self, change):
        self.headers = {change(name): value for name, value in self.headers.items()}


def compact(payload):
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def with_unicode(payload):
    """The event with text of one to four bytes a character, unescaped."""
    note = "Jürgen Weiß – 東京 🚀"
    if isinstance(payload, list):
        return compact([{**payload[0], "note": note}, *payload[1:]])
    return compact({**payload, "note": note})


def unstable(payload):
    """The event as JSON that no serialiser gives back byte for byte."""
    text = json.dumps(payload, separators=(" ,", " : "))
    odd = ('"odd_n" : 1.0,"odd_e":1E2,"odd_twice":1,"odd_twice":2,"odd_u":"http:\\/\\/a.example",'
           '"odd_j":"J\\u00fcrgen"')
    if isinstance(payload, list):
        first, rest = text[1:].split("{", 1)
        return ("[\r\n " + first + "{" + odd + ",\t" + rest + "\n").encode()
    return ("{\r\n  " + odd + ",\t" + text[1:] + "\n").encode()


def row(hook, case, draft, expect, why, **more):
    """The line of the corpus."""
    accepted = expect == "accept" and draft.event is not None
    made = {
        "id": f"own-{hook.provider}-{case}",
        "provider": hook.provider,
        "case": case,
        "config": more.pop("config", None) or hook.config(),
        "request": {
            "method": draft.method,
            "path": draft.path,
            "query": draft.query,
            "headers": draft.headers,
            "body_base64": base64.b64encode(draft.body).decode(),
        },
        "now": hook.now,
        "expect": expect,
        "expect_status_class": "4xx" if expect == "reject" else "2xx",
        "expect_body": None,
        "expect_event_id": draft.event.id if accepted else None,
        "expect_event_type": draft.event.kind if accepted else None,
        "why": why,
    }
    if accepted and draft.event.id_alt:
        made["expect_event_id_alt"] = draft.event.id_alt
    if accepted and draft.event.kind_alt:
        made["expect_event_type_alt"] = draft.event.kind_alt
    made.update(more)
    return made
