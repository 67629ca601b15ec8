"""JSON Web Tokens in a header: the cases that all of them go through."""

import base64
import hashlib
import hmac

from .draft import Draft, Made, compact, unstable, with_unicode
from .signed import Signed


def b64u(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Jwt(Signed):
    """A token whose claims hold a hash of the body, or nothing of it."""

    header, lead, tolerance = "Authorization", "", 60

    def algorithm(self):
        return {"alg": "HS256", "typ": "JWT"}

    def sign(self, text, key):
        return hmac.new(self.secrets[key].encode(), text, hashlib.sha256).digest()

    def token(self, claims, key=0, head=None, sign=None):
        head = self.algorithm() if head is None else head
        text = b64u(compact(head)) + "." + b64u(compact(claims))
        return text + "." + b64u((sign or self.sign)(text.encode(), key))

    def claims(self, made, body):
        raise NotImplementedError

    def draft(self, case, shape=compact, key=0, head=None, sign=None, drop=(), **other):
        made = Made(f"{self.provider}/{case}")
        event = self.event(made)
        body = shape(event.payload)
        claims = {**self.claims(made, body), **other}
        claims = {name: value for name, value in claims.items() if name not in drop}
        draft = Draft(f"/hooks/{self.provider}", body, event=event)
        draft.headers = {"Content-Type": self.content_type, **event.headers,
                         self.header: self.lead + self.token(claims, key, head, sign)}
        return draft

    content_type = "application/json"
    covers_body = True

    def rows(self):
        yield self.accept("valid", self.draft("valid"), "plain valid request")
        yield self.accept("valid_unicode", self.draft("valid_unicode", with_unicode), "UTF-8 in the body")
        yield self.accept("valid_reserialise", self.draft("valid_reserialise", unstable), "odd JSON: the hash is of the bytes")
        for case, change in (("header_lowercase", str.lower), ("header_uppercase", str.upper)):
            draft = self.draft(case)
            draft.rename(change)
            yield self.accept(case, draft, "names of headers in another case")
        yield self.reject("wrong_secret", self.draft("wrong_secret", key=2), "signed with another key")
        yield from self.bodies()
        yield from self.forgeries()
        yield from self.damage()
        yield from self.moments()

    def bodies(self):
        if not self.covers_body:
            return
        for case, change, why in (
            ("tampered_body", lambda body: body.replace(b"a", b"b", 1), "one byte of the body changed"),
            ("tampered_trailing_newline", lambda body: body + b"\n", "a newline after the body"),
            ("emptied_body", lambda body: b"", "the body is gone"),
        ):
            draft = self.draft(case)
            draft.body = change(draft.body)
            yield self.reject(case, draft, why)

    def forgeries(self):
        none = {"alg": "none", "typ": "JWT"}
        yield self.reject("alg_none", self.draft("alg_none", head=none, sign=lambda *_: b""), "alg none, no signature")
        yield self.reject("alg_none_signed", self.draft("alg_none_signed", head=none), "alg none, with a signature")
        yield self.reject("alg_none_case", self.draft("alg_none_case", head={**none, "alg": "nOnE"}, sign=lambda *_: b""),
                          "alg nOnE")

    def damage(self):
        for case, change, why in (
            ("empty_header", lambda one: "", "an empty header"),
            ("truncated_sig", lambda one: one[:-2], "the signature is two characters short"),
            ("signature_empty", lambda one: one[: one.rindex(".") + 1], "no signature after the dot"),
            ("two_parts", lambda one: one[: one.rindex(".")], "two parts only"),
            ("four_parts", lambda one: one + ".AAAA", "four parts"),
            ("garbage", lambda one: self.lead + "no-token", "no token at all"),
            ("nonascii", lambda one: self.lead + "é" + one[len(self.lead) + 1:], "a letter that is not ASCII"),
        ):
            draft = self.draft(case)
            draft.headers[self.header] = change(draft.headers[self.header])
            yield self.reject(case, draft, why)
        draft = self.draft("missing_header")
        del draft.headers[self.header]
        yield self.reject("missing_header", draft, "no header")
        draft, other = self.draft("claims_swapped"), self.draft("claims_swapped_2")
        first, second = (one.headers[self.header].split(".") for one in (draft, other))
        draft.headers[self.header] = ".".join([first[0], second[1], first[2]])
        yield self.reject("claims_swapped", draft, "the claims of another token under this signature")
        draft = self.draft("dup_header_bad_good")
        draft.headers[self.header] = [draft.headers[self.header][::-1], draft.headers[self.header]]
        yield self.reject("dup_header_bad_good", draft, "the header twice, wrong and right", debatable=True)

    def moments(self):
        now = self.now
        yield self.reject("expired", self.draft("expired", exp=now - 3_600, nbf=now - 7_200, iat=now - 7_200), "expired an hour ago")
        yield self.accept("expires_soon", self.draft("expires_soon", exp=now + 1), "expires in a second")
        yield self.reject("expired_just_now", self.draft("expired_just_now", exp=now - 1), "expired a second ago", debatable=True)
        yield self.reject("not_yet_valid", self.draft("not_yet_valid", nbf=now + 3_600, iat=now + 3_600, exp=now + 7_200),
                          "valid in an hour")
        yield self.reject("exp_is_text", self.draft("exp_is_text", exp="tomorrow"), "exp is no number")
