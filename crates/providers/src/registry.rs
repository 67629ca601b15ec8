//! The definitions by name. Each is parsed when it is first asked for, once in a process.

use holdfast_domain::provider::Provider;
use holdfast_domain::reading::Problems;
use std::sync::OnceLock;

include!(concat!(env!("OUT_DIR"), "/entries.rs"));

struct Entry {
    name: &'static str,
    text: &'static str,
    parsed: OnceLock<Result<Provider, Problems>>,
}

impl Entry {
    const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, parsed: OnceLock::new() }
    }
}

/// Why there is no such provider.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// Nobody has defined it; `hmac` describes a provider in the source itself.
    #[error("there is no provider `{name}`; known are {}, and hmac", known().join(", "))]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// Its definition cannot be read. A test keeps this from happening.
    #[error("the definition of `{name}` cannot be read:\n{problems}")]
    Unreadable {
        /// The provider's name.
        name: &'static str,
        /// What is wrong with its definition.
        problems: &'static Problems,
    },
}

/// The provider with a name.
///
/// # Errors
/// [`Missing`] when there is none.
pub fn find(name: &str) -> Result<&'static Provider, Missing> {
    let unknown = || Missing::Unknown { name: name.to_owned() };
    let at = ENTRIES.binary_search_by_key(&name, |entry| entry.name).map_err(|_| unknown())?;
    let entry = ENTRIES.get(at).ok_or_else(unknown)?;
    let parsed = entry.parsed.get_or_init(|| Provider::from_toml(entry.text));
    parsed.as_ref().map_err(|problems| Missing::Unreadable { name: entry.name, problems })
}

/// The providers that a name may mean, whatever its case and its `-`, `_` and dots: by their own
/// names first, then by the other names that they go by. Reads every definition: not for the path
/// of a request.
pub fn named(text: &str) -> Vec<&'static Provider> {
    let wanted = plain(text);
    let all = || names().filter_map(|name| find(name).ok());
    let own = all().filter(|one| plain(one.name()) == wanted);
    let other = all().filter(|one| {
        plain(one.name()) != wanted && one.aliases().iter().any(|alias| plain(alias) == wanted)
    });
    own.chain(other).collect()
}

/// The providers that look for their signature in a header that bears their name, as
/// `X-Razorpay-Signature` does. Reads every definition, as [`named`] does.
pub(crate) fn bearing(header: &str) -> Vec<&'static Provider> {
    /// A shorter name may stand in any word.
    const SHORTEST: usize = 3;
    let text = plain(header);
    let stands_there = |name: &str| name.len() >= SHORTEST && text.contains(&plain(name));
    let bears = |one: &&Provider| {
        stands_there(one.name()) || one.aliases().iter().any(|alias| stands_there(alias))
    };
    let all = names().filter_map(|name| find(name).ok());
    all.filter(|one| one.scheme().looks_into(header)).filter(bears).collect()
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect()
}

/// The names of all providers in alphabetical order.
pub fn names() -> impl Iterator<Item = &'static str> {
    ENTRIES.iter().map(|entry| entry.name)
}

