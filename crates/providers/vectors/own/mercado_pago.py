"""Mercado Pago: ids and a time, not the body."""

from .battery import Hook
from .draft import Event, compact, stamp


class MercadoPago(Hook):
    """https://www.mercadopago.com/developers/en/docs/your-integrations/notifications/webhooks: the
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
        draft = self.draft("data_id_uppercase")
        draft.query = "data.id=ORD01JQ4S4KY8HWQ6NA5PXB65B3D3&type=order"
        ts, sent = self.stamped(draft), draft.query
        draft.query = sent.replace("ORD01JQ4S4KY8HWQ6NA5PXB65B3D3", "ord01jq4s4ky8hwq6na5pxb65b3d3")
        self.place(draft, [self.signature(self.secrets[0], draft, ts)], ts)
        draft.query = sent
        yield self.accept("data_id_uppercase", draft, "an id with letters, signed in lower case; the libraries take it as it is sent",
                          debatable=True)
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
