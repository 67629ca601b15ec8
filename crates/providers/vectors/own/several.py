"""Providers whose signature stands in several headers, or covers more than body and time."""

import copy

from battery import Hook
from draft import Event, compact, stamp


def box_event(made, now):
    # https://developer.box.com/guides/webhooks/v2/
    payload = {"type": "webhook_event", "id": made.uuid(), "created_at": stamp("rfc3339-offset", now),
               "trigger": made.pick(["FILE.UPLOADED", "FILE.PREVIEWED", "FOLDER.RENAMED"]),
               "webhook": {"id": made.digits(8), "type": "webhook"},
               "created_by": {"type": "user", "id": made.digits(9), "name": "Ada"},
               "source": {"id": made.digits(12), "type": "file", "etag": "0", "name": "plan.pdf"},
               "additional_info": []}
    headers = {"BOX-DELIVERY-ID": made.uuid()}
    return Event(payload, payload["id"], payload["trigger"], id_alt=[headers["BOX-DELIVERY-ID"]], headers=headers)


class Box(Hook):
    """Two headers for two keys: https://developer.box.com/guides/webhooks/v2/signatures-v2/

    `secrets` are [primary, secondary]. Box's libraries check each header against its own key.
    """

    primary, secondary = "BOX-SIGNATURE-PRIMARY", "BOX-SIGNATURE-SECONDARY"

    def __init__(self):
        scheme = {
            "alg": "hmac-sha256", "key": "utf8", "signed": "{body}{ts}", "sig_header": self.primary,
            "sig_format": "{sig}", "encoding": "base64", "ts_header": "BOX-DELIVERY-TIMESTAMP",
            "ts_unit": "rfc3339", "tolerance_s": 600, "future": "reject",
            "multi": "BOX-SIGNATURE-SECONDARY holds the signature with the second key",
        }
        fixed = {"BOX-SIGNATURE-VERSION": "1", "BOX-SIGNATURE-ALGORITHM": "HmacSHA256"}
        skip = ("rotate_signed_new", "rotate_signed_old", "rotate_signed_neither", "ts_future_near")
        super().__init__("box", scheme, lambda made: made.text(32), box_event, fixed=fixed, skip=skip)

    def placed(self, case, primary, secondary):
        """With a signature in each header, where there is one; each by a number of a secret."""
        draft = self.draft(case)
        ts = self.stamped(draft)
        for header, number in ((self.primary, primary), (self.secondary, secondary)):
            if number is not None:
                draft.headers[header] = self.signature(self.secrets[number], draft, ts)
        return draft

    def extra(self):
        both = self.config(*self.secrets[:2])
        for case, primary, secondary, why in (
            ("both_keys", 0, 1, "both headers are right"),
            ("primary_only_right", 0, 2, "the second key was replaced at Box, not yet here"),
            ("secondary_only_right", 2, 1, "the first key was replaced at Box, not yet here"),
            ("primary_header_alone", 0, None, "Box has one key only"),
            ("secondary_header_alone", None, 1, "Box has its second key only"),
        ):
            yield self.accept(case, self.placed(case, primary, secondary), why, config=both)
        yield self.reject("both_wrong", self.placed("both_wrong", 2, 2), "neither header is right", config=both)
        yield self.reject("keys_swapped", self.placed("keys_swapped", 1, 0),
                          "each key signed the other header", config=both, debatable=True)
        for case, header, value, why in (
            ("other_version", "BOX-SIGNATURE-VERSION", "2", "signature version 2: Box knows 1"),
            ("other_algorithm_named", "BOX-SIGNATURE-ALGORITHM", "HmacSHA1", "another algorithm is named"),
        ):
            draft = self.placed(case, 0, 1)
            draft.headers[header] = value
            yield self.reject(case, draft, why + "; the header is not signed", config=both, debatable=True)
        draft = self.draft("ts_offset")
        ts = stamp("rfc3339-offset", self.now - 20)
        draft.headers["BOX-DELIVERY-TIMESTAMP"] = ts
        self.place(draft, [self.signature(self.secrets[0], draft, ts)], ts)
        yield self.accept("ts_offset", draft, "the time with an offset, as Box writes it")
        yield self.accept("ts_future_near", self.signed("ts_future_near_5s", age=-5),
                          "5 s ahead of the clock", debatable=True)


def docusign_event(made, now):
    import symmetric

    return symmetric.docusign(made, now)


class Docusign(Hook):
    """One numbered header a key: https://developers.docusign.com/platform/webhooks/connect/hmac/"""

    def __init__(self):
        scheme = {
            "alg": "hmac-sha256", "key": "utf8", "signed": "{body}", "sig_header": "X-DocuSign-Signature-1",
            "sig_format": "{sig}", "encoding": "base64",
            "multi": "X-DocuSign-Signature-1 to -100, one for each key",
        }
        fixed = {"X-Authorization-Digest": "HMACSHA256"}
        super().__init__("docusign", scheme, lambda made: made.base64(32), docusign_event, fixed=fixed)

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
        import base64
        import hashlib
        import hmac

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


