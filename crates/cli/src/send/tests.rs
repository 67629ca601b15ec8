use super::*;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::signature::verify;
use holdfast_domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_secs(1_700_000_000);

/// Providers whose samples name their kind and whose signature is made of headers and body alone.
/// That the sample of each of the others verifies is the catalogue's own test.
const PLAIN: [&str; 5] = ["stripe", "github", "shopify", "slack", "standard-webhooks"];

/// Builds a request of a compiled-in provider and verifies it as the receiver would.
fn verified(provider: &str, content: &Content) -> Request {
    let provider = Definitions.find(provider).expect("a provider");
    let secrets = [local_secret("test")];
    let request = build(&provider, &secrets, "1a2b", NOW, content).expect("a request");
    let headers: Headers = request.headers.iter().map(|(name, value)| (name, value)).collect();
    let inbound = Inbound::post("/", headers, request.body.clone());
    let verified = verify(&provider, &inbound, &secrets, NOW).expect("verified");
    assert_eq!(verified.identify(NOW).key, request.key);
    assert_eq!(verified.identify(NOW).kind, request.kind);
    request
}

#[test]
fn a_sample_verifies_also_with_another_kind_or_body() {
    for name in PLAIN {
        let sample = verified(name, &Content::Sample);
        assert_ne!(sample.kind.as_str(), "unknown", "{name}");
        let other = verified(name, &Content::Kind("something.else".to_owned()));
        assert!(other.kind.as_str().contains("something.else"), "{name}: {}", other.kind);
        let body = Bytes::from_static(b"\xff not JSON");
        assert_eq!(verified(name, &Content::Body(body.clone())).body, body, "{name}");
    }
}

/// That the sample of each is believed is the catalogue's own test; here it is one of every kind.
#[test]
fn private_keys_sign_for_providers_that_have_them() {
    for name in
        ["discord", "sendgrid", "plaid", "fusionauth-rsa", "aws-sns", "paypal", "msgraph-rich"]
    {
        let provider = Definitions.find(name).expect("a provider");
        let secrets = signing(vec![local_secret("test")], provider.scheme(), true);
        let request = build(&provider, &secrets, "1a2b", NOW, &Content::Sample).expect(name);
        assert!(!request.key.as_str().is_empty());
        let shared = build(&provider, &[local_secret("test")], "1", NOW, &Content::Sample);
        let error = format!("{:#}", shared.expect_err("no private key"));
        assert!(error.contains("a private key of the right kind is needed"), "{name}: {error}");
    }
}

#[test]
fn no_header_is_sent_twice() {
    for name in PLAIN {
        let request = verified(name, &Content::Kind("x".to_owned()));
        let mut names: Vec<String> =
            request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all, "{name}: {names:?}");
    }
}

#[test]
fn a_secret_that_does_not_fit_is_said_not_to() {
    let provider = Definitions.find("standard-webhooks").expect("a provider");
    let error = build(&provider, &[Secret::new("whpk_x")], "1", NOW, &Content::Sample);
    let error = format!("{:#}", error.expect_err("no usable secret"));
    assert!(error.contains("no secret can be used as a key"), "{error}");
}

#[test]
fn sources_of_the_configuration_come_before_providers() {
    let config = Path::new("../../holdfast.toml");
    assert_eq!(find("acme", config).unwrap().provider.name(), "hmac");
    assert_eq!(find("github", config).unwrap().secret_name, "github");
    let slack = find("slack", Path::new("none.toml")).unwrap();
    assert_eq!(slack.provider.name(), "slack");
    let error = find("acme", Path::new("none.toml")).err().map(|error| error.to_string());
    let error = error.unwrap_or_default();
    assert!(error.starts_with("acme is neither a source in none.toml nor a provider"), "{error}");
}

#[tokio::test]
async fn a_secret_is_needed_for_the_world_outside() {
    let arguments = |url: &str| Arguments {
        source: "stripe".to_owned(),
        url: Some(url.to_owned()),
        secret: None,
        secrets: None,
        private_key: None,
        kind: None,
        count: 1,
        body: None,
        config: PathBuf::from("none.toml"),
    };
    let error = run(&arguments("https://hooks.example.com/hooks/stripe")).await;
    let error = error.expect_err("no secret").to_string();
    assert_eq!(error, "give the signing secret with --secret or --secrets");
}
