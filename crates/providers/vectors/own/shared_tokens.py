"""JSON Web Tokens under a shared key."""

import base64
import hashlib
import hmac

from .draft import Draft, Event, Made, compact, row, stamp
from .web_tokens import Jwt, b64u


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


class Fusionauth(Jwt):
    """https://fusionauth.io/docs/extend/events-and-webhooks/signing: HS256 with an HMAC key of the tenant's."""

    provider, header = "fusionauth", "X-FusionAuth-Signature-JWT"

    def secret(self, made):
        return made.base64(32)

    def config(self, *secrets):
        return {"secrets": list(secrets or self.secrets[:1]),
                "scheme": {"alg": "jwt-hs256", "sig_header": self.header, "key": "utf8",
                           "body_claim": "request_body_sha256", "body_claim_encoding": "base64 of SHA-256"}}

    def algorithm(self):
        return {"alg": "HS256", "typ": "JWT", "kid": self.secrets[0][:10]}

    def event(self, made):
        kind = made.pick(["user.create", "user.login.success", "user.registration.create"])
        payload = {"event": {"type": kind, "id": made.uuid(), "createInstant": (self.now - 2) * 1000, "tenantId": made.uuid(),
                             "user": {"id": made.uuid(), "email": "ada@example.com", "active": True}}}
        return Event(payload, payload["event"]["id"], kind)

    def claims(self, made, body):
        return {"request_body_sha256": base64.b64encode(hashlib.sha256(body).digest()).decode(), "iat": self.now - 2,
                "exp": self.now + 300, "iss": "acme.example", "jti": made.uuid()}

    def rows(self):
        yield from super().rows()
        both = self.config(*self.secrets[:2])
        yield self.accept("rotate_signed_old", self.draft("rotate_signed_old", key=1), "[new, old] configured, signed with old",
                          config=both)
        yield self.reject("rotate_signed_neither", self.draft("rotate_signed_neither", key=2), "[new, old] configured, a third",
                          config=both)
        for case, value, why in (
            ("hex_hash", hashlib.sha256(self.draft("hex_hash").body).hexdigest(), "the hash in hex"),
            ("empty_hash", "", "an empty hash"),
        ):
            yield self.reject(case, self.draft(case, request_body_sha256=value), why)
        yield self.reject("no_hash", self.draft("no_hash", drop=("request_body_sha256",)), "no hash: any token of the same key")


HOOKS = [Qstash(), Livekit(), Monday(), Fusionauth()]
