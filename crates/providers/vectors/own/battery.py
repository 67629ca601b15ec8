"""The cases that every scheme with a MAC over the body goes through."""

import base64
import copy
import hashlib
import hmac
import unicodedata

from .draft import Draft, Made, compact, row, stamp, unstable, with_unicode

HASHES = {"hmac-sha256": hashlib.sha256, "hmac-sha1": hashlib.sha1}


def encode(raw, encoding):
    if encoding == "hex":
        return raw.hex()
    if encoding == "base64":
        return base64.b64encode(raw).decode()
    if encoding == "base64url":
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")
    raise ValueError(encoding)


def key_of(secret, kind):
    """A secret as it is shown to a customer, as the bytes of a key."""
    if kind == "utf8":
        return secret.encode()
    if kind == "nfkd":
        return unicodedata.normalize("NFKD", secret).encode()
    if kind == "whsec":
        return base64.b64decode(secret.removeprefix("whsec_"))
    if kind == "hex":
        return bytes.fromhex(secret)
    raise ValueError(kind)


def secret_text(prefix="", size=32):
    return lambda made: prefix + made.text(size)


def secret_hex(size):
    return lambda made: made.hex(size)


class Hook:
    """A provider that puts a MAC of the raw body, and perhaps of an id and a time, into a header.

    `scheme` is what the row says in `config.scheme`; everything is signed from it. `lead` and
    `item` are the header's parts before and for each signature, `join` stands between them.
    """

    def __init__(self, provider, scheme, secret, event, *, item="{sig}", lead="", join=None,
                 message_id=None, content_type="application/json", url=None, fixed=None,
                 skip=(), doubled=False):
        self.provider, self.scheme, self.secret_of, self.event_of = provider, scheme, secret, event
        self.item, self.lead, self.join, self.message_id = item, lead, join, message_id
        self.content_type, self.url, self.fixed = content_type, url, fixed or {}
        self.skip, self.tolerance = skip, scheme.get("tolerance_s")
        # Whether the provider itself sends the header twice, one for each secret.
        self.doubled = doubled
        made = Made(provider)
        self.now = 1_790_000_000 + made.number(0, 9_999_999)
        self.secrets = [secret(made) for _ in range(3)]

    def config(self, *secrets):
        made = {"secrets": list(secrets or self.secrets[:1])}
        if self.tolerance:
            made["tolerance_s"] = self.tolerance
        if self.url:
            made["url"] = self.url
        return {**made, "scheme": self.scheme}

    # --- signing -------------------------------------------------------------------------------

    def content(self, draft, ts):
        parts = {
            "body": draft.body,
            "ts": (ts or "").encode(),
            "id": self.id_of(draft).encode(),
            "url": (self.url or "").encode(),
        }
        out, rest = b"", self.scheme["signed"]
        while rest:
            if rest.startswith("{"):
                name, rest = rest[1:].split("}", 1)
                out += parts[name]
            else:
                cut = rest.find("{") if "{" in rest else len(rest)
                out, rest = out + rest[:cut].encode(), rest[cut:]
        return out

    def id_of(self, draft):
        return draft.headers.get(self.scheme.get("id_header", ""), "")

    def mac(self, secret, content, algorithm=None):
        digest = HASHES[algorithm or self.scheme["alg"]]
        return hmac.new(key_of(secret, self.scheme["key"]), content, digest).digest()

    def signature(self, secret, draft, ts, encoding=None):
        return encode(self.mac(secret, self.content(draft, ts)), encoding or self.scheme["encoding"])

    def value(self, signatures, ts):
        items = [self.item.replace("{sig}", one) for one in signatures]
        return self.lead.replace("{ts}", ts or "") + (self.join or " ").join(items)

    def place(self, draft, signatures, ts):
        draft.headers[self.scheme["sig_header"]] = self.value(signatures, ts)

    def stamped(self, draft, age=2):
        """The timestamp's text, put where the scheme has it."""
        if "ts_unit" not in self.scheme:
            return None
        ts = stamp(self.scheme["ts_unit"], self.now - age)
        if "ts_header" in self.scheme:
            draft.headers[self.scheme["ts_header"]] = ts
        return ts

    # --- drafting ------------------------------------------------------------------------------

    def draft(self, case, shape=compact):
        made = Made(f"{self.provider}/{case}")
        event = self.event_of(made, self.now - 5)
        headers = {"Content-Type": self.content_type, **self.fixed, **event.headers}
        draft = Draft(f"/hooks/{self.provider}", shape(event.payload), headers=headers, event=event)
        if self.message_id:
            header, name = self.message_id
            draft.headers[header] = name(made)
            if event.id is None or event.id == "header":
                event.id = draft.headers[header]
            elif event.id != draft.headers[header]:
                event.id_alt = [event.id, *event.id_alt]
                event.id = draft.headers[header]
        return draft

    def signed(self, case, shape=compact, age=2, secret=None):
        draft = self.draft(case, shape)
        ts = self.stamped(draft, age)
        self.place(draft, [self.signature(secret or self.secrets[0], draft, ts)], ts)
        return draft

    # --- the cases -----------------------------------------------------------------------------

    def rows(self):
        for case, made in (*self.plain(), *self.broken(), *self.headers(), *self.times(), *self.extra()):
            if case not in self.skip:
                yield made

    def extra(self):
        return ()

    def accept(self, case, draft, why, **more):
        return case, row(self, case, draft, "accept", why, **more)

    def reject(self, case, draft, why, **more):
        return case, row(self, case, draft, "reject", why, **more)

    def plain(self):
        yield self.accept("valid", self.signed("valid"), "plain valid request")
        yield self.accept("valid_unicode", self.signed("valid_unicode", with_unicode),
                          "UTF-8 of several bytes in the body")
        yield self.accept("valid_reserialise", self.signed("valid_reserialise", unstable),
                          "JSON that no serialiser gives back: only the raw bytes verify")
        draft = self.signed("valid_nonascii_header")
        draft.headers["X-Note"] = "Jürgen – 東京"
        yield self.accept("valid_nonascii_header", draft, "another header holds UTF-8")
        draft = self.signed("header_lowercase")
        draft.rename(str.lower)
        yield self.accept("header_lowercase", draft, "names of headers in lower case")
        draft = self.signed("header_uppercase")
        draft.rename(str.upper)
        yield self.accept("header_uppercase", draft, "names of headers in upper case")
        new, old, third = self.secrets
        both = self.config(new, old)
        for case, secret, why in (
            ("rotate_signed_new", new, "[new, old] configured; signed with new"),
            ("rotate_signed_old", old, "[new, old] configured; signed with old"),
        ):
            yield self.accept(case, self.signed(case, secret=secret), why, config=both)
        yield self.reject("rotate_signed_neither", self.signed("rotate_signed_neither", secret=third),
                          "[new, old] configured; signed with a third", config=both)
        if self.join:
            yield from self.several()

    def several(self):
        right, wrong, third = self.secrets
        for case, order, why in (
            ("multi_good_first", (right, wrong), "two signatures, the first is ours"),
            ("multi_good_second", (wrong, right), "two signatures, the second is ours"),
            ("multi_all_bad", (wrong, third), "two signatures, neither is ours"),
        ):
            draft = self.draft(case)
            ts = self.stamped(draft)
            self.place(draft, [self.signature(one, draft, ts) for one in order], ts)
            verdict = self.reject if case == "multi_all_bad" else self.accept
            yield verdict(case, draft, why)
        draft = self.draft("multi_rotated")
        ts = self.stamped(draft)
        self.place(draft, [self.signature(one, draft, ts) for one in (third, wrong)], ts)
        yield self.accept("multi_rotated", draft, "two signatures and two secrets, one pair fits",
                          config=self.config(right, wrong))

    def broken(self):
        draft = self.signed("tampered_body")
        draft.body = draft.body.replace(b"a", b"b", 1)
        yield self.reject("tampered_body", draft, "one byte of the body changed")
        draft = self.signed("tampered_trailing_newline")
        draft.body += b"\n"
        yield self.reject("tampered_trailing_newline", draft, "a newline after the signed body")
        draft = self.signed("tampered_reserialised")
        draft.body = draft.body.replace(b'":', b'": ', 1)
        yield self.reject("tampered_reserialised", draft, "equal as JSON, other bytes")
        draft = self.signed("tampered_truncated_body")
        draft.body = draft.body[:-1]
        yield self.reject("tampered_truncated_body", draft, "the last byte of the body is gone")
        draft = self.signed("emptied_body")
        draft.body = b""
        yield self.reject("emptied_body", draft, "the body is gone, the signature stayed")
        yield self.reject("wrong_secret", self.signed("wrong_secret", secret=self.secrets[2]),
                          "signed with another secret")
        yield from self.other_macs()
        yield from self.odd_bodies()
        yield from self.odd_signatures()

    def other_macs(self):
        draft = self.draft("empty_key")
        ts = self.stamped(draft)
        mac = hmac.new(b"", self.content(draft, ts), HASHES[self.scheme["alg"]]).digest()
        self.place(draft, [encode(mac, self.scheme["encoding"])], ts)
        yield self.reject("empty_key", draft, "signed with the empty key")
        weaker = "hmac-sha1" if self.scheme["alg"] == "hmac-sha256" else "hmac-sha256"
        draft = self.draft("other_algorithm")
        ts = self.stamped(draft)
        mac = self.mac(self.secrets[0], self.content(draft, ts), weaker)
        self.place(draft, [encode(mac, self.scheme["encoding"])], ts)
        yield self.reject("other_algorithm", draft, f"a MAC of {weaker}")

    def odd_bodies(self):
        draft = self.signed("signed_invalid_json", lambda _: b'{"type": "half')
        draft.event = copy.copy(draft.event)
        if draft.event.id not in draft.headers.values():
            draft.event.id = None
        draft.event.kind = None
        draft.event.id_alt = []
        yield self.accept("signed_invalid_json", draft, "signed, but the body is no JSON", debatable=True)
        draft = self.signed("signed_empty_body", lambda _: b"")
        draft.event = None
        yield self.accept("signed_empty_body", draft, "signed, without a body", debatable=True)
        draft = self.signed("signed_binary_body", lambda _: b'{"a":"\xff\xfe\x00"}')
        draft.event = None
        yield self.accept("signed_binary_body", draft, "signed bytes that are no UTF-8", debatable=True)

    def altered(self, case, change):
        """A valid request whose signatures are changed one by one."""
        draft = self.draft(case)
        ts = self.stamped(draft)
        self.place(draft, [change(self.signature(self.secrets[0], draft, ts))], ts)
        return draft

    def odd_signatures(self):
        hexed = self.scheme["encoding"] == "hex"

        def flip(one):
            return one[:5] + ("0" if one[5] != "0" else "1") + one[6:]

        for case, change, why in (
            ("tampered_sig", flip, "one character of the signature changed"),
            ("truncated_sig", lambda one: one[:-2], "the signature is two characters short"),
            ("half_sig", lambda one: one[: len(one) // 2], "half of the signature"),
            ("extended_sig", lambda one: one + "00", "two characters after the signature"),
            ("garbage_sig", lambda one: "!" * len(one), "neither hex nor base64"),
            ("nonascii_sig", lambda one: "é" + one[1:], "a letter that is not ASCII"),
            ("empty_sig", lambda one: "", "no signature where one belongs"),
        ):
            yield self.reject(case, self.altered(case, change), why)
        if self.scheme["encoding"] == "base64":
            for case, change, why in (
                ("unpadded_sig", lambda one: one.rstrip("="), "base64 without its padding"),
                ("urlsafe_sig", lambda one: one.replace("+", "-").replace("/", "_"), "the other alphabet of base64"),
                ("spaced_sig", lambda one: one[:9] + " " + one[9:], "a blank inside the signature"),
                ("twice_padded_sig", lambda one: one + "=", "one character of padding too many"),
            ):
                draft = self.altered(case, change)
                if draft.headers != self.altered(case, lambda one: one).headers:
                    yield self.reject(case, draft, why, debatable="unless judged")
        if hexed:
            yield self.reject("uppercase_hex_sig", self.altered("uppercase_hex_sig", str.upper),
                              "hex in upper case", debatable=True)
        draft = self.draft("other_encoding")
        ts = self.stamped(draft)
        other = self.signature(self.secrets[0], draft, ts, "base64" if hexed else "hex")
        self.place(draft, [other], ts)
        yield self.reject("other_encoding", draft, f"the right MAC in {'base64' if hexed else 'hex'}")
        if "{body}" != self.scheme["signed"]:
            draft = self.draft("body_only_signed")
            ts = self.stamped(draft)
            mac = self.mac(self.secrets[0], draft.body)
            self.place(draft, [encode(mac, self.scheme["encoding"])], ts)
            yield self.reject("body_only_signed", draft, "only the body is signed")
        if self.item != "{sig}":
            yield from self.prefixes()

    def prefixes(self):
        label = self.item.replace("{sig}", "")
        draft = self.altered("missing_prefix", lambda one: one)
        name = self.scheme["sig_header"]
        draft.headers[name] = draft.headers[name].replace(label, "", 1)
        yield self.reject("missing_prefix", draft, "no prefix before the signature")
        other = {"v1,": "v2,", "v1=": "v2=", "v0=": "v1=", "sha256=": "sha1=", "d=": "e=",
                 "hmac-sha256-hex=": "hmac-sha1-hex="}[label]
        draft = self.altered("other_version_only", lambda one: one)
        draft.headers[name] = draft.headers[name].replace(label, other, 1)
        yield self.reject("other_version_only", draft, f"the right MAC under the label {other}")

    def headers(self):
        name = self.scheme["sig_header"]
        draft = self.signed("missing_header")
        del draft.headers[name]
        yield self.reject("missing_header", draft, "no signature header")
        draft = self.signed("empty_header")
        draft.headers[name] = ""
        yield self.reject("empty_header", draft, "an empty signature header")
        draft = self.signed("blank_header")
        draft.headers[name] = " , ;="
        yield self.reject("blank_header", draft, "nothing but separators in the header")
        yield from self.twice(name)
        header = self.scheme.get("id_header")
        if header:
            draft = self.signed("id_missing")
            del draft.headers[header]
            yield self.reject("id_missing", draft, "the signed id is missing")
            draft = self.signed("id_tampered")
            draft.headers[header] += "x"
            yield self.reject("id_tampered", draft, "another id than the signed one")

    def twice(self, name):
        """A repeated header, which arrives joined with a comma."""
        verdict, doubt = (self.accept, {}) if self.doubled else (self.reject, {"debatable": True})
        draft = self.signed("dup_header_bad_good")
        bad = self.altered("dup_header_bad_good", lambda one: one[::-1])
        draft.headers[name] = [bad.headers[name], draft.headers[name]]
        yield verdict("dup_header_bad_good", draft,
                      "the header twice, wrong and right; they arrive joined with a comma", **doubt)
        draft = self.signed("dup_header_same")
        draft.headers[name] = [draft.headers[name]] * 2
        yield verdict("dup_header_same", draft,
                      "the header twice, both right; they arrive joined with a comma", **doubt)

    def times(self):
        if "ts_unit" not in self.scheme:
            return
        future = {"debatable": True} if self.scheme.get("future") != "reject" else {}
        limit = self.tolerance
        yield self.accept("ts_near_edge", self.signed("ts_near_edge", age=limit - 10),
                          f"{limit - 10} s old, {limit} s are allowed")
        yield self.accept("ts_at_edge", self.signed("ts_at_edge", age=limit),
                          f"exactly {limit} s old", debatable="unless judged")
        yield self.reject("ts_past_edge", self.signed("ts_past_edge", age=limit + 10),
                          f"{limit + 10} s old, {limit} s are allowed")
        yield self.reject("ts_very_stale", self.signed("ts_very_stale", age=86_400),
                          "rightly signed a day ago")
        yield self.accept("ts_future_near", self.signed("ts_future_near", age=-(limit // 2)),
                          f"{limit // 2} s ahead of the clock")
        yield self.reject("ts_future", self.signed("ts_future", age=-(limit + 60)),
                          f"{limit + 60} s ahead of the clock", **future)
        yield self.reject("ts_far_future", self.signed("ts_far_future", age=-10 * 365 * 86_400),
                          "ten years ahead of the clock", **future)
        yield from self.odd_times()

    def timed(self, case, ts, signed_ts=None):
        draft = self.draft(case)
        if "ts_header" in self.scheme:
            draft.headers[self.scheme["ts_header"]] = ts
        signature = self.signature(self.secrets[0], draft, ts if signed_ts is None else signed_ts)
        self.place(draft, [signature], ts)
        return draft

    def odd_times(self):
        unit = self.scheme["ts_unit"]
        yield self.reject("ts_swapped",
                          self.timed("ts_swapped", stamp(unit, self.now), stamp(unit, self.now - 86_400)),
                          "an old signature with a new timestamp")
        for case, ts, why in (
            ("ts_not_numeric", "now", "the signed timestamp is a word"),
            ("ts_empty", "", "the signed timestamp is empty"),
            ("ts_overflow", "9" * 30, "the signed timestamp fits no integer"),
            ("ts_negative", "-9223372036854775808", "the signed timestamp is the least integer"),
        ):
            far = case == "ts_overflow" and self.scheme.get("future") != "reject"
            yield self.reject(case, self.timed(case, ts), why, **({"debatable": True} if far else {}))
        if unit in ("s", "ms"):
            wrong = "ms" if unit == "s" else "s"
            far = wrong == "ms" and self.scheme.get("future") != "reject"
            yield self.reject("ts_wrong_unit",
                              self.timed("ts_wrong_unit", stamp(wrong, self.now)),
                              f"signed in {wrong} where {unit} is meant", **({"debatable": True} if far else {}))
        if "ts_header" in self.scheme:
            draft = self.signed("ts_missing")
            del draft.headers[self.scheme["ts_header"]]
            yield self.reject("ts_missing", draft, "no timestamp header")
        elif "{ts}" in self.lead:
            draft = self.draft("ts_missing")
            ts = self.stamped(draft)
            signature = self.signature(self.secrets[0], draft, ts)
            draft.headers[self.scheme["sig_header"]] = self.item.replace("{sig}", signature)
            yield self.reject("ts_missing", draft, "no timestamp in the header")
