"""JSON Web Tokens under the provider's own key."""

import base64
import hashlib
import hmac
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from .draft import Event, Made, compact, stamp
from .keys import ec_key, rsa_key
from .web_tokens import Jwt, b64u


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


HOOKS = [Plaid(), Pubsub()]
