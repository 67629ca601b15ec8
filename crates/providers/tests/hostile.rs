//! Requests that nobody's library would send, against every definition: nothing panics, nothing
//! changed is believed, and whatever is signed is identified within bounds.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use holdfast_domain::expression::Place;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::Provider;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{Message, Rejection, SignedPart, verify};
use holdfast_domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Marsaglia's xorshift64: the same numbers at each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).expect("small")).expect("small")
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn text(&mut self, fragments: &[&[u8]], most: usize) -> Vec<u8> {
        (0..self.below(most)).flat_map(|_| self.pick(fragments).to_vec()).collect()
    }
}

fn providers() -> Vec<Provider> {
    let all = holdfast_providers::names();
    let defined = all.map(|name| holdfast_providers::find(name).expect("defined").clone());
    defined
        .map(|provider| {
            if provider.scheme().needs_public_url() {
                return provider.with_public_url("https://hooks.example.com/hooks/x");
            }
            provider
        })
        .filter(|provider| {
            // Only those that cover a whole JSON body, and that we can sign for.
            let covered = provider.scheme().covers(&Place::parse("/id").expect("a place"));
            covered && provider.signed_sample(&secrets(provider), "1", NOW).is_ok()
        })
        .collect()
}

/// One secret in the format of the provider's keys.
fn secrets(provider: &Provider) -> [Secret; 1] {
    let known = [SECRET, "00112233445566778899aabbccddeeff"].map(Secret::new);
    known.into_iter().find(|one| provider.scheme().can_use(one)).map(|one| [one]).expect("a key")
}

/// The headers of the provider's sample that its signature is in or covers.
fn signed(provider: &Provider, body: &[u8]) -> Vec<(String, Vec<u8>)> {
    let sample = provider.signed_sample(&secrets(provider), "1", NOW).expect("signed");
    let headers: Headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
    let message = Message { id: "1", at: NOW, headers: &headers, body };
    let signature = provider.scheme().sign(&secrets(provider), &message).expect("signed");
    let covered = sample.headers.iter().filter(|(name, _)| {
        let made = signature.iter().any(|(known, _)| known == name);
        !made && provider.scheme().covers(&Place::Header(name.clone()))
    });
    let all = covered.chain(&signature);
    all.map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect()
}

fn scheme_headers(provider: &Provider) -> Vec<String> {
    signed(provider, b"").into_iter().map(|(name, _)| name).collect()
}

#[test]
fn no_single_changed_byte_is_believed() {
    for provider in &providers() {
        let body = format!("{{\"id\":\"1\",\"webhookTimestamp\":{}}}", NOW.millis());
        let body = body.as_bytes();
        let headers = signed(provider, body);
        let believed = |headers: &[(String, Vec<u8>)], body: &[u8]| {
            let headers = headers.iter().map(|(name, value)| (name, value)).collect();
            let inbound = Inbound::post("/", headers, body.to_vec());
            verify(provider, &inbound, &secrets(provider), NOW).is_ok()
        };
        assert!(believed(&headers, body), "{}", provider.name());
        for at in 0..body.len() {
            let mut changed = body.to_vec();
            changed[at] ^= 1;
            assert!(!believed(&headers, &changed), "{} body {at}", provider.name());
        }
        for nth in 0..headers.len() {
            for at in 0..headers[nth].1.len() {
                for byte in [b'A', b'0', b' ', b',', b'=', 0, 0xff, headers[nth].1[at] ^ 0x20] {
                    let mut changed = headers.clone();
                    let before = std::mem::replace(&mut changed[nth].1[at], byte);
                    // Digits of hex may be read in either case, padding may be missing.
                    let name = &headers[nth].0;
                    if !before.eq_ignore_ascii_case(&byte) && before != b'=' {
                        assert!(!believed(&changed, body), "{name} at {at} to {byte}");
                    }
                }
            }
        }
    }
}

#[test]
fn no_unsigned_header_is_believed_or_breaks_anything() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let fragments: [&[u8]; 20] = [
        b"t=",
        b"v1=",
        b"v1,",
        b"v0=",
        b"sha256=",
        b"sha1=",
        b",",
        b" ",
        b"=",
        b";",
        b"\xff\xfe",
        b"\xc3\xa9",
        b"1780286655",
        b"-9223372036854775808",
        b"99999999999999999999999",
        b"\0",
        b"0000000000000000000000000000000000000000000000000000000000000000",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        b"A=A=",
        b"%00",
    ];
    for provider in &providers() {
        let names = scheme_headers(provider);
        for _ in 0..500 {
            let mut headers = Headers::new();
            for name in &names {
                if numbers.below(10) > 0 {
                    headers.add(name, numbers.text(&fragments, 12));
                }
            }
            let inbound = Inbound::post("/", headers, "{}");
            assert!(
                verify(provider, &inbound, &secrets(provider), NOW).is_err(),
                "{}",
                provider.name()
            );
        }
    }
}

#[test]
fn whatever_is_signed_is_identified_within_bounds() {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let fragments: [&[u8]; 24] = [
        b"{",
        b"}",
        b"[",
        b"]",
        b":",
        b",",
        b"\"id\"",
        b"\"type\"",
        b"\"event\"",
        b"\"data\"",
        b"\"object\"",
        b"null",
        b"true",
        b"-1.5e999",
        b"123456789012345678901234567890",
        b"\"url_verification\"",
        b"\"challenge\"",
        b"\"\\ud800\"",
        b"\"\\u0000\"",
        b"\xff",
        b"\xef\xbb\xbf",
        b"\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
        b"\n",
        b"payload=%7B",
    ];
    for provider in &providers() {
        for nth in 0..300 {
            let body = match nth {
                0 => Vec::new(),
                1 => b"[".repeat(200_000),
                2 => br#"{"event":"#.repeat(50_000),
                3 => {
                    format!("{{\"id\":\"{0}\",\"type\":\"{0}\"}}", "\u{e9}".repeat(100_000)).into()
                }
                _ => numbers.text(&fragments, 40),
            };
            let mut headers: Headers =
                signed(provider, &body).iter().map(|(name, value)| (name, value)).collect();
            for name in ["x-github-event", "x-github-delivery", "x-shopify-topic", "content-type"] {
                headers.add(name, numbers.text(&fragments, 40));
            }
            let inbound = Inbound::post("/", headers, body);
            let verified = match verify(provider, &inbound, &secrets(provider), NOW) {
                Err(Rejection::PartMissing(SignedPart::Timestamp)) => continue,
                // Anybody can have such a word signed by X's handshake.
                Err(Rejection::Mismatch) if provider.name() == "x" && inbound.body.len() <= 128 => {
                    continue;
                }
                outcome => outcome.expect("signed"),
            };
            let found = verified.identify(NOW);
            assert!((1..=512).contains(&found.key.as_str().len()), "{found:?}");
            assert!((1..=256).contains(&found.kind.as_str().len()), "{found:?}");
            assert!(found.version.is_none_or(|version| version.as_str().len() <= 256));
            let kept = verified.kept_headers();
            assert!(
                kept.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= 4096
            );
            assert!(verified.handshake().is_none_or(|reply| reply.body.len() <= 1024));
        }
    }
}
