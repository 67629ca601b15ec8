"""PayPal: RSA with a certificate that the request names."""

import base64
import datetime
import zlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from .draft import Draft, Event, Made, compact, row, stamp, unstable, with_unicode
from .keys import rsa_key


class Paypal:
    """https://developer.paypal.com/api/rest/webhooks/rest/#link-selfverificationmethod

    RSA-SHA256 over `{transmission id}|{transmission time}|{webhook id}|{crc32 of the body}`, with a
    certificate that is fetched; `certs` stands in for the network.
    """

    provider = "paypal"

    def __init__(self):
        made = Made(self.provider)
        self.now = 1_790_000_000 + made.number(0, 9_999_999)
        self.webhook_id = made.text(17).upper()
        self.url = f"https://api.paypal.com/v1/notifications/certs/CERT-360caa42-{made.hex(8)}-a5cacfc0"
        self.key, self.other = rsa_key("paypal/1"), rsa_key("paypal/2")
        self.certificate = self.certify(self.key, "messageverificationcerts.paypal.com")

    def certify(self, key, name, start=-400, end=400):
        moment = datetime.datetime.fromtimestamp(self.now, datetime.timezone.utc)
        named = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, name),
                           x509.NameAttribute(x509.oid.NameOID.ORGANIZATION_NAME, "PayPal, Inc.")])
        builder = (x509.CertificateBuilder().subject_name(named).issuer_name(named).serial_number(4711)
                   .public_key(key.public_key())
                   .not_valid_before(moment + datetime.timedelta(days=start))
                   .not_valid_after(moment + datetime.timedelta(days=end)))
        signed = builder.sign(key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM).decode()

    def config(self, **pages):
        return {"webhook_id": self.webhook_id, "certs": {self.url: self.certificate, **pages},
                "scheme": {"alg": "rsa-sha256", "signed": "{header:PAYPAL-TRANSMISSION-ID}|{header:PAYPAL-"
                           "TRANSMISSION-TIME}|{webhook_id}|{crc32 of body}", "encoding": "base64",
                           "sig_header": "PAYPAL-TRANSMISSION-SIG", "cert_url_header": "PAYPAL-CERT-URL"}}

    def draft(self, case, shape=compact, key=None, url=None, age=5, webhook_id=None, digest=None):
        made = Made(f"paypal/{case}")
        kind = made.pick(["PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.APPROVED", "BILLING.SUBSCRIPTION.CREATED"])
        at = stamp("rfc3339", self.now - age)
        payload = {"id": f"WH-{made.text(17).upper()}-{made.text(17).upper()}", "event_version": "1.0",
                   "create_time": at, "resource_type": "capture", "event_type": kind,
                   "summary": "Payment completed", "resource": {"id": made.text(17).upper(), "status": "COMPLETED"}}
        draft = Draft("/hooks/paypal", shape(payload), event=Event(payload, payload["id"], kind))
        draft.headers = {"Content-Type": "application/json", "PAYPAL-TRANSMISSION-ID": made.uuid(),
                         "PAYPAL-TRANSMISSION-TIME": at, "PAYPAL-CERT-URL": url or self.url,
                         "PAYPAL-AUTH-ALGO": "SHA256withRSA", "PAYPAL-AUTH-VERSION": "v2"}
        crc = zlib.crc32(draft.body)
        signed = "|".join([draft.headers["PAYPAL-TRANSMISSION-ID"], at, webhook_id or self.webhook_id, str(crc)])
        raw = (key or self.key).sign(signed.encode(), padding.PKCS1v15(), digest or hashes.SHA256())
        draft.headers["PAYPAL-TRANSMISSION-SIG"] = base64.b64encode(raw).decode()
        return draft

    def rows(self):
        accept = lambda case, draft, why, **more: row(self, case, draft, "accept", why, **more)  # noqa: E731
        reject = lambda case, draft, why, **more: row(self, case, draft, "reject", why, **more)  # noqa: E731
        yield accept("valid", self.draft("valid"), "plain valid request")
        yield accept("valid_unicode", self.draft("valid_unicode", with_unicode), "UTF-8 in the body")
        yield accept("valid_reserialise", self.draft("valid_reserialise", unstable), "CRC of the raw bytes")
        for case, change in (("header_lowercase", str.lower), ("header_uppercase", str.upper)):
            draft = self.draft(case)
            draft.rename(change)
            yield accept(case, draft, "names of headers in another case")
        yield accept("retry_days_later", self.draft("retry_days_later", age=2 * 86_400),
                     "two days old: PayPal retries for three days with the first time", debatable=True)
        for case, change, why in (
            ("tampered_body", lambda body: body.replace(b"Payment", b"Payload", 1), "the body changed"),
            ("tampered_trailing_newline", lambda body: body + b"\n", "a newline after the body"),
            ("emptied_body", lambda body: b"", "the body is gone"),
        ):
            draft = self.draft(case)
            draft.body = change(draft.body)
            yield reject(case, draft, why)
        for case, header, value, why in (
            ("id_tampered", "PAYPAL-TRANSMISSION-ID", "00000000-0000-4000-a000-000000000000", "another transmission id"),
            ("time_tampered", "PAYPAL-TRANSMISSION-TIME", stamp("rfc3339", self.now), "another transmission time"),
            ("empty_header", "PAYPAL-TRANSMISSION-SIG", "", "an empty signature"),
            ("garbage_sig", "PAYPAL-TRANSMISSION-SIG", "!" * 344, "no base64"),
            ("nonascii_sig", "PAYPAL-TRANSMISSION-SIG", "é" * 344, "a signature that is not ASCII"),
            ("unknown_cert", "PAYPAL-CERT-URL", self.url + "x", "PayPal's page holds no certificate"),
            ("cert_url_empty", "PAYPAL-CERT-URL", "", "no address of a certificate"),
            ("algorithm_unknown", "PAYPAL-AUTH-ALGO", "NONE", "an unknown algorithm"),
        ):
            draft = self.draft(case)
            draft.headers[header] = value
            doubt = {"debatable": True} if case == "algorithm_unknown" else {}
            if case == "unknown_cert":
                # Not the request's fault for certain: PayPal's host has bad moments, and retries.
                page = {self.url + "x": "<html>Not found</html>"}
                doubt = {"config": self.config(**page), "expect_status_class": "5xx"}
            yield reject(case, draft, why, **doubt)
        for header in ("SIG", "ID", "TIME"):
            draft = self.draft(f"missing_{header.lower()}")
            del draft.headers[f"PAYPAL-TRANSMISSION-{header}"]
            yield reject(f"missing_{header.lower()}", draft, f"no PAYPAL-TRANSMISSION-{header}")
        draft = self.draft("missing_cert_url")
        del draft.headers["PAYPAL-CERT-URL"]
        yield reject("missing_cert_url", draft, "no PAYPAL-CERT-URL")
        yield reject("other_webhook_id", self.draft("other_webhook_id", webhook_id="0" * 17),
                     "signed for another webhook: a replay from somebody else's")
        yield reject("wrong_key", self.draft("wrong_key", key=self.other), "signed by another key")
        yield reject("sha1_signature", self.draft("sha1_signature", digest=hashes.SHA1()), "RSA with SHA-1")
        for case, change in (("truncated_sig", lambda one: one[:-4]), ("extended_sig", lambda one: one + "AAAA")):
            draft = self.draft(case)
            draft.headers["PAYPAL-TRANSMISSION-SIG"] = change(draft.headers["PAYPAL-TRANSMISSION-SIG"])
            yield reject(case, draft, "another length than the key's")
        yield from self.forged()

    def forged(self):
        """Rightly signed with a certificate of the sender's own, served from various places."""
        for case, url, why in (
            ("cert_other_host", "https://api.paypal.example.com/v1/notifications/certs/CERT-1", "not PayPal's host"),
            ("cert_suffix_host", "https://evilpaypal.com/v1/notifications/certs/CERT-1", "a host that only ends alike"),
            ("cert_prefix_host", "https://api.paypal.com.example.net/certs/CERT-1", "a host that only begins alike"),
            ("cert_userinfo", "https://api.paypal.com@certs.example.net/CERT-1", "PayPal's host as a user name"),
            ("cert_http", "http://api.paypal.com/v1/notifications/certs/CERT-1", "without TLS"),
            ("cert_metadata", "http://169.254.169.254/latest/meta-data/", "an address inside the cloud"),
            ("cert_file", "file:///etc/hostname", "no address of the web"),
        ):
            draft = self.draft(case, key=self.other, url=url)
            config = self.config(**{url: self.certify(self.other, "messageverificationcerts.paypal.com")})
            yield row(self, case, draft, "reject", f"signed by a certificate of the sender's: {why}", config=config)
