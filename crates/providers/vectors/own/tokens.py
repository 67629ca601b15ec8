"""Providers that send a token, credentials, or a JSON Web Token."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from draft import Draft, Event, Made, compact, row, stamp, unstable, with_unicode
from forms import Signed
from public import ec_key, rsa_key


def b64u(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


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


class Qstash(Jwt):
    """https://upstash.com/docs/qstash/howto/signature: sub is the URL, body the hash; two keys."""

    provider, header, url = "qstash", "Upstash-Signature", "https://hooks.example.com/hooks/qstash"

    def secret(self, made):
        return "sig_" + made.text(28)

    def config(self, *secrets):
        return {"secrets": list(secrets or self.secrets[:2]), "url": self.url,
                "scheme": {"alg": "jwt-hs256", "sig_header": self.header, "issuer": "Upstash", "url_claim": "sub",
                           "body_claim": "body", "body_claim_encoding": "base64url of SHA-256",
                           "key": "utf8", "multi": "secrets are the current and the next signing key"}}

    def event(self, made):
        message = "msg_" + made.text(40)
        headers = {"Upstash-Message-Id": message, "Upstash-Retried": "0", "User-Agent": "Upstash-QStash"}
        return Event({"task": made.text(8), "attempt": 1, "text": "a day at sea"}, message, headers=headers)

    def claims(self, made, body):
        return {"iss": "Upstash", "sub": self.url, "exp": self.now + 300, "nbf": self.now - 2, "iat": self.now - 2,
                "jti": "jwt_" + made.text(24), "body": b64u(hashlib.sha256(body).digest())}

    def rows(self):
        yield from super().rows()
        yield self.accept("next_key", self.draft("next_key", key=1), "signed with the next of the two keys")
        yield self.accept("signed_empty_body", self.draft("signed_empty_body", lambda _: b""), "a message without a body")
        yield self.accept("binary_body", self.draft("binary_body", lambda _: b"\xff\xfe\x00"), "bytes that are no text", debatable=True)
        digest = base64.urlsafe_b64encode(hashlib.sha256(self.draft("padded_hash").body).digest()).decode()
        yield self.accept("padded_hash", self.draft("padded_hash", body=digest), "the hash with its padding: the libraries take off `=`")
        for case, more, why in (
            ("other_url", {"sub": "https://other.example.com/hooks/qstash"}, "signed for another URL"),
            ("other_path", {"sub": "https://hooks.example.com/hooks/other"}, "signed for another path"),
            ("other_issuer", {"iss": "Somebody"}, "another issuer"),
            ("hex_hash", {"body": hashlib.sha256(self.draft("hex_hash").body).hexdigest()}, "the hash in hex"),
            ("empty_hash", {"body": ""}, "an empty hash"),
        ):
            yield self.reject(case, self.draft(case, **more), why)
        for name in ("iss", "sub", "body", "exp"):
            yield self.reject(f"no_{name}", self.draft(f"no_{name}", drop=(name,)), f"no claim {name}")
        yield self.reject("alg_hs512", self.draft("alg_hs512", head={"alg": "HS512", "typ": "JWT"},
                          sign=lambda text, key: hmac.new(self.secrets[key].encode(), text, hashlib.sha512).digest()),
                          "rightly signed with HS512")