fn known() -> Vec<&'static str> {
    names().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample_keys;
    use bytes::Bytes;
    use holdfast_domain::headers::Headers;
    use holdfast_domain::inbound::Inbound;
    use holdfast_domain::poll::identify_listed;
    use holdfast_domain::secret::Secret;
    use holdfast_domain::signature::{KeyPage, Known, Scheme, key_page_of, verify, verify_with};
    use holdfast_domain::time::{Span, Timestamp};

    const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);

    #[test]
    fn every_definition_is_read_and_named_like_its_file() {
        let mut sorted: Vec<&str> = names().collect();
        sorted.sort_unstable();
        assert!(names().eq(sorted), "binary search needs the order");
        for name in names() {
            let provider = find(name).unwrap_or_else(|missing| panic!("{missing}"));
            assert_eq!(provider.name(), name);
            assert!(provider.dedupe() > Span::from_days(28), "{name}");
        }
    }

    /// In the formats that keys have; private ones where the provider signs with such a key.
    fn secrets(provider: &Provider) -> Vec<Secret> {
        let hex = "00112233445566778899aabbccddeeff";
        let shared = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", hex, "user:password"];
        let mut secrets = shared.map(Secret::new).to_vec();
        if provider.scheme().has_public_key() {
            secrets.extend(sample_keys());
        }
        secrets
    }

    /// The definition as a source has it.
    fn configured(name: &str) -> Provider {
        let provider = find(name).expect("defined").clone();
        if provider.scheme().needs_public_url() {
            return provider.with_public_url("https://hooks.example.com/hooks/x");
        }
        provider
    }

    #[test]
    fn every_sample_is_believed_and_fully_identified() {
        for entry in &ENTRIES {
            let name = entry.name;
            let provider = configured(name);
            let provider = &provider;
            let secrets = secrets(provider);
            let identify = |id: &str| {
                let sample = provider.signed_sample(&secrets, id, NOW).expect(name);
                let headers: Headers = sample.headers.iter().map(|(n, v)| (n, v)).collect();
                let inbound = Inbound::post("/hooks/x", headers, sample.body);
                let by = provider.scheme().verified_by(&secrets);
                let address = key_page_of(provider, &inbound).expect(name);
                let page = address.zip(by.page);
                let page = page.map(|(address, text)| KeyPage { url: address.url, text });
                let known = Known { secrets: &by.secrets, keys: page.as_ref() };
                let verified = verify_with(provider, &inbound, &known, NOW).expect(name);
                assert_eq!(verified.handshake(), None, "{name}");
                assert!(!verified.kept_headers().is_empty(), "{name}");
                verified.identify(NOW)
            };
            let (first, second) = (identify("one"), identify("two"));
            let (_, rules) = entry.text.split_once("\n[event]").expect("rules of identity");
            let says = |rule: &str| rules.contains(&format!("\n{rule} = "));
            assert!(first.parsed, "{name}: {first:?}");
            assert_ne!(first.is_keyed_by_body(), says("key"), "{name}: {first:?}");
            assert_ne!(first.key, second.key, "{name}");
            assert_eq!(first.kind.as_str() != "unknown", says("kind"), "{name}");
            assert_eq!(first.entity.is_some(), says("entity"), "{name}: {first:?}");
            assert_eq!(first.version.is_some(), says("version"), "{name}: {first:?}");
            assert!(!says("time") || first.source_time.is_some(), "{name}: {first:?}");
        }
    }

    #[test]
    fn an_event_has_one_identity_whichever_way_it_comes() {
        let secrets = [Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
        let mut listed = Vec::new();
        for provider in names().map(|name| find(name).expect("defined")) {
            if !provider.is_listed() {
                continue;
            }
            let sample = provider.signed_sample(&secrets, "one", NOW).expect("signed");
            let headers: Headers = sample.headers.iter().map(|(n, v)| (n, v)).collect();
            let inbound = Inbound::post("/hooks/x", headers, sample.body.clone());
            let verified = verify(provider, &inbound, &secrets, NOW).expect("believed");
            let found = identify_listed(provider, &sample.body, NOW.plus(Span::from_days(1)));
            assert_eq!(found, verified.identify(NOW), "{}", provider.name());
            listed.push(provider.name());
        }
        assert_eq!(listed, ["stripe"]);
    }

    #[test]
    fn stripes_webhook_and_list_agree() {
        let stripe = find("stripe").expect("defined");
        let webhook = Bytes::from_static(WEBHOOK);
        let page = stripe.listing().expect("listed").page(None, LIST).expect("a page");
        let [item] = page.items.as_slice() else { panic!("one item: {page:?}") };
        let item_bytes = Bytes::copy_from_slice(item.raw.as_bytes());
        assert_ne!(webhook, item_bytes, "pending_webhooks and the layout differ");
        let listed = identify_listed(stripe, &item_bytes, NOW);
        assert_eq!(listed, identify_listed(stripe, &webhook, NOW));
        assert_eq!((listed.key.as_str(), listed.kind.as_str()), ("evt_1Q2wXy", "charge.refunded"));
        assert_eq!(listed.source_time, Some(item.at));
        assert_eq!(item.id, listed.key.as_str());
    }

    /// In the layout that Stripe's API writes: two blanks, one item a line.
    const LIST: &[u8] = include_bytes!("../fixtures/stripe-list.json");
    const WEBHOOK: &[u8] = include_bytes!("../fixtures/stripe-webhook.json");

    #[test]
    fn whose_keys_are_signed() {
        let signed = |name| find(name).expect("defined").key_is_signed();
        assert!(signed("stripe") && signed("slack") && signed("standard-webhooks"));
        assert!(!signed("github") && !signed("shopify"));
    }

    #[test]
    fn deliveries_are_signed_by_the_published_scheme() {
        let defined = find("standard-webhooks").expect("defined");
        assert_eq!(defined.scheme(), &Scheme::standard_webhooks());
    }

    #[test]
    fn an_unknown_provider_is_told_what_there_is() {
        let message = find("strip").expect_err("unknown").to_string();
        assert!(message.contains("`strip`") && message.contains("standard-webhooks-v1a, stripe"));
    }

    #[test]
    fn a_provider_can_be_defined_at_run_time() {
        let text = "name = \"acme\"\ntitle = \"Acme\"\n[scheme]\nheader = \"X-Sig\"\n\
                    algorithm = \"sha512\"\nencoding = \"base64url\"\ncontent = \"{body}\"\n";
        let acme = Provider::from_toml(text).expect("valid");
        let secrets = [Secret::new("s")];
        let sample = acme.signed_sample(&secrets, "1", NOW).expect("signed");
        let headers: Headers = sample.headers.iter().map(|(n, v)| (n, v)).collect();
        let inbound = Inbound::post("/", headers, sample.body);
        assert!(verify(&acme, &inbound, &secrets, NOW).is_ok());
    }
}
