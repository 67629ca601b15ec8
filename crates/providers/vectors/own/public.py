"""Providers that sign with a key of their own: ed25519, RSA, ECDSA. Keys come from numbers, not files."""

import base64
import datetime
import zlib

from battery import Hook, encode
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from draft import Draft, Event, Made, compact, row, stamp, unstable, with_unicode


def prime(made, bits):
    """The next prime after a made number (Miller-Rabin with forty bases)."""
    number = int.from_bytes(made.bytes(bits // 8), "big") | 1 | (3 << (bits - 2))
    while not probably_prime(number):
        number += 2
    return number


def probably_prime(number):
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in range(2, 42):
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def rsa_key(seed):
    made, e = Made(seed), 65_537
    p, q = prime(made, 1024), prime(made, 1024)
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p),
                                    rsa.RSAPublicNumbers(e, p * q))
    return numbers.private_key()


def ec_key(seed):
    return ec.derive_private_key(int.from_bytes(Made(seed).bytes(31), "big"), ec.SECP256R1())


class Ed25519Hook(Hook):
    """The battery with ed25519 in place of a MAC; a `secret` is the seed, the public key is configured."""

    def __init__(self, provider, scheme, event, **more):
        super().__init__(provider, scheme, lambda made: made.hex(64), event, **more)

    def private(self, secret):
        return ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))

    def public(self, secret):
        raw = self.private(secret).public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return encode(raw, self.scheme["key"])

    def config(self, *secrets):
        made = super().config(*secrets)
        keys = [self.public(one) for one in made.pop("secrets")]
        return {"public_keys": keys, **made}

    def mac(self, secret, content, algorithm=None):
        return self.private(secret).sign(content)

    def other_macs(self):
        return ()

    def odd_signatures(self):
        for case, made in super().odd_signatures():
            yield case, made
        zero = encode(bytes(64), self.scheme["encoding"])
        yield self.reject("zero_sig", self.altered("zero_sig", lambda _: zero), "a signature of zeros")
        order = 2**252 + 27742317777372353535851937790883648493

        def malleate(one):
            raw = base64.b64decode(one) if self.scheme["encoding"] == "base64" else bytes.fromhex(one)
            s = int.from_bytes(raw[32:], "little") + order
            return encode(raw[:32] + s.to_bytes(32, "little"), self.scheme["encoding"])

        yield self.reject("noncanonical_s", self.altered("noncanonical_s", malleate),
                          "the same signature with S + L: not canonical")


def telnyx(made, now):
    # https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
    kind = made.pick(["message.received", "message.finalized", "call.initiated"])
    payload = {"data": {"event_type": kind, "id": made.uuid(), "occurred_at": stamp("rfc3339", now),
                        "record_type": "event",
                        "payload": {"id": made.uuid(), "direction": "inbound", "text": "Ahoy",
                                    "from": {"phone_number": "+13125550001"}}},
               "meta": {"attempt": 1, "delivered_to": "https://hooks.example.com/hooks/telnyx"}}
    return Event(payload, payload["data"]["id"], kind)


TELNYX = Ed25519Hook(
    "telnyx",
    {"alg": "ed25519", "key": "base64", "signed": "{ts}|{body}", "sig_header": "Telnyx-Signature-Ed25519",
     "sig_format": "{sig}", "encoding": "base64", "ts_header": "Telnyx-Timestamp", "ts_unit": "s",
     "tolerance_s": 300, "future": "reject"},
    telnyx,
)


class DiscordEvents(Ed25519Hook):
    """https://docs.discord.com/developers/events/webhook-events: the events beside the interactions."""

    def __init__(self):
        def event(made, now):
            kind = made.pick(["APPLICATION_AUTHORIZED", "ENTITLEMENT_CREATE", "QUEST_USER_ENROLLMENT"])
            payload = {"version": 1, "application_id": made.digits(19), "type": 1,
                       "event": {"type": kind, "timestamp": stamp("rfc3339", now),
                                 "data": {"user": {"id": made.digits(18), "username": "ada"}, "scopes": ["identify"]}}}
            return Event(payload, None, kind)

        scheme = {"alg": "ed25519", "key": "hex", "signed": "{ts}{body}", "sig_header": "X-Signature-Ed25519",
                  "sig_format": "{sig}", "ts_header": "X-Signature-Timestamp", "encoding": "hex"}
        super().__init__("discord", scheme, event)

    def stamped(self, draft, age=2):
        draft.headers["X-Signature-Timestamp"] = stamp("s", self.now - age)
        return draft.headers["X-Signature-Timestamp"]

    def rows(self):
        for made in super().rows():
            made["case"] = f"webhook_event_{made['case']}"
            made["id"] = f"own-discord-{made['case']}"
            yield made

    def extra(self):
        ping = compact({"version": 1, "application_id": "1", "type": 0})
        draft = self.signed("ping", lambda _: ping)
        yield "ping", row(self, "ping", draft, "challenge", "PING of webhook events: 204 without a body",
                          expect_status=204, expect_body="")
        draft = self.signed("ping_wrong_key", lambda _: ping, secret=self.secrets[2])
        yield "ping_wrong_key", row(self, "ping_wrong_key", draft, "reject", "Discord probes with wrong signatures",
                                    expect_status=401)
        draft = self.signed("ts_swapped")
        draft.headers["X-Signature-Timestamp"] = stamp("s", self.now + 1)
        yield self.reject("ts_swapped", draft, "another timestamp than the signed one")


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
            ("unknown_cert", "PAYPAL-CERT-URL", self.url + "x", "a certificate that is not there"),
            ("cert_url_empty", "PAYPAL-CERT-URL", "", "no address of a certificate"),
            ("algorithm_unknown", "PAYPAL-AUTH-ALGO", "NONE", "an unknown algorithm"),
        ):
            draft = self.draft(case)
            draft.headers[header] = value
            doubt = {"debatable": True} if case == "algorithm_unknown" else {}
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


HOOKS = [TELNYX, DiscordEvents(), Paypal()]