class Pusher(Hook):
    """X-Pusher-Key says whose secret it was: https://pusher.com/docs/channels/server_api/webhooks/"""

    def __init__(self):
        import symmetric

        scheme = {
            "alg": "hmac-sha256", "key": "utf8", "signed": "{body}", "sig_header": "X-Pusher-Signature",
            "sig_format": "{sig}", "encoding": "hex", "key_header": "X-Pusher-Key",
        }
        super().__init__("pusher", scheme, lambda made: made.hex(20), symmetric.pusher)
        from draft import Made

        self.key_ids = [Made(f"pusher/key/{secret}").hex(20) for secret in self.secrets]
        self.fixed = {"X-Pusher-Key": self.key_ids[0]}

    def config(self, *secrets):
        made = super().config(*secrets)
        made["key_ids"] = [self.key_ids[self.secrets.index(one)] for one in made["secrets"]]
        return made

    def signed(self, case, shape=compact, age=2, secret=None):
        draft = super().signed(case, shape, age, secret)
        draft.headers["X-Pusher-Key"] = self.key_ids[self.secrets.index(secret or self.secrets[0])]
        return draft

    def extra(self):
        draft = self.signed("other_key_id")
        draft.headers["X-Pusher-Key"] = self.key_ids[2]
        yield self.reject("other_key_id", draft, "the key that is named is not ours, the signature is", debatable=True)
        draft = self.signed("missing_key_id")
        del draft.headers["X-Pusher-Key"]
        yield self.reject("missing_key_id", draft, "no key is named, the signature is ours", debatable=True)


class Contentful(Hook):
    """The whole request, as far as the sender lists its headers.

    https://www.contentful.com/developers/docs/extensibility/app-framework/request-verification/ and
    the source of @contentful/node-apps-toolkit: METHOD, path, `name:value` of the signed headers in
    their order joined with `;`, body, each on a line of its own.
    """

    listed = "x-contentful-signed-headers"

    def __init__(self):
        scheme = {
            "alg": "hmac-sha256", "key": "utf8", "signed": "{method}\n{path}\n{signed headers}\n{body}",
            "sig_header": "x-contentful-signature", "sig_format": "{sig}", "encoding": "hex",
            "ts_header": "x-contentful-timestamp", "ts_unit": "ms", "tolerance_s": 30, "future": "accept",
            "signed_headers": "comma separated names in x-contentful-signed-headers; 'name:value' joined with ';'",
        }

        def event(made, now):
            # https://www.contentful.com/developers/docs/webhooks/
            topic = made.pick(["ContentManagement.Entry.publish", "ContentManagement.Asset.create"])
            payload = {"sys": {"type": "Entry", "id": made.text(22), "revision": 3,
                               "updatedAt": stamp("rfc3339", now)}, "fields": {"title": {"en-US": "A day at sea"}}}
            headers = {"X-Contentful-Topic": topic, "X-Contentful-Webhook-Name": "harbour",
                       "X-Contentful-CRN": "crn:contentful:::content:spaces/" + made.text(12)}
            return Event(payload, None, topic, headers=headers)

        super().__init__("contentful", scheme, lambda made: made.text(64), event,
                         content_type="application/vnd.contentful.management.v1+json")
        self.signed_names = ["x-contentful-crn", self.listed, "x-contentful-timestamp"]

    def content(self, draft, ts):
        values = {name.lower(): value for name, value in draft.headers.items()}
        names = sorted(self.signed_names)
        draft.headers[self.listed] = ",".join(names)
        values[self.listed] = draft.headers[self.listed]
        values["x-contentful-timestamp"] = ts
        # encodeURI leaves `%` as `%25`; the paths here have nothing to escape.
        path = draft.path + (f"?{draft.query}" if draft.query else "")
        lines = [draft.method, path, ";".join(f"{name}:{values[name].strip()}" for name in names)]
        return "\n".join(lines).encode() + b"\n" + draft.body

    def extra(self):
        draft = self.signed("signed_header_tampered")
        draft.headers["X-Contentful-CRN"] += "x"
        yield self.reject("signed_header_tampered", draft, "a signed header changed")
        draft = self.signed("signed_header_missing")
        del draft.headers["X-Contentful-CRN"]
        yield self.reject("signed_header_missing", draft, "a header of the list is missing")
        draft = self.signed("signed_list_tampered")
        draft.headers[self.listed] = "x-contentful-signed-headers,x-contentful-timestamp"
        yield self.reject("signed_list_tampered", draft, "a name taken out of the signed list")
        draft = self.signed("signed_list_missing")
        del draft.headers[self.listed]
        yield self.reject("signed_list_missing", draft, "no list of signed headers")
        draft = self.signed("unsigned_header_tampered")
        draft.headers["X-Contentful-Webhook-Name"] = "other"
        yield self.accept("unsigned_header_tampered", draft, "a header that the sender did not sign")
        draft = self.signed("path_tampered")
        draft.path += "-other"
        yield self.reject("path_tampered", draft, "signed for another path")
        draft = self.signed("method_tampered")
        draft.method = "PUT"
        yield self.reject("method_tampered", draft, "signed for another method")