class Livekit(Jwt):
    """https://docs.livekit.io/home/server/webhooks/: the bare token, sha256 is the hash in base64."""

    provider, content_type = "livekit", "application/webhook+json"

    def __init__(self):
        super().__init__()
        self.key = "API" + self.made.text(12)

    def secret(self, made):
        return made.text(44)

    def config(self, *secrets):
        return {"secrets": list(secrets or self.secrets[:1]), "api_key": self.key,
                "scheme": {"alg": "jwt-hs256", "sig_header": self.header, "issuer": "the API key", "key": "utf8",
                           "body_claim": "sha256", "body_claim_encoding": "base64 of SHA-256"}}

    def event(self, made):
        kind = made.pick(["room_started", "participant_joined", "egress_ended"])
        payload = {"event": kind, "room": {"sid": "RM_" + made.text(12), "name": "harbour", "numParticipants": 1},
                   "id": "EV_" + made.text(12), "createdAt": str(self.now - 2)}
        return Event(payload, payload["id"], kind)

    def claims(self, made, body):
        return {"iss": self.key, "nbf": self.now - 2, "exp": self.now + 300,
                "sha256": base64.b64encode(hashlib.sha256(body).digest()).decode()}

    def rows(self):
        yield from super().rows()
        both = self.config(*self.secrets[:2])
        yield self.accept("rotate_signed_old", self.draft("rotate_signed_old", key=1), "[new, old] configured, signed with old",
                          config=both)
        yield self.reject("rotate_signed_neither", self.draft("rotate_signed_neither", key=2), "[new, old] configured, a third",
                          config=both)
        for case, more, why in (
            ("hex_hash", {"sha256": hashlib.sha256(self.draft("hex_hash").body).hexdigest()}, "the hash in hex"),
            ("empty_hash", {"sha256": ""}, "an empty hash"),
        ):
            yield self.reject(case, self.draft(case, **more), why)
        yield self.reject("no_sha256", self.draft("no_sha256", drop=("sha256",)), "no hash: any access token of a participant")
        yield self.reject("access_token", self.draft("access_token", drop=("sha256",), video={"roomJoin": True, "room": "a"}),
                          "a participant's token, signed with the same key")
        yield self.reject("other_api_key", self.draft("other_api_key", iss="APIsomebody"), "another API key is named",
                          debatable=True)
        yield self.reject("no_exp", self.draft("no_exp", drop=("exp",)), "a token for ever", debatable=True)
        draft = self.draft("bearer_prefixed")
        draft.headers[self.header] = "Bearer " + draft.headers[self.header]
        yield self.reject("bearer_prefixed", draft, "Bearer before the token, which LiveKit does not send", debatable=True)


class Monday(Jwt):
    """https://developer.monday.com/apps/docs/integration-authorization: HS256, the app's signing secret."""

    provider, covers_body = "monday", False

    def config(self, *secrets):
        return {"secrets": list(secrets or self.secrets[:1]),
                "scheme": {"alg": "jwt-hs256", "sig_header": self.header, "key": "utf8"}}

    def event(self, made):
        kind = made.pick(["create_pulse", "update_column_value", "create_update"])
        event = {"userId": made.number(10**6, 10**7), "boardId": made.number(10**8, 10**9), "pulseName": "A day at sea",
                 "pulseId": made.number(10**8, 10**9), "type": kind, "triggerTime": stamp("rfc3339", self.now - 2),
                 "triggerUuid": made.hex(32), "subscriptionId": made.number(10**5, 10**6)}
        return Event({"event": event}, event["triggerUuid"], kind)

    def claims(self, made, body):
        return {"accountId": made.number(10**5, 10**6), "userId": made.number(10**5, 10**6),
                "aud": "https://hooks.example.com/hooks/monday", "exp": self.now + 300, "iat": self.now - 2,
                "shortLivedToken": made.text(24)}

    def rows(self):
        yield from super().rows()
        both = self.config(*self.secrets[:2])
        yield self.accept("rotate_signed_old", self.draft("rotate_signed_old", key=1), "[new, old] configured, signed with old",
                          config=both)
        yield self.reject("rotate_signed_neither", self.draft("rotate_signed_neither", key=2), "[new, old] configured, a third",
                          config=both)
        draft = self.draft("body_tampered")
        draft.body = draft.body.replace(b"A day", b"Two days")
        yield self.accept("body_tampered", draft, "the body is not covered: the change cannot be seen")
        text = Made("monday/challenge").text(44)
        draft = Draft("/hooks/monday", compact({"challenge": text}), headers={"Content-Type": "application/json"})
        yield row(self, "challenge_own", draft, "challenge", "the challenge of a new hook: the same JSON",
                  expect_body_json={"challenge": text})


