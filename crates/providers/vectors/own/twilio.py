"""Twilio: bodies that are no form, and shared keys."""

import base64
import hashlib
import hmac

from .draft import Draft, Event, Made, compact
from .signed import Signed


class Twilio(Signed):
    """https://www.twilio.com/docs/usage/webhooks/webhooks-security: bodies that are no form.

    The URL with `bodySHA256` (hex) is signed, and the body has to have that hash.
    """

    provider, base = "twilio", "https://hooks.example.com/hooks/twilio"

    def __init__(self):
        super().__init__()
        self.made = Made("twilio")

    def config(self, *secrets, query="", alg="hmac-sha1"):
        return {"secrets": list(secrets or self.secrets[:1]), "url": self.base + (f"?{query}" if query else ""),
                "scheme": {"alg": alg, "key": "utf8", "signed": "{url}{sorted form key+value}",
                           "sig_header": "X-Twilio-Signature", "encoding": "base64"}}

    def draft(self, case, body=None, before="", after="", secret=None, digest=hashlib.sha1, base=None, hash_of=None,
              spell=str):
        made = Made(f"twilio/{case}")
        token = made.uuid()
        if body is None:
            body = compact({"EventType": "onMessageAdded", "ConversationSid": "CH" + made.hex(32), "Body": "Ahoy Jürgen 🚀"})
        claimed = spell(hashlib.sha256(body if hash_of is None else hash_of).hexdigest())
        query = f"{before}bodySHA256={claimed}{after}"
        draft = Draft("/hooks/twilio", body, query=query, event=Event(None, None, id_alt=[token]))
        url = (base or self.base) + "?" + query
        mac = hmac.new((secret or self.secrets[0]).encode(), url.encode(), digest).digest()
        draft.headers = {"Content-Type": "application/json", "I-Twilio-Idempotency-Token": token,
                         "Host": "hooks.example.com", "X-Twilio-Signature": base64.b64encode(mac).decode()}
        return draft

    def with_config(self, verdict, case, draft, why, secrets=(), **more):
        return verdict(f"json_{case}", draft, why, config=self.config(*secrets, query=draft.query), **more)

    def rows(self):
        made, accept, reject = self.with_config, self.accept, self.reject
        yield made(accept, "valid", self.draft("valid"), "JSON with its hash in the signed URL")
        yield made(accept, "query_before", self.draft("query_before", before="tenant=7&"), "another parameter before the hash")
        yield made(accept, "query_after", self.draft("query_after", after="&lang=de%2DDE"), "another parameter after the hash")
        yield made(accept, "unstable", self.draft("unstable", b'{ "a" : 1.0,\r\n "a":2 }\n'), "the hash is of the raw bytes")
        yield made(accept, "empty_body", self.draft("empty_body", b""), "the hash of nothing")
        yield made(accept, "binary_body", self.draft("binary_body", b"\xff\xfe\x00"), "bytes that are no text", debatable=True)
        yield made(accept, "port", self.draft("port", base="https://hooks.example.com:443/hooks/twilio"),
                   "Twilio signed the URL with its port")
        new, old, third = self.secrets
        yield made(accept, "rotate_signed_old", self.draft("rotate_signed_old", secret=old), "[new, old], signed with old",
                   secrets=(new, old))
        yield made(reject, "rotate_signed_neither", self.draft("rotate_signed_neither", secret=third),
                   "[new, old], signed with a third", secrets=(new, old))
        draft = self.draft("tampered_body")
        draft.body = draft.body.replace(b"Ahoy", b"Ohoy")
        yield made(reject, "tampered_body", draft, "the body changed")
        draft = self.draft("trailing_newline")
        draft.body += b"\n"
        yield made(reject, "trailing_newline", draft, "a newline after the body")
        draft = self.draft("emptied_body")
        draft.body = b""
        yield made(reject, "emptied_body", draft, "the body is gone")
        draft = self.draft("tampered_both")
        draft.body = b'{"EventType":"forged"}'
        draft.query = "bodySHA256=" + hashlib.sha256(draft.body).hexdigest()
        yield made(reject, "tampered_both", draft, "body and hash changed together: the URL was signed")
        yield made(reject, "hash_of_other_body", self.draft("hash_of_other_body", hash_of=b"{}"),
                   "rightly signed, with the hash of another body")
        yield made(reject, "hash_truncated", self.draft("hash_truncated", spell=lambda one: one[:32]), "half of a hash")
        yield made(reject, "hash_empty", self.draft("hash_empty", spell=lambda one: ""), "an empty hash, rightly signed")
        yield made(reject, "hash_uppercase", self.draft("hash_uppercase", spell=str.upper), "the hash in upper case",
                   debatable=True)
        draft = self.draft("hash_twice", after="&bodySHA256=" + "0" * 64)
        yield made(accept, "hash_twice", draft, "a second hash after the right one", debatable=True)
        yield made(reject, "wrong_secret", self.draft("wrong_secret", secret=third), "another token")
        yield made(reject, "sha256_signature", self.draft("sha256_signature", digest=hashlib.sha256),
                   "HMAC-SHA256 where nothing names it")
        for one in self.headers_gone("X-Twilio-Signature", self.draft):
            one["id"], one["case"] = one["id"].replace("twilio-", "twilio-json_"), f"json_{one['case']}"
            query = one["request"]["query"]
            one["config"] = self.config(query=query)
            yield one
        yield from self.shared_key()

    def shared_key(self):
        """Signed with a SharedKey: the algorithm is a matter of configuration, not of a header."""
        settings = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_0a1b2c3d,algorithm=HMAC_SHA256"}
        for case, digest, alg, more, verdict, why in (
            ("valid", hashlib.sha256, "hmac-sha256", settings, self.accept, "HMAC-SHA256, and the header says so"),
            ("downgrade", hashlib.sha1, "hmac-sha256", settings, self.reject, "HMAC-SHA1 where the header says SHA-256"),
            ("header_downgraded", hashlib.sha1, "hmac-sha256",
             {"X-Twilio-Webhooks-Signature-Settings": "key=a,algorithm=HMAC_SHA1"}, self.reject,
             "a SharedKey is configured, the unsigned header asks for SHA-1"),
            ("unknown_algorithm", hashlib.md5, "hmac-sha256",
             {"X-Twilio-Webhooks-Signature-Settings": "key=a,algorithm=HMAC_MD5"}, self.reject, "an unknown algorithm"),
        ):
            draft = self.draft(f"shared_key_{case}", digest=digest)
            draft.headers.update(more)
            config = self.config(query=draft.query, alg=alg)
            doubt = {} if case in ("downgrade", "unknown_algorithm") else {"debatable": True}
            yield verdict(f"shared_key_{case}", draft, why, config=config, **doubt)