class MercadoPago(Hook):
    """Ids and a time, not the body.

    https://www.mercadopago.com/developers/en/docs/your-integrations/notifications/webhooks: the
    manifest `id:{data.id};request-id:{x-request-id};ts:{ts};`, parts that are missing left out.
    """

    def __init__(self):
        scheme = {
            "alg": "hmac-sha256", "key": "utf8",
            "signed": "id:{query:data.id};request-id:{header:x-request-id};ts:{ts};",
            "sig_header": "x-signature", "sig_format": "ts={ts},v1={sig}", "encoding": "hex",
            "ts_in": "sig_header", "ts_unit": "s", "future": "reject",
        }

        def event(made, now):
            kind = made.pick(["payment", "topic_merchant_order_wh", "subscription_preapproval"])
            payload = {"id": made.number(10**10, 10**11), "live_mode": True, "type": kind,
                       "date_created": stamp("rfc3339", now), "user_id": made.number(10**5, 10**6),
                       "api_version": "v1", "action": f"{kind}.updated", "data": {"id": made.digits(9)}}
            return Event(payload, payload["id"], kind, kind_alt=[payload["action"]],
                         id_alt=[str(payload["id"])], headers={"x-request-id": made.uuid()})

        skip = ("tampered_body", "tampered_trailing_newline", "tampered_reserialised", "tampered_truncated_body",
                "emptied_body", "signed_invalid_json", "signed_empty_body", "signed_binary_body", "body_only_signed")
        super().__init__("mercado_pago", scheme, lambda made: made.hex(64), event, lead="ts={ts},",
                         item="v1={sig}", skip=skip)

    def draft(self, case, shape=compact):
        draft = super().draft(case, shape)
        draft.query = f"data.id={draft.event.payload['data']['id']}&type={draft.event.kind}"
        return draft

    def content(self, draft, ts):
        parts = [f"id:{value}" for name, value in (one.split("=") for one in draft.query.split("&") if one)
                 if name == "data.id"]
        if draft.headers.get("x-request-id"):
            parts.append(f"request-id:{draft.headers['x-request-id']}")
        return (";".join([*parts, f"ts:{ts}"]) + ";").encode()

    def times(self):
        draft = self.draft("ts_milliseconds")
        ts = stamp("ms", self.now - 2)
        self.place(draft, [self.signature(self.secrets[0], draft, ts)], ts)
        yield self.accept("ts_milliseconds", draft, "the time in milliseconds, as some deliveries have it")
        yield self.reject("ts_swapped", self.timed("ts_swapped", stamp("s", self.now), stamp("s", self.now - 86_400)),
                          "an old signature with a new timestamp")
        draft = self.draft("ts_missing")
        draft.headers["x-signature"] = "v1=" + self.signature(self.secrets[0], draft, stamp("s", self.now))
        yield self.reject("ts_missing", draft, "no timestamp in the header")
        yield self.accept("ts_stale", self.signed("ts_stale", age=3_600),
                          "an hour old: the documentation asks for no tolerance", debatable=True)

    def extra(self):
        draft = self.signed("body_tampered")
        draft.body = draft.body.replace(b"v1", b"v2")
        yield self.accept("body_tampered", draft, "the body is not signed: the change cannot be seen")
        draft = self.signed("data_id_tampered")
        draft.query = draft.query.replace("data.id=", "data.id=1")
        yield self.reject("data_id_tampered", draft, "another object than the signed one")
        draft = self.signed("request_id_tampered")
        draft.headers["x-request-id"] = "0" + draft.headers["x-request-id"][1:] + "0"
        yield self.reject("request_id_tampered", draft, "another request id than the signed one")
        draft = self.draft("no_request_id")
        del draft.headers["x-request-id"]
        ts = self.stamped(draft)
        self.place(draft, [self.signature(self.secrets[0], draft, ts)], ts)
        yield self.accept("no_request_id", draft, "no request id: its part is left out of the manifest")
        draft = self.draft("no_data_id")
        draft.query = "type=payment"
        ts = self.stamped(draft)
        self.place(draft, [self.signature(self.secrets[0], draft, ts)], ts)
        yield self.accept("no_data_id", draft, "no data.id: its part is left out of the manifest")
        draft = self.signed("request_id_removed")
        del draft.headers["x-request-id"]
        yield self.reject("request_id_removed", draft, "the signed request id is gone")


HOOKS = [Box(), Docusign(), Pusher(), Contentful(), MercadoPago()]
