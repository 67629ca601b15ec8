"""Providers that sign a URL, a form's fields, or something inside the form."""

import base64
import hashlib
import hmac
from urllib.parse import quote, quote_plus

from draft import Draft, Event, Made, compact, row, stamp


def form(pairs):
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


class Signed:
    """What the providers here have in common: secrets, a moment, and short words for rows."""

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


class Braintree(Signed):
    """https://developer.paypal.com/braintree/docs/guides/webhooks/parse and the libraries' source.

    A form: `bt_payload` is base64 (with line ends) of XML, `bt_signature` is `public key|hex`, several
    joined with `&`. The key of the HMAC-SHA1 is the raw SHA-1 of the private key. GET `bt_challenge`
    is answered with `public key|hex HMAC of the challenge`.
    """

    provider = "braintree"

    def __init__(self):
        super().__init__()
        self.ids = [self.made.text(16).lower() for _ in range(3)]

    def config(self, *numbers):
        numbers = numbers or (0,)
        return {"secrets": [self.secrets[one] for one in numbers], "public_keys": [self.ids[one] for one in numbers],
                "scheme": {"alg": "hmac-sha1", "key": "sha1 of the private key", "signed": "{form:bt_payload}",
                           "sig_location": "form:bt_signature", "sig_format": "{public_key}|{sig}", "encoding": "hex",
                           "multi": "pairs joined with &"}}

    def mac(self, text, number=0):
        key = hashlib.sha1(self.secrets[number].encode()).digest()
        return hmac.new(key, text.encode(), hashlib.sha1).hexdigest()

    def payload(self, case, note=""):
        made = Made(f"braintree/{case}")
        kind = made.pick(["subscription_charged_successfully", "dispute_opened", "transaction_settled"])
        xml = (f'<notification><kind>{kind}</kind><timestamp type="datetime">{stamp("rfc3339", self.now - 5)}'
               f'</timestamp><subject><subscription><id>{made.text(6)}</id><plan-id>{note}</plan-id>'
               f'<add-ons type="array"/><discounts type="array"/><transactions type="array"/></subscription>'
               f"</subject></notification>")
        return base64.encodebytes(xml.encode()).decode(), kind

    def draft(self, case, signers=(0,), note="", pair=None):
        payload, kind = self.payload(case, note)
        pairs = [pair or f"{self.ids[number]}|{self.mac(payload, number)}" for number in signers]
        draft = Draft("/hooks/braintree", event=Event(None, None, kind))
        draft.fields = {"bt_signature": "&".join(pairs), "bt_payload": payload}
        draft.headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return draft

    def formed(self, draft):
        draft.body = form(draft.fields.items())
        return draft

    def rows(self):
        f = self.formed
        yield self.accept("valid", f(self.draft("valid")), "a posted notification; the payload has line ends")
        yield self.accept("valid_unicode", f(self.draft("valid_unicode", note="Jürgen 東京")), "UTF-8 in the XML")
        draft = f(self.draft("header_uppercase"))
        draft.rename(str.upper)
        yield self.accept("header_uppercase", draft, "names of headers in upper case")
        yield self.accept("multi_good_second", f(self.draft("multi_good_second", (2, 0))), "two pairs, ours is the second")
        yield self.accept("multi_good_first", f(self.draft("multi_good_first", (0, 2))), "two pairs, ours is the first")
        yield self.reject("multi_all_bad", f(self.draft("multi_all_bad", (1, 2))), "two pairs, none of ours")
        yield self.accept("rotate_signed_old", f(self.draft("rotate_signed_old", (1,))), "two keys, signed with the old one",
                          config=self.config(0, 1))
        yield self.reject("rotate_signed_neither", f(self.draft("rotate_signed_neither", (2,))), "two keys, signed with a third",
                          config=self.config(0, 1))
        draft = self.draft("trailing_newline_lost")
        draft.fields["bt_payload"] = draft.fields["bt_payload"].rstrip("\n")
        yield self.accept("trailing_newline_lost", f(draft), "the last line end was lost on the way: the libraries try with it")
        for case, pair, why in (
            ("other_public_key", "unknownkey|" + self.mac(self.payload("other_public_key")[0]), "the right MAC under another key's name"),
            ("no_public_key", self.mac(self.payload("no_public_key")[0]), "a MAC without a key's name"),
            ("empty_mac", f"{self.ids[0]}|", "a key's name without a MAC"),
            ("garbage_sig", f"{self.ids[0]}|" + "z" * 40, "junk of the right length"),
            ("nonascii_sig", f"{self.ids[0]}|é" + "0" * 39, "a letter that is not ASCII"),
            ("truncated_sig", f"{self.ids[0]}|" + self.mac(self.payload("truncated_sig")[0])[:-2], "two characters short"),
            ("extended_sig", f"{self.ids[0]}|" + self.mac(self.payload("extended_sig")[0]) + "00", "two characters too long"),
            ("raw_private_key", f"{self.ids[0]}|" + hmac.new(self.secrets[0].encode(),
             self.payload("raw_private_key")[0].encode(), hashlib.sha1).hexdigest(), "the private key itself as the key"),
            ("wrong_secret", f"{self.ids[0]}|" + self.mac(self.payload("wrong_secret")[0], 2), "another private key"),
        ):
            yield self.reject(case, f(self.draft(case, pair=pair)), why)
        draft = self.draft("uppercase_hex_sig")
        draft.fields["bt_signature"] = self.ids[0] + "|" + self.mac(draft.fields["bt_payload"]).upper()
        yield self.reject("uppercase_hex_sig", f(draft), "hex in upper case", debatable=True)
        for case, change, why in (
            ("tampered_payload", lambda one: ("Q" if one[0] != "Q" else "R") + one[1:], "one character changed"),
            ("payload_extended", lambda one: one + "AAAA", "base64 after the payload"),
            ("payload_illegal", lambda one: one + "<!>", "characters that are not of base64"),
            ("payload_decoded", lambda one: base64.b64decode(one).decode(), "the XML itself"),
            ("payload_empty", lambda one: "", "an empty payload"),
        ):
            draft = self.draft(case)
            draft.fields["bt_payload"] = change(draft.fields["bt_payload"])
            yield self.reject(case, f(draft), why)
        for case, gone in (("missing_signature", "bt_signature"), ("missing_payload", "bt_payload")):
            draft = self.draft(case)
            del draft.fields[gone]
            yield self.reject(case, f(draft), f"no {gone}")
        draft = self.draft("empty_signature")
        draft.fields["bt_signature"] = ""
        yield self.reject("empty_signature", f(draft), "an empty signature")
        draft = f(self.draft("empty_body"))
        draft.body = b""
        yield self.reject("empty_body", draft, "no form at all")
        yield from self.challenges()

    def challenges(self):
        challenge = Made("braintree/challenge").hex(32)
        draft = Draft("/hooks/braintree", method="GET", query=f"bt_challenge={challenge}")
        yield row(self, "challenge", draft, "challenge", "the address is verified: `public key|HMAC of the challenge`",
                  expect_body=f"{self.ids[0]}|{self.mac(challenge)}")
        for case, value, why in (
            ("challenge_short", challenge[:19], "shorter than 20 digits"),
            ("challenge_long", challenge + "00", "longer than 32 digits"),
            ("challenge_not_hex", "g" * 32, "not of hex digits"),
            ("challenge_payload", quote(self.payload("challenge_payload")[0][:32]), "a payload to be signed for a forger"),
            ("challenge_empty", "", "empty"),
        ):
            draft = Draft("/hooks/braintree", method="GET", query=f"bt_challenge={value}")
            yield self.reject(case, draft, f"a challenge that the libraries refuse: {why}")


