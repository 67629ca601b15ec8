"""Box: two headers for two keys."""

from .battery import Hook
from .draft import Event, stamp


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
