"""Tokens and credentials that cover nothing of the request."""

import base64
import json

from .draft import Draft, Event, Made, compact, stamp, unstable, with_unicode
from .signed import Signed


class Token(Signed):
    """A shared text in a header, which covers nothing of the request."""

    header = ""

    def config(self, *secrets):
        return {"secrets": list(secrets or self.secrets[:1]), "scheme": {"alg": "token", "header": self.header}}

    def value(self, secret):
        return secret

    def draft(self, case, shape=compact, secret=None):
        made = Made(f"{self.provider}/{case}")
        event = self.event(made)
        draft = Draft(f"/hooks/{self.provider}", shape(event.payload), event=event)
        draft.headers = {"Content-Type": "application/json", self.header: self.value(secret or self.secrets[0])}
        return draft

    def rows(self):
        yield self.accept("valid", self.draft("valid"), "plain valid request")
        yield self.accept("valid_unicode", self.draft("valid_unicode", with_unicode), "UTF-8 in the body")
        yield self.accept("valid_reserialise", self.draft("valid_reserialise", unstable), "odd JSON")
        for case, change in (("header_lowercase", str.lower), ("header_uppercase", str.upper)):
            draft = self.draft(case)
            draft.rename(change)
            yield self.accept(case, draft, "names of headers in another case")
        new, old, third = self.secrets
        yield self.accept("rotate", self.draft("rotate", secret=old), "[new, old] configured, old is sent",
                          config=self.config(new, old))
        yield self.reject("rotate_neither", self.draft("rotate_neither", secret=third), "[new, old] configured, a third is sent",
                          config=self.config(new, old))
        yield self.reject("wrong_token", self.draft("wrong_token", secret=third), "another token")
        for case, change, why in (
            ("empty_header", lambda one: "", "an empty header"),
            ("prefix_of_token", lambda one: one[:-1], "the token without its last character"),
            ("token_plus", lambda one: one + "x", "a character after the token"),
            ("case_changed", str.swapcase, "letters in the other case"),
            ("nonascii", lambda one: "é" + one[1:], "a letter that is not ASCII"),
        ):
            draft = self.draft(case)
            draft.headers[self.header] = change(draft.headers[self.header])
            yield self.reject(case, draft, why)
        draft = self.draft("missing_header")
        del draft.headers[self.header]
        yield self.reject("missing_header", draft, "no header")
        draft = self.draft("dup_header_bad_good")
        draft.headers[self.header] = [self.value(third), draft.headers[self.header]]
        yield self.reject("dup_header_bad_good", draft, "the header twice, wrong and right", debatable=True)
        draft = self.draft("token_in_query")
        del draft.headers[self.header]
        draft.query = f"token={new}"
        yield self.reject("token_in_query", draft, "the token in the query: it belongs into the header")


