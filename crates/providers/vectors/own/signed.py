"""What hooks outside the battery have in common: secrets, a moment, and short words for rows."""

from urllib.parse import quote_plus

from .draft import Made, row


def form(pairs):
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


class Signed:
    provider = ""

    def __init__(self):
        made = Made(self.provider)
        self.now = 1_790_000_000 + made.number(0, 9_999_999)
        self.secrets = [self.secret(made) for _ in range(3)]
        self.made = made

    def secret(self, made):
        return made.hex(32)

    def accept(self, case, draft, why, **more):
        return row(self, case, draft, "accept", why, **more)

    def reject(self, case, draft, why, **more):
        return row(self, case, draft, "reject", why, **more)

    def headers_gone(self, name, make):
        """The rows about a signature header that any scheme has."""
        for case, change, why in (
            ("empty_header", lambda one: "", "an empty signature header"),
            ("tampered_sig", lambda one: one[:5] + ("A" if one[5] != "A" else "B") + one[6:], "one character changed"),
            ("truncated_sig", lambda one: one[:-2], "two characters short"),
            ("half_sig", lambda one: one[: len(one) // 2], "half of the signature"),
            ("extended_sig", lambda one: one + "AA", "two characters after it"),
            ("garbage_sig", lambda one: "!" * len(one), "junk of the right length"),
            ("nonascii_sig", lambda one: "é" + one[1:], "a letter that is not ASCII"),
        ):
            draft = make(case)
            draft.headers[name] = change(draft.headers[name])
            yield self.reject(case, draft, why)
        draft = make("missing_header")
        del draft.headers[name]
        yield self.reject("missing_header", draft, "no signature header")
        draft = make("dup_header_bad_good")
        draft.headers[name] = [draft.headers[name][::-1], draft.headers[name]]
        yield self.reject("dup_header_bad_good", draft, "the header twice, wrong and right", debatable=True)
        draft = make("dup_header_same")
        draft.headers[name] = [draft.headers[name]] * 2
        yield self.reject("dup_header_same", draft, "the header twice, both right", debatable=True)
