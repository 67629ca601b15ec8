"""Braintree: a signed field of a form."""

import base64
import hashlib
import hmac
from urllib.parse import quote

from .draft import Draft, Event, Made, row, stamp
from .signed import Signed, form


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
