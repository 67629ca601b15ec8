"""Contentful: the whole request, as far as the sender lists its headers."""

from urllib.parse import quote

from .battery import Hook
from .draft import Event, stamp


class Contentful(Hook):
    """https://www.contentful.com/developers/docs/extensibility/app-framework/request-verification/ and
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
        path = draft.path
        if draft.query:
            # The library escapes the whole query as one component, and then what it made of it.
            path += "?" + quote(quote(draft.query, safe="-_.!~*'()"), safe="-_.!~*'()")
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
        draft = self.draft("query")
        draft.query = "tenant=7&lang=de"
        ts = self.stamped(draft)
        self.place(draft, [self.signature(self.secrets[0], draft, ts)], ts)
        url = {"url": f"https://hooks.example.com/hooks/contentful?{draft.query}"}
        yield self.accept("query", draft, "a query, escaped twice as the library does", config={**self.config(), **url},
                          debatable="unless judged")
        draft = self.signed("path_tampered")
        draft.path += "-other"
        yield self.reject("path_tampered", draft, "signed for another path")
        draft = self.signed("method_tampered")
        draft.method = "PUT"
        yield self.reject("method_tampered", draft, "signed for another method")
