//! What is known of a definition without a request: the command, `holdfast dev` and the documents ask.
#![allow(clippy::expect_used, reason = "a test")]

use holdfast_domain::poll::Order;
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::Scheme;

fn scheme(name: &str) -> &'static Scheme {
    holdfast_providers::find(name).expect("defined").scheme()
}

#[test]
fn each_kind_of_proof_has_its_word() {
    for (name, word) in [
        ("braintree", "sha1"),
        ("stripe", "sha256"),
        ("discord", "ed25519"),
        ("sendgrid", "ecdsa-p256"),
        ("aws-sns", "rsa"),
        ("paypal", "rsa-sha256"),
        ("plaid", "jwt-es256"),
        ("google-pubsub", "jwt-rs256"),
        ("gitlab", "token"),
        ("postmark", "basic"),
        ("msgraph-rich", "token"),
    ] {
        assert_eq!(scheme(name).algorithm(), word, "{name}");
    }
}

#[test]
fn which_header_a_signature_may_stand_in() {
    for (name, header, is_looked_into) in [
        ("stripe", "Stripe-Signature", true),
        ("stripe", "STRIPE-SIGNATURE", true),
        ("stripe", "Stripe-Signature-2", false),
        ("docusign", "X-DocuSign-Signature-1", true),
        ("docusign", "X-DocuSign-Other", false),
        ("mailgun", "signature", false),
    ] {
        assert_eq!(scheme(name).looks_into(header), is_looked_into, "{name} {header}");
    }
}

#[test]
fn which_secrets_a_scheme_can_use() {
    for (name, secret, can) in [
        ("stripe", "whsec_x", true),
        ("stripe", "", false),
        ("postmark", "user:password", true),
        ("postmark", "password", false),
        ("discord", "not a key", false),
        ("braintree", "public:private", true),
    ] {
        assert_eq!(scheme(name).can_use(&Secret::new(secret)), can, "{name} {secret}");
    }
    for (name, needs, names, is_public) in [
        ("stripe", true, false, false),
        ("braintree", true, true, false),
        ("pusher", true, true, false),
        ("discord", true, false, true),
        ("paypal", true, false, true),
        ("google-pubsub", false, false, true),
    ] {
        let of = scheme(name);
        let found = (of.needs_secret(), of.names_keys(), of.has_public_key());
        assert_eq!(found, (needs, names, is_public), "{name}");
    }
}

#[test]
fn what_a_signature_covers() {
    for (name, covers) in [
        ("stripe", true),
        ("plaid", true),
        ("paypal", false),
        ("aws-sns", false),
        ("gitlab", false),
    ] {
        assert_eq!(scheme(name).covers_body(), covers, "{name}");
    }
}

#[test]
fn how_stripe_lists_its_events() {
    let stripe = holdfast_providers::find("stripe").expect("defined");
    let listing = stripe.listing().expect("a list");
    assert_eq!((listing.order(), listing.max_pages()), (Order::Newest, 10_000));
}