class Plaid(Jwt):
    """https://plaid.com/docs/api/webhooks/webhook-verification/: ES256, key by `kid`, iat at most 5 minutes."""

    provider, header = "plaid", "Plaid-Verification"

    def __init__(self):
        super().__init__()
        self.keys = [ec_key(f"plaid/{number}") for number in range(3)]
        self.ids = [Made(f"plaid/kid/{number}").uuid() for number in range(3)]

    def jwk(self, number):
        point = self.keys[number].public_key().public_numbers()
        return {"alg": "ES256", "crv": "P-256", "kid": self.ids[number], "kty": "EC", "use": "sig",
                "x": b64u(point.x.to_bytes(32, "big")), "y": b64u(point.y.to_bytes(32, "big")),
                "created_at": self.now - 86_400, "expired_at": None}

    def config(self, *numbers):
        return {"public_keys": [json.dumps(self.jwk(one), sort_keys=True) for one in numbers or (0,)], "tolerance_s": 300,
                "scheme": {"alg": "jwt-es256", "sig_header": self.header, "key": "JWK, named by kid",
                           "body_claim": "request_body_sha256", "body_claim_encoding": "hex of SHA-256",
                           "ts_claim": "iat", "tolerance_s": 300}}

    def algorithm(self):
        return {"alg": "ES256", "kid": self.ids[0], "typ": "JWT"}

    def sign(self, text, key):
        der = self.keys[key].sign(text, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def event(self, made):
        payload = {"webhook_type": "TRANSACTIONS", "webhook_code": "SYNC_UPDATES_AVAILABLE", "item_id": made.text(37),
                   "environment": "production", "initial_update_complete": True, "historical_update_complete": False}
        return Event(payload, None, "SYNC_UPDATES_AVAILABLE",
                     kind_alt=["TRANSACTIONS", "TRANSACTIONS.SYNC_UPDATES_AVAILABLE", "TRANSACTIONS:SYNC_UPDATES_AVAILABLE",
                               "TRANSACTIONS/SYNC_UPDATES_AVAILABLE"])

    def claims(self, made, body):
        return {"iat": self.now - 2, "request_body_sha256": hashlib.sha256(body).hexdigest()}

    def moments(self):
        now = self.now
        yield self.accept("iat_near_edge", self.draft("iat_near_edge", iat=now - 290), "290 s old, 300 s are allowed")
        yield self.reject("iat_past_edge", self.draft("iat_past_edge", iat=now - 310), "310 s old, 300 s are allowed",
                          debatable=True)
        yield self.reject("iat_stale", self.draft("iat_stale", iat=now - 420), "seven minutes old, five are allowed")
        yield self.reject("iat_very_stale", self.draft("iat_very_stale", iat=now - 86_400), "a day old")
        yield self.reject("iat_future", self.draft("iat_future", iat=now + 3_600), "issued in an hour", debatable=True)
        yield self.reject("iat_missing", self.draft("iat_missing", drop=("iat",)), "no time of issue")
        yield self.reject("iat_text", self.draft("iat_text", iat="now"), "a word in place of the time")

    def rows(self):
        yield from super().rows()
        yield self.accept("rotated_key", self.draft("rotated_key", key=1, head={"alg": "ES256", "kid": self.ids[1], "typ": "JWT"}),
                          "two keys are known, the token names the second", config=self.config(0, 1))
        yield self.reject("unknown_kid", self.draft("unknown_kid", key=2, head={"alg": "ES256", "kid": self.ids[2], "typ": "JWT"}),
                          "a key that is not known")
        yield self.reject("other_kid", self.draft("other_kid", head={"alg": "ES256", "kid": self.ids[1], "typ": "JWT"}),
                          "signed by one of two keys, the other is named", config=self.config(0, 1))
        secret = json.dumps(self.jwk(0), sort_keys=True).encode()
        for case, key in (("hs256_with_jwk", secret), ("hs256_empty_key", b"")):
            yield self.reject(case, self.draft(case, head={**self.algorithm(), "alg": "HS256"},
                              sign=lambda text, _, key=key: hmac.new(key, text, hashlib.sha256).digest()),
                              "HS256 with what is public")
        yield self.reject("zero_sig", self.draft("zero_sig", sign=lambda *_: bytes(64)), "a signature of zeros")
        yield self.reject("der_sig", self.draft("der_sig", sign=lambda text, key: self.keys[key].sign(
                          text, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))), "the signature as DER")
        for case, value, why in (
            ("hash_base64", b64u(hashlib.sha256(self.draft("hash_base64").body).digest()), "the hash in base64"),
            ("hash_empty", "", "an empty hash"),
            ("hash_other", "0" * 64, "another hash"),
        ):
            yield self.reject(case, self.draft(case, request_body_sha256=value), why)
        yield self.reject("no_hash", self.draft("no_hash", drop=("request_body_sha256",)), "no hash of the body")


