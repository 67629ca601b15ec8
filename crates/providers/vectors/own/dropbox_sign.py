"""Dropbox Sign: a hash inside the JSON inside a form."""

import hashlib
import hmac

from .draft import Draft, Event, Made, compact
from .signed import Signed, form


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