class Telegram(Token):
    """https://core.telegram.org/bots/api#setwebhook: secret_token."""

    provider, header = "telegram", "X-Telegram-Bot-Api-Secret-Token"

    def secret(self, made):
        return made.text(40, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")

    def event(self, made):
        # https://core.telegram.org/bots/api#update: at most one member besides update_id, the kind.
        kind = made.pick(["message", "edited_message", "channel_post"])
        payload = {"update_id": made.number(10**8, 10**9),
                   kind: {"message_id": made.number(1, 9_999), "date": self.now - 2,
                          "chat": {"id": made.number(10**8, 10**9), "type": "private", "first_name": "Ada"}, "text": "Ahoy"}}
        return Event(payload, payload["update_id"], kind, id_alt=[str(payload["update_id"])])

    def draft(self, case, shape=compact, secret=None):
        # A note inside the message: beside it stands nothing but update_id.
        def inside(payload):
            name = next(key for key in payload if key != "update_id")
            return compact({**payload, name: {**payload[name], "text": "Jürgen – 東京 🚀"}})

        if shape is unstable:
            shape = lambda payload: json.dumps(payload, indent=1).replace('"Ahoy"', '"\\u0041hoy\\/"').encode() + b"\r\n"  # noqa: E731
        return super().draft(case, inside if shape is with_unicode else shape, secret)


class Auth0(Token):
    """https://auth0.com/docs/customize/log-streams/custom-log-streams: a batch, an authorization token."""

    provider, header = "auth0", "Authorization"

    def secret(self, made):
        return made.text(36)

    def event(self, made):
        logs = [{"log_id": made.digits(20) + made.digits(20),
                 "data": {"date": stamp("rfc3339", self.now - 2), "type": kind, "user_id": "auth0|" + made.hex(24),
                          "client_name": "Harbour", "ip": "192.0.2.1"}} for kind in ("s", "fp")]
        return Event(logs, logs[0]["log_id"], logs[0]["data"]["type"], id_alt=[logs[1]["log_id"]])

    def rows(self):
        yield from super().rows()
        draft = self.draft("bearer_prefixed")
        draft.headers[self.header] = "Bearer " + draft.headers[self.header]
        yield self.reject("bearer_prefixed", draft, "Bearer before a token that was configured without")
        bearer = [f"Bearer {one}" for one in self.secrets]
        draft = self.draft("bearer_configured")
        draft.headers[self.header] = bearer[0]
        yield self.accept("bearer_configured", draft, "the configured token holds the word Bearer", config=self.config(bearer[0]))
        # The stream's own choice: JSON lines (the default), an array, or an object.
        for case, join, why in (("json_lines", b"\n", "one log a line: the default of a stream"),
                                ("json_lines_end", b"\n", "one log a line, and a line end after the last")):
            draft = self.draft(case)
            draft.body = join.join(compact(one) for one in draft.event.payload) + (b"\n" if case.endswith("end") else b"")
            draft.event.id = draft.event.kind = None
            yield self.accept(case, draft, why)
        draft = self.draft("json_object")
        draft.body = compact(draft.event.payload[0])
        draft.event.id_alt = []
        yield self.accept("json_object", draft, "one log a request, not in a list")
        draft = self.draft("one_log")
        draft.body = compact(draft.event.payload[:1])
        draft.event.id_alt = []
        yield self.accept("one_log", draft, "a batch of one")


class Chargebee(Signed):
    """https://www.chargebee.com/docs/billing/2.0/site-configuration/webhook_settings: HTTP Basic."""

    provider = "chargebee"

    def __init__(self):
        super().__init__()
        self.user = "hook-" + self.made.text(6)
        self.password = self.made.text(10) + ":é" + self.made.text(6)

    def config(self):
        return {"username": self.user, "password": self.password, "scheme": {"alg": "basic"}}

    def draft(self, case, shape=compact, credentials=None):
        made = Made(f"chargebee/{case}")
        kind = made.pick(["subscription_created", "invoice_generated", "payment_failed"])
        payload = {"id": "ev_" + made.text(16), "occurred_at": self.now - 5, "source": "api", "object": "event",
                   "api_version": "v2", "event_type": kind, "webhook_status": "scheduled",
                   "content": {"customer": {"id": made.text(12), "first_name": "Ada", "resource_version": self.now * 1000}}}
        draft = Draft("/hooks/chargebee", shape(payload), event=Event(payload, payload["id"], kind))
        text = f"{self.user}:{self.password}" if credentials is None else credentials
        draft.headers = {"Content-Type": "application/json",
                         "Authorization": "Basic " + base64.b64encode(text.encode()).decode()}
        return draft

    def rows(self):
        yield self.accept("valid", self.draft("valid"), "a password with a colon and a letter that is not ASCII")
        yield self.accept("valid_unicode", self.draft("valid_unicode", with_unicode), "UTF-8 in the body")
        yield self.accept("valid_reserialise", self.draft("valid_reserialise", unstable), "odd JSON")
        for case, change in (("header_lowercase", str.lower), ("header_uppercase", str.upper)):
            draft = self.draft(case)
            draft.rename(change)
            yield self.accept(case, draft, "names of headers in another case")
        draft = self.draft("scheme_lowercase")
        draft.headers["Authorization"] = draft.headers["Authorization"].replace("Basic", "basic")
        yield self.accept("scheme_lowercase", draft, "the scheme's name has no case (RFC 9110)")
        for case, text, why in (
            ("wrong_password", f"{self.user}:wrong", "another password"),
            ("wrong_user", f"other:{self.password}", "another user"),
            ("password_cut", f"{self.user}:{self.password.split(':')[0]}", "the password up to its own colon"),
            ("no_colon", self.user, "no password"),
            ("empty_credentials", "", "nothing encoded"),
            ("only_colon", ":", "neither user nor password"),
            ("password_plus", f"{self.user}:{self.password}x", "a character after the password"),
        ):
            yield self.reject(case, self.draft(case, credentials=text), why)
        for case, value, why in (
            ("empty_header", "", "an empty header"),
            ("only_scheme", "Basic", "no credentials"),
            ("not_base64", "Basic !!!!", "no base64"),
            ("nonascii", "Basic é", "not ASCII"),
            ("bearer_scheme", "Bearer " + self.draft("x").headers["Authorization"][6:], "another scheme"),
        ):
            draft = self.draft(case)
            draft.headers["Authorization"] = value
            yield self.reject(case, draft, why)
        draft = self.draft("missing_header")
        del draft.headers["Authorization"]
        yield self.reject("missing_header", draft, "no header")


HOOKS = [Telegram(), Auth0(), Chargebee()]