class Pubsub(Jwt):
    """https://docs.cloud.google.com/pubsub/docs/authenticate-push-subscriptions: an OIDC token, RS256.

    Its audience and its e-mail are the subscription's; the body is not covered.
    """

    provider, lead, covers_body = "pubsub", "Bearer ", False
    page = "https://www.googleapis.com/oauth2/v3/certs"

    def __init__(self):
        super().__init__()
        self.keys = [rsa_key(f"pubsub/{number}") for number in range(3)]
        self.ids = [Made(f"pubsub/kid/{number}").hex(40) for number in range(3)]
        self.audience = "https://hooks.example.com/hooks/pubsub"
        self.email = "push@harbour-1.iam.gserviceaccount.com"

    def jwk(self, number):
        public = self.keys[number].public_key().public_numbers()
        size = (public.n.bit_length() + 7) // 8
        return {"kty": "RSA", "alg": "RS256", "use": "sig", "kid": self.ids[number],
                "n": b64u(public.n.to_bytes(size, "big")), "e": "AQAB"}

    def config(self):
        return {"audience": self.audience, "service_account": self.email, "url": self.audience,
                "jwks": {self.page: {"keys": [self.jwk(0), self.jwk(1)]}},
                "scheme": {"alg": "jwt-rs256", "sig_header": self.header, "sig_format": "Bearer {sig}",
                           "issuer": "https://accounts.google.com", "key": "JWKS, named by kid"}}

    def algorithm(self):
        return {"alg": "RS256", "kid": self.ids[0], "typ": "JWT"}

    def sign(self, text, key):
        return self.keys[key].sign(text, padding.PKCS1v15(), hashes.SHA256())

    def event(self, made):
        data = base64.b64encode(compact({"object": made.text(8)})).decode()
        message = {"attributes": {"eventType": "OBJECT_FINALIZE"}, "data": data, "messageId": made.digits(16),
                   "publishTime": stamp("rfc3339", self.now - 2)}
        payload = {"message": message, "subscription": "projects/harbour-1/subscriptions/push"}
        return Event(payload, message["messageId"], None)

    def claims(self, made, body):
        return {"aud": self.audience, "azp": made.digits(21), "email": self.email, "email_verified": True,
                "exp": self.now + 3_500, "iat": self.now - 100, "iss": "https://accounts.google.com", "sub": made.digits(21)}

    def rows(self):
        yield from super().rows()
        yield self.accept("second_key", self.draft("second_key", key=1, head={"alg": "RS256", "kid": self.ids[1], "typ": "JWT"}),
                          "the second key of the set")
        yield self.reject("unknown_kid", self.draft("unknown_kid", key=2, head={"alg": "RS256", "kid": self.ids[2], "typ": "JWT"}),
                          "a key that is not in the set")
        for case, more, why in (
            ("other_audience", {"aud": "https://other.example.com/"}, "a token for somebody else"),
            ("other_email", {"email": "push@somebody-else.iam.gserviceaccount.com"}, "another service account of Google's"),
            ("email_unverified", {"email_verified": False}, "the e-mail is not verified"),
            ("other_issuer", {"iss": "https://accounts.example.com"}, "another issuer"),
        ):
            yield self.reject(case, self.draft(case, **more), why)
        yield self.reject("no_email", self.draft("no_email", drop=("email", "email_verified")), "no e-mail")
        yield self.reject("no_exp", self.draft("no_exp", drop=("exp",)), "a token for ever", debatable=True)
        draft = self.draft("no_bearer")
        draft.headers[self.header] = draft.headers[self.header].removeprefix("Bearer ")
        yield self.reject("no_bearer", draft, "no word Bearer", debatable=True)
        draft = self.draft("scheme_lowercase")
        draft.headers[self.header] = draft.headers[self.header].replace("Bearer", "bearer")
        yield self.accept("scheme_lowercase", draft, "the scheme's name has no case (RFC 9110)", debatable=True)
        public = self.jwk(0)["n"].encode()
        yield self.reject("hs256_with_public_key", self.draft("hs256_with_public_key", head={**self.algorithm(), "alg": "HS256"},
                          sign=lambda text, _: hmac.new(public, text, hashlib.sha256).digest()), "HS256 with what is public")
        draft = self.draft("tampered_body")
        draft.body = draft.body.replace(b"OBJECT", b"OBJEKT")
        yield self.accept("body_tampered", draft, "the body is not covered: the change cannot be seen")


HOOKS = [Telegram(), Auth0(), Chargebee(), Qstash(), Livekit(), Monday(), Plaid(), Pubsub()]
