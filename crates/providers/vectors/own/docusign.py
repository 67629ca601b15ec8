"""DocuSign: one numbered header for each key."""

import base64
import copy
import hashlib
import hmac

from .battery import Hook
from .draft import Event, stamp


def docusign(made, now):
    # https://developers.docusign.com/platform/webhooks/connect/json-sim-event-model/
    kind = made.pick(["envelope-sent", "envelope-completed", "recipient-delivered"])
    payload = {"event": kind, "apiVersion": "v2.1", "uri": "/restapi/v2.1/accounts/a/envelopes/b",
               "retryCount": 0, "configurationId": made.number(1, 99_999_999),
               "generatedDateTime": stamp("rfc3339", now),
               "data": {"accountId": made.uuid(), "userId": made.uuid(), "envelopeId": made.uuid()}}
    return Event(payload, None, kind)


class Docusign(Hook):
    """One numbered header a key: https://developers.docusign.com/platform/webhooks/connect/hmac/"""

    def __init__(self):
        scheme = {
            "alg": "hmac-sha256", "key": "utf8", "signed": "{body}", "sig_header": "X-DocuSign-Signature-1",
            "sig_format": "{sig}", "encoding": "base64",
            "multi": "X-DocuSign-Signature-1 to -100, one for each key",
        }
        fixed = {"X-Authorization-Digest": "HMACSHA256"}
        super().__init__("docusign", scheme, lambda made: made.base64(32), docusign, fixed=fixed)

    def numbered(self, case, signers):
        draft = self.draft(case)
        for number, secret in signers.items():
            draft.headers[f"X-DocuSign-Signature-{number}"] = self.signature(self.secrets[secret], draft, None)
        return draft

    def extra(self):
        yield self.accept("second_header", self.numbered("second_header", {1: 2, 2: 0}), "our key is the second")
        yield self.accept("eleventh_header", self.numbered("eleventh_header", {**{n: 2 for n in range(1, 11)}, 11: 0}),
                          "our key is the eleventh")
        yield self.accept("only_second_header", self.numbered("only_second_header", {2: 0}),
                          "the first key was taken away")
        yield self.accept("rotate_two_headers", self.numbered("rotate_two_headers", {1: 2, 2: 1}),
                          "[new, old] configured, the second header is by old", config=self.config(*self.secrets[:2]))
        yield self.reject("all_headers_bad", self.numbered("all_headers_bad", {1: 1, 2: 2}),
                          "two headers, neither by our key")
        draft = self.draft("decoded_key")
        key = base64.b64decode(self.secrets[0])
        mac = hmac.new(key, draft.body, hashlib.sha256).digest()
        draft.headers["X-DocuSign-Signature-1"] = base64.b64encode(mac).decode()
        yield self.reject("decoded_key", draft, "signed with the base64-decoded key: the key is text")
        xml = b'<?xml version="1.0"?><DocuSignEnvelopeInformation><EnvelopeStatus/></DocuSignEnvelopeInformation>'
        draft = self.signed("xml_body", lambda _: xml)
        draft.headers["Content-Type"] = "text/xml; charset=utf-8"
        draft.event = copy.copy(draft.event)
        draft.event.id = draft.event.kind = None
        yield self.accept("xml_body", draft, "the older format is XML")
