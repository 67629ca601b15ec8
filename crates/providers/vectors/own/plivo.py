"""Plivo: the URL, a form and a nonce."""

import base64
import hashlib
import hmac

from .draft import Draft, Event, Made
from .signed import Signed, form


class Plivo(Signed):
    """https://www.plivo.com/docs/messaging/concepts/signature-validation/ and the libraries' V3 source.

    POST: the URL, `?` and its sorted query where it has one, `.` after such a query, then the form's
    sorted names and values; GET: the URL with the sorted query. Then `.` and the nonce. A form
    without fields leaves `?` away.
    """

    provider, url = "plivo", "https://hooks.example.com/hooks/plivo"

    def config(self, *secrets, query=""):
        return {"secrets": list(secrets or self.secrets[:1]), "url": self.url + (f"?{query}" if query else ""),
                "scheme": {"alg": "hmac-sha256", "key": "utf8", "encoding": "base64",
                           "signed": "{url}?[{sorted query}.]{sorted form key+value}.{nonce}",
                           "sig_header": "X-Plivo-Signature-V3", "multi": "comma separated list",
                           "nonce_header": "X-Plivo-Signature-V3-Nonce"}}

    def pairs(self, made, case):
        message = made.uuid()
        pairs = [("From", "+14155550100"), ("To", "+14155550101"), ("Text", "Ahoy, Jürgen & Ada = fine 🚀"),
                 ("Type", "sms"), ("MessageUUID", message), ("TotalAmount", "0.0"), ("Empty", "")]
        return pairs, message

    def signature(self, secret, method, query, pairs, nonce):
        text = self.url
        if method == "GET" or query:
            text += f"?{'&'.join(sorted(query.split('&')))}" if query else ""
        if method == "POST" and pairs:
            text += "." if query else "?"
        if method == "POST":
            text += "".join(name + value for name, value in sorted(set(pairs) | set(pairs)))
        mac = hmac.new(secret.encode(), f"{text}.{nonce}".encode(), hashlib.sha256).digest()
        return base64.b64encode(mac).decode()

    def draft(self, case, method="POST", query="", secret=None, pairs=None):
        made = Made(f"plivo/{case}")
        fields, message = self.pairs(made, case)
        pairs = fields if pairs is None else pairs
        nonce = made.digits(20)
        body = form(pairs) if method == "POST" else b""
        event = Event(None, message if ("MessageUUID", message) in pairs or message in query else None)
        draft = Draft("/hooks/plivo", body, method=method, query=query, event=event)
        draft.headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Plivo-Signature-V3-Nonce": nonce}
        draft.headers["X-Plivo-Signature-V3"] = self.signature(secret or self.secrets[0], method, query, pairs, nonce)
        return draft

    def rows(self):
        name = "X-Plivo-Signature-V3"
        yield self.accept("valid", self.draft("valid"), "a posted form, with text that is not ASCII")
        for case, change in (("header_lowercase", str.lower), ("header_uppercase", str.upper)):
            draft = self.draft(case)
            draft.rename(change)
            yield self.accept(case, draft, "names of headers in another case")
        yield self.accept("valid_query_and_form", self.draft("valid_query_and_form", query="tenant=7&lang=de"),
                          "the URL has a query: sorted, then a dot, then the form",
                          config=self.config(query="tenant=7&lang=de"))
        uuid = Made("plivo/valid_get").uuid()
        query = f"Type=sms&MessageUUID={uuid}&From=14155550100"
        yield self.accept("valid_get", self.draft("valid_get", "GET", query), "GET: the sorted query is signed",
                          config=self.config(query=query))
        yield self.accept("valid_empty_form", self.draft("valid_empty_form", pairs=[]),
                          "a form without fields: no question mark")
        several = [("MessageUUID", Made("plivo/duplicate_fields").uuid()), ("Media", "b"), ("Media", "a")]
        yield self.accept("duplicate_fields", self.draft("duplicate_fields", pairs=several),
                          "a field twice: the values sorted")
        new, old, third = self.secrets
        both = self.config(new, old)
        yield self.accept("rotate_signed_new", self.draft("rotate_signed_new"), "[new, old], signed with new", config=both)
        yield self.accept("rotate_signed_old", self.draft("rotate_signed_old", secret=old),
                          "[new, old], signed with old", config=both)
        yield self.reject("rotate_signed_neither", self.draft("rotate_signed_neither", secret=third),
                          "[new, old], signed with a third", config=both)
        for case, order, verdict in (("multi_good_first", (new, third), self.accept),
                                     ("multi_good_second", (third, new), self.accept),
                                     ("multi_all_bad", (third, old), self.reject)):
            draft = self.draft(case)
            draft.headers[name] = ",".join(self.draft(case, secret=one).headers[name] for one in order)
            yield verdict(case, draft, "two signatures in the header")
        yield self.reject("wrong_secret", self.draft("wrong_secret", secret=third), "another auth token")
        for case, change, why in (
            ("tampered_value", lambda body: body.replace(b"Type=sms", b"Type=mms"), "a value changed"),
            ("tampered_added_field", lambda body: body + b"&Zone=1", "a field added"),
            ("tampered_removed_field", lambda body: body.replace(b"&Type=sms", b""), "a field taken away"),
            ("tampered_boundary", lambda body: body.replace(b"Type=sms", b"Typ=esms"), "name and value shifted"),
            ("emptied_body", lambda body: b"", "the form is gone"),
        ):
            draft = self.draft(case)
            draft.body = change(draft.body)
            shifted = {"debatable": True} if case == "tampered_boundary" else {}
            made = self.accept if case == "tampered_boundary" else self.reject
            yield made(case, draft, why, **shifted)
        draft = self.draft("nonce_tampered")
        draft.headers["X-Plivo-Signature-V3-Nonce"] = "1" * 20
        yield self.reject("nonce_tampered", draft, "another nonce than the signed one")
        draft = self.draft("nonce_missing")
        del draft.headers["X-Plivo-Signature-V3-Nonce"]
        yield self.reject("nonce_missing", draft, "no nonce")
        other = {**self.config(), "url": "https://other.example.com/hooks/plivo"}
        yield self.reject("other_url", self.draft("other_url"), "signed for another URL", config=other)
        draft = self.draft("v2_header_only")
        draft.headers["X-Plivo-Signature-V2"] = draft.headers.pop(name)
        yield self.reject("v2_header_only", draft, "the signature under the name of an older version")
        yield from self.headers_gone(name, self.draft)