class DropboxSign(Signed):
    """https://developers.hellosign.com/docs/events/walkthrough/

    A form whose field `json` holds the event, with `event_hash`: hex HMAC-SHA256 of time and type.
    Every answer has to be 200 with the text `Hello API Event Received`.
    """

    provider = "dropbox_sign"

    def secret(self, made):
        return made.hex(64)

    def config(self, *secrets):
        return {"secrets": list(secrets or self.secrets[:1]),
                "scheme": {"alg": "hmac-sha256", "key": "utf8",
                           "signed": "{json:/event/event_time}{json:/event/event_type}", "encoding": "hex",
                           "sig_location": "/event/event_hash", "json_in": "form field json"}}

    def draft(self, case, secret=None, multipart=True, change=None, note="", age=5):
        made = Made(f"dropbox_sign/{case}")
        kind = made.pick(["signature_request_sent", "signature_request_signed", "account_confirmed"])
        at = str(self.now - age)
        mac = hmac.new((secret or self.secrets[0]).encode(), (at + kind).encode(), hashlib.sha256).hexdigest()
        event = {"event_type": kind, "event_time": at, "event_hash": mac,
                 "event_metadata": {"related_signature_id": made.hex(32), "reported_for_account_id": made.hex(40),
                                    "reported_for_app_id": None, "event_message": None}}
        payload = {"event": event, "signature_request": {"signature_request_id": made.hex(40), "title": "Lease " + note}}
        (change or (lambda one: None))(event)
        draft = Draft("/hooks/dropbox_sign", event=Event(payload, mac, kind))
        if multipart:
            border = "------------------------" + made.hex(16)
            draft.headers = {"Content-Type": f"multipart/form-data; boundary={border}"}
            draft.body = (f'--{border}\r\nContent-Disposition: form-data; name="json"\r\n\r\n'.encode()
                          + compact(payload) + f"\r\n--{border}--\r\n".encode())
        else:
            draft.headers = {"Content-Type": "application/x-www-form-urlencoded"}
            draft.body = form([("json", compact(payload).decode())])
        return draft

    def rows(self):
        told = {"expect_body": "Hello API Event Received"}
        yield self.accept("valid", self.draft("valid"), "multipart form, as Dropbox Sign sends it", **told)
        yield self.accept("valid_urlencoded", self.draft("valid_urlencoded", multipart=False), "a urlencoded form", **told)
        yield self.accept("valid_unicode", self.draft("valid_unicode", note="Jürgen 東京 🚀"), "UTF-8", **told)
        draft = self.draft("header_uppercase")
        draft.rename(str.upper)
        yield self.accept("header_uppercase", draft, "names of headers in upper case", **told)
        new, old, third = self.secrets
        yield self.accept("rotate_signed_old", self.draft("rotate_signed_old", old), "[new, old], signed with old",
                          config=self.config(new, old), **told)
        yield self.reject("rotate_signed_neither", self.draft("rotate_signed_neither", third), "[new, old], a third",
                          config=self.config(new, old))
        yield self.reject("wrong_secret", self.draft("wrong_secret", third), "another API key")
        for case, key, value, why in (
            ("time_tampered", "event_time", str(self.now), "another time than the signed one"),
            ("type_tampered", "event_type", "signature_request_all_signed", "another type than the signed one"),
            ("empty_hash", "event_hash", "", "an empty hash"),
            ("garbage_hash", "event_hash", "z" * 64, "no hex"),
            ("nonascii_hash", "event_hash", "é" * 64, "letters that are not ASCII"),
            ("hash_number", "event_hash", 7, "a number in place of the hash"),
        ):
            yield self.reject(case, self.draft(case, change=lambda event: event.__setitem__(key, value)), why)
        yield self.reject("truncated_hash", self.draft("truncated_hash",
                          change=lambda event: event.__setitem__("event_hash", event["event_hash"][:-2])), "two digits short")
        yield self.reject("extended_hash", self.draft("extended_hash",
                          change=lambda event: event.__setitem__("event_hash", event["event_hash"] + "00")), "two digits too long")
        yield self.reject("uppercase_hash", self.draft("uppercase_hash",
                          change=lambda event: event.__setitem__("event_hash", event["event_hash"].upper())),
                          "hex in upper case", debatable=True)
        yield self.reject("missing_hash", self.draft("missing_hash", change=lambda event: event.pop("event_hash")), "no hash")
        yield self.reject("missing_time", self.draft("missing_time", change=lambda event: event.pop("event_time")), "no time")

        def shift(event):
            event["event_type"] = event["event_time"][-1] + event["event_type"]
            event["event_time"] = event["event_time"][:-1]

        draft = self.draft("boundary_shift", change=shift)
        draft.event.kind = None
        yield self.accept("boundary_shift", draft, "the border between time and type moved: the MAC cannot tell", debatable=True)
        draft = self.draft("body_tampered")
        draft.body = draft.body.replace(b"Lease", b"Deeds")
        yield self.accept("body_tampered", draft, "the rest of the event is not signed: the change cannot be seen", **told)
        draft = self.draft("stale")
        draft.event.id_alt = []
        yield self.accept("ts_stale_day", self.draft("ts_stale_day", age=86_400), "a day old: retries keep the first time",
                          debatable=True)
        draft = self.draft("empty_body")
        draft.body = b""
        yield self.reject("empty_body", draft, "no form at all")
        draft = self.draft("other_field")
        draft.body = draft.body.replace(b'name="json"', b'name="jsan"')
        yield self.reject("other_field", draft, "the event in another field")
        draft = self.draft("half_json")
        draft.body = draft.body.replace(b'"event_metadata"', b'"event_metadata', 1)
        yield self.reject("half_json", draft, "no JSON in the field")


HOOKS = [Plivo(), Twilio(), Braintree(), DropboxSign()]
