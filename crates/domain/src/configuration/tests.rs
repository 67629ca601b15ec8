//! Whole documents: what is read, and every message that a wrong one gives.

use super::*;
use crate::headers::Headers;
use crate::inbound::Inbound;
use crate::retry::Policy;
use crate::secret::Secret;
use crate::signature::{Message, Rejection, verify};
use crate::time::Timestamp;

/// Providers for these tests: only what the configuration asks of them.
pub(super) struct Providers;

impl Catalogue for Providers {
    fn names(&self) -> Vec<&str> {
        vec!["github", "stripe"]
    }

    fn find(&self, name: &str) -> Option<Arc<Provider>> {
        self.names().contains(&name).then(|| provider(name))
    }
}

fn provider(name: &str) -> Arc<Provider> {
    let text = format!(
        "name = \"{name}\"\ntitle = \"{name}\"\ndedupe_days = 90\n[scheme]\nheader = \"X-Signature\"\n\
         algorithm = \"sha256\"\nencoding = \"hex\"\ncontent = \"{{body}}\"\n"
    );
    let listed = if name == "stripe" { LIST } else { "" };
    Arc::new(Provider::from_toml(&(text + listed)).expect("a provider"))
}

const LIST: &str = r#"
[event]
key = "/id"
kind = "/type"
[list]
base_url = "https://api.stripe.com"
path = "/v1/events"
query = { "created[gte]" = "{start}" }
auth = "bearer"
items = "/data"
id = "/id"
time = "/created"
paging = { kind = "last_id", param = "starting_after", more = "/has_more" }
retention = "30d"
"#;

pub(super) fn configuration(text: &str) -> Configuration {
    match Configuration::read(text, &Providers) {
        Ok(configuration) => configuration,
        Err(problems) => panic!("{problems}"),
    }
}

fn problems(text: &str) -> String {
    match Configuration::read(text, &Providers) {
        Ok(_) => panic!("the document should have problems:\n{text}"),
        Err(problems) => problems.to_string(),
    }
}

fn warnings(text: &str) -> Vec<String> {
    configuration(text).warnings().iter().map(ToString::to_string).collect()
}

/// A source and a destination that a route connects.
const CONNECTED: &str = "\
[sources.stripe]
provider = \"stripe\"
[destinations.billing]
kind = \"http\"
url = \"https://billing.example.com/webhooks\"
[[routes]]
from = \"stripe\"
to = \"billing\"
";

fn source_with(line: &str) -> String {
    format!("[sources.stripe]\nprovider = \"stripe\"\n{line}\n")
}

fn reconcile_with(lines: &str) -> String {
    format!(
        "[sources.stripe]\nprovider = \"stripe\"\n[sources.stripe.reconcile]\n\
         every = \"5m\"\nsecret = \"stripe_api_key\"\n{lines}\n"
    )
}

fn destination_with(line: &str) -> String {
    format!("[destinations.billing]\nkind = \"http\"\n{line}\n")
}

#[test]
fn defaults() {
    let configuration = configuration(CONNECTED);
    assert_eq!(configuration.warnings(), []);
    assert_eq!(configuration.body_kept(), Span::from_days(60));
    let source = configuration.source("stripe").unwrap();
    assert_eq!(source.secret.as_str(), "stripe");
    assert_eq!(source.max_body_bytes, 6_291_456);
    assert_eq!(source.unparsable, Unparsable::Store);
    assert_eq!(source.on_send_failure, OnSendFailure::Accept);
    assert!(!source.replay_dead);
    assert_eq!(source.dedupe_window, Span::from_days(90));
    assert_eq!(source.reconcile, None);
    let billing = configuration.destination("billing").unwrap();
    assert_eq!(billing.retry, Policy::default());
    let Target::Http(http) = &billing.target else { panic!("{billing:?}") };
    assert_eq!(http.secret.as_str(), "destinations.billing");
    assert_eq!(http.timeout, Span::from_secs(10));
    assert_eq!(http.allow_private, []);
}

#[test]
fn everything_that_can_be_set() {
    let configuration = configuration(
        r#"
[sources.stripe]
provider        = "stripe"
secret          = "stripe_live"
max_body_bytes  = 1000
unparsable      = "reject"
on_send_failure = "refuse"
replay_dead     = true
dedupe_days     = 45
[sources.stripe.reconcile]
every     = "2m"
secret    = "stripe_api_key"
base_url  = "http://127.0.0.1:8420/"
overlap   = "10m"
lag       = "30s"
grace     = "20m"
look_back = "3d"
kinds     = "invoice.*"
[destinations.billing]
kind          = "http"
url           = "http://10.1.2.3:8080/in"
timeout_secs  = 25
allow_private = ["10.0.0.0/8", "::1"]
secret        = "billing"
retry         = { attempts = 3, first = "1s", factor = 2, cap = "1m" }
[destinations.archive]
kind      = "sqs"
queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/archive"
[[routes]]
from  = "stripe"
kinds = ["invoice.*", "charge.refunded"]
to    = "billing"
[[routes]]
from  = "stripe"
kinds = "customer.*"
to    = "archive"
[retention]
body_days = 30
"#,
    );
    assert_eq!(configuration.warnings(), []);
    assert_eq!(configuration.body_kept(), Span::from_days(30));
    let source = configuration.source("stripe").unwrap();
    assert_eq!(source.secret.as_str(), "stripe_live");
    assert_eq!(source.max_body_bytes, 1000);
    assert_eq!(source.unparsable, Unparsable::Reject);
    assert_eq!(source.on_send_failure, OnSendFailure::Refuse);
    assert!(source.replay_dead);
    assert_eq!(source.dedupe_window, Span::from_days(45));
    assert_eq!(
        source.reconcile,
        Some(Reconcile {
            every: Span::from_mins(2),
            api_key: SecretName::new("stripe_api_key").unwrap(),
            base_url: Some("http://127.0.0.1:8420".to_owned()),
            overlap: Span::from_mins(10),
            lag: Span::from_secs(30),
            grace: Span::from_mins(20),
            look_back: Span::from_days(3),
            kinds: vec![Glob::new("invoice.*")],
        })
    );
    let billing = configuration.destination("billing").unwrap();
    assert_eq!(billing.timeout(), Span::from_secs(25));
    let retry =
        Policy { attempts: 3, first: Span::from_secs(1), factor: 2, cap: Span::from_mins(1) };
    assert_eq!(billing.retry, retry);
    let Target::Http(http) = &billing.target else { panic!("{billing:?}") };
    assert_eq!(http.url, "http://10.1.2.3:8080/in");
    assert_eq!(http.allow_private.len(), 2);
    assert_eq!(http.secret.as_str(), "billing");
    let archive = configuration.destination("archive").unwrap();
    let queue_url = "https://sqs.eu-west-1.amazonaws.com/123456789012/archive".to_owned();
    assert_eq!(archive.target, Target::Sqs(Sqs { queue_url }));
}

#[test]
fn the_first_route_of_the_file_wins() {
    let configuration = configuration(
        r#"
[sources.a]
provider = "stripe"
[sources.b]
provider = "github"
[destinations.one]
kind = "http"
url = "https://one.example"
[destinations.two]
kind = "http"
url = "https://two.example"
[[routes]]
from = "a"
kinds = ["invoice.*", "exact"]
to = "two"
[[routes]]
from = "a"
kinds = ["*.paid"]
to = "one"
"#,
    );
    let to = |source: &str, kind: &str| {
        let source = SourceName::new(source).unwrap();
        configuration.route(&source, &Kind::new(kind)).map(|to| to.name.as_str())
    };
    assert_eq!(to("a", "invoice.paid"), Some("two"));
    assert_eq!(to("a", "exact"), Some("two"));
    assert_eq!(to("a", "order.paid"), Some("one"));
    assert_eq!(to("a", "order.created"), None);
    assert_eq!(to("b", "invoice.paid"), None);
}

#[test]
fn a_source_of_ones_own() {
    let text = r#"
[sources.acme]
provider = "hmac"
scheme = { header = "X-Acme-Signature", algorithm = "sha256", encoding = "hex", content = "{body}" }
event = { key = "/id", kind = "/type" }
dedupe_days = 40
"#;
    let configuration = configuration(text);
    let source = configuration.source("acme").unwrap();
    assert_eq!(source.provider.name(), "hmac");
    assert_eq!(source.dedupe_window, Span::from_days(40));
    assert_eq!(
        problems("[sources.acme]\nprovider = \"hmac\"\n"),
        "line 1: in [sources.acme]: `scheme` is missing"
    );
}

#[test]
fn a_signature_over_the_url_needs_the_url() {
    let with = |url: &str| {
        format!(
            "[sources.square]\nprovider = \"hmac\"\nscheme = {{ header = \"S\", algorithm = \
             \"sha256\", encoding = \"base64\", content = \"{{url}}{{body}}\" }}\n{url}\n"
        )
    };
    let _ = configuration(&with("public_url = \"https://hooks.example.com/hooks/square\""));
    assert_eq!(
        problems(&with("")),
        "line 1: in [sources.square]: `public_url` is missing: the signature covers the URL that is \
         called"
    );
    assert_eq!(
        problems(&source_with("public_url = \"https://a\"")),
        "line 3: in [sources.stripe]: `public_url` is for signatures that cover the URL"
    );
}

/// A source whose provider signs like this.
fn signed_by(scheme: &str, line: &str) -> String {
    format!("[sources.acme]\nprovider = \"hmac\"\nscheme = {{ {scheme} }}\n{line}\n")
}

const STAMPED: &str = "header = \"S\", algorithm = \"sha256\", encoding = \"hex\", content = \
                       \"{timestamp}{body}\", timestamp = \"T\", tolerance_secs = 300";

#[test]
fn a_source_may_have_a_tolerance_of_its_own() {
    let aged = "header = \"S\", algorithm = \"jwt-hs256\", issued_within_secs = 300";
    let tolerance = |text: &str| {
        let configuration = configuration(text);
        configuration.source("acme").unwrap().provider.scheme().tolerance()
    };
    for (line, secs) in
        [("", 300), ("tolerance_secs = 60", 60), ("tolerance_secs = 604800", 604_800)]
    {
        assert_eq!(tolerance(&signed_by(STAMPED, line)), Some(Span::from_secs(secs)));
    }
    let _ = configuration(&signed_by(aged, "tolerance_secs = 86400"));
    let must = |most: u32, found: u32| {
        format!(
            "line 4: in [sources.acme]: `tolerance_secs` must be an integer from 1 to {most}, not \
             {found}"
        )
    };
    for (scheme, secs, expected) in [
        (STAMPED, 0, must(604_800, 0)),
        (STAMPED, 604_801, must(604_800, 604_801)),
        (aged, 86_401, must(86_400, 86_401)),
    ] {
        let text = signed_by(scheme, &format!("tolerance_secs = {secs}"));
        assert_eq!(problems(&text), expected);
    }
}

#[test]
fn a_tolerance_needs_a_time() {
    assert_eq!(
        problems(&source_with("tolerance_secs = 60")),
        "line 3: in [sources.stripe]: `tolerance_secs` is for schemes that say when a request was \
         signed: \"stripe\" has neither a timestamp nor tokens with `issued_within_secs`"
    );
    let token = "header = \"S\", algorithm = \"jwt-hs256\", must_expire = true";
    assert!(problems(&signed_by(token, "tolerance_secs = 60")).starts_with("line 4: in"));
    // One complaint is enough where nothing is known of the provider.
    let unknown = "[sources.a]\nprovider = \"b\"\ntolerance_secs = 60\n";
    assert_eq!(problems(unknown).lines().count(), 1);
}

#[test]
fn what_is_older_than_the_sources_own_tolerance_is_refused() {
    let now = Timestamp::from_secs(1_780_286_655);
    let aged = "header = \"S\", algorithm = \"jwt-hs256\", issued_within_secs = 300";
    let unjudged = format!("{STAMPED}, timestamp_judged = false");
    for scheme in [STAMPED, aged, &unjudged] {
        let outcome = |line: &str, age: u64| {
            let configuration = configuration(&signed_by(scheme, line));
            let provider = &configuration.source("acme").unwrap().provider;
            let (secrets, headers) = ([Secret::new("a secret")], Headers::new());
            let at = now.minus(Span::from_secs(age));
            let message = Message { id: "1", at, headers: &headers, body: b"{}" };
            let signed = provider.scheme().sign(&secrets, &message).unwrap();
            let headers = signed.iter().map(|(name, value)| (name, value)).collect();
            let inbound = Inbound::post("/hooks/acme", headers, "{}");
            verify(provider, &inbound, &secrets, now).map(drop)
        };
        assert_eq!(outcome("", 61), Ok(()), "{scheme}");
        assert_eq!(outcome("tolerance_secs = 60", 60), Ok(()), "{scheme}");
        let old = Err(Rejection::TooOld { by: Span::from_secs(1) });
        assert_eq!(outcome("tolerance_secs = 60", 61), old, "{scheme}");
    }
}

#[test]
fn all_problems_are_listed_at_once() {
    let text = r#"
[sources.stripe]
provider = "strype"
max_body_bytes = 7000000
unparsable = "drop"
[sources.Acme]
provider = "github"
scheme = { header = "X" }
[destinations.billing]
kind = "http"
url = "http://billing.example.com"
concurrency = 20
retry = { attempts = 0, first = "2h", cap = "1h" }
[[routes]]
from = "strip"
to = "biling"
[retention]
body_days = 7
"#;
    assert_eq!(
        problems(text),
        "\
line 3: in [sources.stripe]: `provider` must be one of github, stripe, hmac, not \"strype\", did you mean \"stripe\"?
line 4: in [sources.stripe]: `max_body_bytes` must be an integer from 1 to 6291456, not 7000000
line 5: in [sources.stripe]: `unparsable` must be one of store, reject, not \"drop\"
line 6: in [sources.Acme]: `Acme` is no name for a source: 1 to 40 characters of a-z, 0-9, `-` and `_`
line 8: in [sources.Acme]: `scheme` is for provider = \"hmac\"; \"github\" defines its own: take away one of the two
line 11: in [destinations.billing]: `url` must begin with https://, unless it lies in a network of `allow_private`
line 12: in [destinations.billing]: unknown key `concurrency`. Allowed here: retry, kind, url, timeout_secs, allow_private, secret
line 13: in [destinations.billing.retry]: `attempts` must be an integer from 1 to 100, not 0
line 13: in [destinations.billing.retry]: `first` (2h) is longer than `cap` (1h): the cap would shorten the very first wait
line 15: in [[routes]]: `from` must be one of Acme, stripe, not \"strip\", did you mean \"stripe\"?
line 16: in [[routes]]: `to` must be one of billing, not \"biling\", did you mean \"billing\"?
line 18: in [retention]: `body_days` must be an integer from 30 to 60, not 7"
    );
}

#[test]
fn keys_of_features_that_do_not_exist_are_unknown() {
    for (text, key) in [
        (source_with("enabled = true"), "enabled"),
        (destination_with("url = \"https://a\"\nordering = { entity = \"/x\" }"), "ordering"),
        (format!("{CONNECTED}retry = {{ attempts = 2 }}\n"), "retry"),
        ("[switches]\nx = 1\n".to_owned(), "switches"),
    ] {
        assert!(problems(&text).contains(&format!("unknown key `{key}`")), "{}", problems(&text));
    }
}

#[test]
fn routes_to_and_from_nothing() {
    assert_eq!(
        problems("[[routes]]\nfrom = \"stripe\"\nto = \"billing\"\n"),
        "line 2: in [[routes]]: `from` names nothing: there is no [sources.…]\n\
         line 3: in [[routes]]: `to` names nothing: there is no [destinations.…]"
    );
    assert_eq!(
        problems(&format!("{CONNECTED}kinds = []\n")),
        "line 9: in [[routes]]: `kinds` must be a string or a list of strings"
    );
}

#[test]
fn a_mistake_in_a_destination_is_not_repeated_at_its_routes() {
    let text = CONNECTED.replace("https", "ftp");
    assert_eq!(
        problems(&text),
        "line 5: in [destinations.billing]: `url` must begin with https:// (or http://, inside a \
         private network)"
    );
}

#[test]
fn dedupe_windows_are_never_short() {
    assert_eq!(
        problems(&source_with("dedupe_days = 29")),
        "line 3: in [sources.stripe]: `dedupe_days` must be an integer from 30 to 3650, not 29"
    );
}

#[test]
fn reconciling_has_defaults_that_hold_together() {
    let text = reconcile_with("");
    let reconcile = configuration(&text).source("stripe").unwrap().reconcile.clone().unwrap();
    assert_eq!(reconcile.overlap, Span::from_mins(5));
    assert_eq!(reconcile.lag, Span::from_mins(1));
    assert_eq!(reconcile.grace, Span::from_mins(10));
    assert_eq!(reconcile.look_back, Span::from_days(29));
    assert_eq!(reconcile.base_url, None);
}

#[test]
fn reconciling_that_would_inject_twice_is_refused() {
    let short = |lines: &str| {
        reconcile_with(lines)
            .replace("[sources.stripe.rec", "dedupe_days = 30\n[sources.stripe.rec")
    };
    assert_eq!(
        problems(&short("look_back = \"30d\"")),
        "line 7: in [sources.stripe.reconcile]: `look_back` (30d) must be at least a day below the \
         dedupe window (30d): an event that is forgotten here but still listed there would be \
         injected again"
    );
    let configuration = configuration(&short(""));
    let reconcile = configuration.source("stripe").unwrap().reconcile.clone().unwrap();
    assert_eq!(reconcile.look_back, Span::from_days(29));
}

#[test]
fn reconciling_reaches_back_no_further_than_the_list() {
    assert_eq!(
        problems(&reconcile_with("look_back = \"31d\"")),
        "line 6: in [sources.stripe.reconcile]: `look_back` (31d) is longer than the provider lists \
         its events (30d)"
    );
}

#[test]
fn reconciling_takes_what_the_source_takes() {
    let only = |mark: &str| {
        let only = format!("only = {{ {mark} = \"yes\" }}\n[sources.stripe.rec");
        reconcile_with("").replace("[sources.stripe.rec", &only)
    };
    let _ = configuration(&only("\"/livemode\""));
    for mark in ["\"header:X-Mine\"", "\"claim:aud\""] {
        let found = problems(&only(mark));
        assert!(
            found.starts_with("line 4: in [sources.stripe.reconcile]: `reconcile` cannot"),
            "{found}"
        );
        assert!(found.contains(mark.trim_matches('"').to_ascii_lowercase().as_str()), "{found}");
    }
    assert!(problems(&reconcile_with("kinds = []")).contains("`kinds`"));
}

#[test]
fn reconciling_that_would_miss_is_refused() {
    assert_eq!(
        problems(&reconcile_with("look_back = \"19m\"")),
        "line 6: in [sources.stripe.reconcile]: `look_back` (19m) must be at least the larger of \
         `grace` (10m) and `lag` (1m), plus `every` (5m), plus `overlap` (5m): an event could leave \
         the window before it is old enough to count as missed"
    );
    let _ = configuration(&reconcile_with("look_back = \"20m\""));
    assert!(problems(&reconcile_with("grace = \"30d\"")).contains("could leave the window"));
}

#[test]
fn other_mistakes_in_reconciling() {
    let api_key = "secret = \"stripe_api_key\"";
    for (text, expected) in [
        (
            reconcile_with("").replace("\"5m\"", "\"30s\""),
            "line 4: in [sources.stripe.reconcile]: `every` must be from 1m to 1d, not 30s",
        ),
        (
            reconcile_with("").replace(api_key, "secret = \"stripe\""),
            "line 5: in [sources.stripe.reconcile]: `secret` names the source's signing secret \
             (stripe); the API key is another",
        ),
        (
            reconcile_with("").replace(api_key, ""),
            "line 3: in [sources.stripe.reconcile]: `secret` is missing: the name of the secret \
             that holds the API key",
        ),
        (
            reconcile_with("base_url = \"http://api.example.com\""),
            "line 6: in [sources.stripe.reconcile]: `base_url` must begin with https://: the API \
             key is sent there",
        ),
        (
            reconcile_with("base_url = \"https://api.example.com/?v=1\""),
            "line 6: in [sources.stripe.reconcile]: `base_url` must not contain a query",
        ),
        (
            reconcile_with("").replace("provider = \"stripe\"", "provider = \"github\""),
            "line 3: in [sources.stripe.reconcile]: provider \"github\" has no list of its events \
             to reconcile with",
        ),
    ] {
        assert_eq!(problems(&text), expected);
    }
}

#[test]
fn destinations_that_no_delivery_could_reach_are_refused() {
    for (lines, expected) in [
        (
            "url = \"https://10.0.0.1/\"",
            "`url` leads to the private address 10.0.0.1, which `allow_private` does not list",
        ),
        (
            "url = \"http://192.0.2.1/\"\nallow_private = [\"10.0.0.0/8\"]",
            "`url` must begin with https:// outside of the networks in `allow_private`",
        ),
        (
            "url = \"http://169.254.169.254/latest\"\nallow_private = [\"10.0.0.0/8\"]",
            "`url` leads to an address where a cloud hands out credentials",
        ),
        (
            "url = \"http://[::ffff:169.254.169.254]/latest\"",
            "`url` leads to an address where a cloud hands out credentials",
        ),
        ("url = \"https://a b\"", "`url` must be ASCII without blanks (encode other characters)"),
    ] {
        let expected = format!("line 3: in [destinations.billing]: {expected}");
        assert_eq!(problems(&destination_with(lines)), expected);
    }
    for (lines, expected) in [
        ("[\"0.0.0.0/0\"]", "`allow_private` lists 0.0.0.0/0, which is not private as a whole"),
        (
            "[\"10.0.0.1/8\"]",
            "`allow_private` must list networks like \"10.0.0.0/8\", not \"10.0.0.1/8\"",
        ),
    ] {
        let text = destination_with(&format!("url = \"https://a\"\nallow_private = {lines}"));
        assert_eq!(problems(&text), format!("line 4: in [destinations.billing]: {expected}"));
    }
}

#[test]
fn queues() {
    let with = |url: &str| format!("[destinations.q]\nkind = \"sqs\"\nqueue_url = \"{url}\"\n");
    let _ = configuration(&with("http://localhost:4566/000000000000/q"));
    for (url, expected) in [
        ("http://sqs.eu-west-1.amazonaws.com/1/q", "must begin with https://"),
        (
            "https://sqs.eu-west-1.amazonaws.com/q",
            "must be the URL of a queue: https://sqs.<region>.amazonaws.com/<account>/<name>",
        ),
    ] {
        let expected = format!("line 3: in [destinations.q]: `queue_url` {expected}");
        assert_eq!(problems(&with(url)), expected);
    }
}

#[test]
fn retries_that_contradict_themselves() {
    for (retry, expected) in [
        ("first = \"500ms\"", "`first` (500ms) must be at least 1s"),
        ("cap = \"2d\"", "`cap` (2d) must be at most 1d"),
    ] {
        let text = destination_with(&format!("url = \"https://a\"\nretry = {{ {retry} }}"));
        let expected = format!("line 4: in [destinations.billing.retry]: {expected}");
        assert_eq!(problems(&text), expected);
    }
    let text = destination_with("url = \"https://a\"\nretry = { first = \"8h\" }");
    let retry = configuration(&text).destination("billing").unwrap().retry;
    assert_eq!(retry.cap, Span::from_mins(8 * 60), "the cap follows a longer first wait");
    let even = destination_with("url = \"https://a\"\nretry = { first = \"1m\", cap = \"1m\" }");
    let retry = configuration(&even).destination("billing").unwrap().retry;
    assert_eq!((retry.first, retry.cap), (Span::from_mins(1), Span::from_mins(1)));
}

#[test]
fn no_secret_is_ever_repeated() {
    for secret in [
        "whsec_VERYSECRET",
        "sk_live_VERYSECRET",
        "VERY SECRET",
        "0123456789abcdef0123456789ABCDEF",
    ] {
        for text in [
            source_with(&format!("secret = \"{secret}\"")),
            reconcile_with("").replace("stripe_api_key", secret),
            destination_with(&format!("url = \"https://a\"\nsecret = \"{secret}\"")),
            destination_with(&format!("url = \"https://user:{secret}@a.example/\"")),
        ] {
            let shown = problems(&text);
            assert!(!shown.contains(secret), "{shown}");
        }
    }
    assert_eq!(
        problems(&source_with("secret = \"a b\"")),
        "line 3: in [sources.stripe]: `secret` must be a name of 1 to 64 characters of A-Z, a-z, 0-9, \
         `.`, `-`, `_`"
    );
    assert_eq!(
        problems(&source_with("secret = \"whsec_x\"")),
        "line 3: in [sources.stripe]: `secret` looks like a secret itself: write its name here and \
         the secret into the stack's secret store, and revoke it if this file was ever shared"
    );
}

#[test]
fn loose_ends_are_warned_of() {
    assert_eq!(warnings(""), ["line 1: there are no sources: every request is refused"]);
    let text = "[sources.stripe]\nprovider = \"stripe\"\n[destinations.billing]\nkind = \"http\"\n\
                url = \"https://a\"\n";
    assert_eq!(
        warnings(text),
        [
            "line 1: no route takes events from source `stripe`: they are stored, and end as \
             PROCESSED with outcome `unrouted`",
            "line 3: no route leads to destination `billing`",
        ]
    );
}

#[test]
fn a_destination_on_the_same_machine_is_warned_of_only_where_it_is_deployed() {
    let text = CONNECTED.replace("https://billing.example.com", "http://127.0.0.1:8788");
    let text = text.replace("kind =", "allow_private = [\"127.0.0.0/8\"]\nkind =");
    assert_eq!(warnings(&text), Vec::<String>::new());
    let deployed: Vec<String> =
        configuration(&text).deployment_warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        deployed,
        ["line 3: destination `billing` is this machine: right for `holdfast dev`, but in AWS \
          nobody listens there"]
    );
    assert_eq!(configuration(CONNECTED).deployment_warnings(), []);
}

#[test]
fn routes_that_hide_each_other_are_warned_of() {
    let route = |kinds: &str, to: &str| {
        format!("[[routes]]\nfrom = \"stripe\"\nkinds = {kinds}\nto = \"{to}\"\n")
    };
    let with = |routes: &[String]| {
        let second = "[destinations.audit]\nkind = \"http\"\nurl = \"https://b\"\n";
        let first = CONNECTED.split("[[routes]]").next().unwrap_or_default();
        warnings(&format!("{first}{second}{}", routes.concat()))
    };
    assert_eq!(
        with(&[route("\"invoice.*\"", "billing"), route("\"*.paid\"", "audit")]),
        ["line 13: `*.paid` overlaps with `invoice.*` of the route on line 9: what matches both \
          goes to `billing` only, the first in the file wins"]
    );
    assert_eq!(
        with(&[route("\"invoice.*\"", "billing"), route("[\"invoice.paid\", \"x\"]", "audit")]),
        [
            "line 13: `invoice.paid` never gets here: the route on line 9 takes it first, to `billing`"
        ]
    );
    assert_eq!(
        with(&[route("\"*\"", "billing"), route("\"x\"", "audit")]),
        [
            "line 13: `x` never gets here: the route on line 9 takes it first, to `billing`",
            "line 13: this route is unreachable: earlier routes take all of its kinds",
        ]
    );
    let same =
        with(&[route("\"a*\"", "billing"), route("\"*b\"", "billing"), route("\"c\"", "audit")]);
    assert_eq!(same, Vec::<String>::new(), "overlaps that change nothing are nobody's business");
}

#[test]
fn missing_secrets_are_listed_with_their_lines() {
    let text = format!("{CONNECTED}[sources.stripe.reconcile]\nevery = \"5m\"\nsecret = \"key\"\n");
    let configuration = configuration(&text);
    let missing = |known: &[&str]| {
        let problems = configuration.missing_secrets(|name| known.contains(&name.as_str()));
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        missing(&[]),
        [
            "line 1: there is no secret `key` (API key to reconcile source `stripe`)",
            "line 1: there is no secret `stripe` (verifies source `stripe`)",
            "line 3: there is no secret `destinations.billing` (signs what goes to destination \
             `billing`)",
        ]
    );
    assert_eq!(missing(&["key", "stripe", "destinations.billing"]), Vec::<String>::new());
}

#[test]
fn a_provider_may_be_defined_in_the_file() {
    let text = r#"
        [providers.acme]
        scheme = { header = "X-Sig", algorithm = "sha256", encoding = "hex", content = "{body}" }
        event = { each = "/events", key = "/id" }
        [sources.one]
        provider = "acme"
        [sources.two]
        provider = "acme"
    "#;
    let configuration = Configuration::read(text, &Providers).expect("sound");
    for name in ["one", "two"] {
        let source = configuration.source(name).expect("a source");
        assert_eq!((source.provider.name(), source.provider.sends_lists()), ("acme", true));
        assert_eq!(source.provider.title(), "acme");
    }
    let titled = text.replace("scheme =", "title = \"Acme Corp\"\nscheme =");
    let configuration = Configuration::read(&titled, &Providers).expect("sound");
    assert_eq!(configuration.source("one").expect("a source").provider.title(), "Acme Corp");
}

#[test]
fn a_provider_of_the_file_has_a_name_and_a_definition_of_its_own() {
    let text =
        "[providers.stripe]\nscheme = 1\n[providers.acme]\n[sources.a]\nprovider = \"acme\"\n";
    let found = Configuration::read(text, &Providers).expect_err("problems").to_string();
    assert!(found.contains("there is a provider `stripe`"), "{found}");
    assert!(found.contains("in [providers.acme]: `scheme` is missing"), "{found}");
    assert!(!found.contains("sources.a"), "{found}");
}

#[test]
fn a_token_of_handshakes_is_for_providers_that_send_one() {
    assert_eq!(
        problems(&source_with("verify_token = \"stripe_token\"")),
        "line 3: in [sources.stripe]: `verify_token` is for providers that send one at a handshake"
    );
}

#[test]
fn what_is_signed_for_anybody_needs_to_be_said_whose_it_is() {
    let only = |written: &str| {
        format!(
            "[providers.acme]\nneeds_only = [\"/to\", \"/for\"]\n[providers.acme.scheme]\n\
             header = \"S\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\ncontent = \"{{body}}\"\n\
             [sources.a]\nprovider = \"acme\"\n{written}"
        )
    };
    let _ = configuration(&only("only = { \"/to\" = \"x\", \"/for\" = [\"y\", \"z\"] }\n"));
    let missing = |place: &str| {
        format!(
            "line 8: in [sources.a]: `only` is missing: \"acme\" signs for anybody, so say which \
             are yours, as in only = {{ \"{place}\" = [\"…\"] }}"
        )
    };
    assert_eq!(problems(&only("only = { \"/to\" = \"x\" }\n")), missing("/for"));
    assert_eq!(problems(&only("")), format!("{}\n{}", missing("/for"), missing("/to")));
}

#[test]
fn what_was_read_can_be_listed() {
    let configuration = configuration(CONNECTED);
    let destinations: Vec<&str> =
        configuration.destinations().map(|destination| destination.name.as_str()).collect();
    let secrets: Vec<&str> = configuration.secrets().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(destinations, ["billing"]);
    assert_eq!(secrets, ["stripe", "destinations.billing"]);
    assert_eq!(configuration.routes().len(), 1);
}

#[test]
fn a_token_of_handshakes_is_a_secret_like_others() {
    let configuration = configuration(
        "[providers.acme.scheme]\nheader = \"S\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\n\
         content = \"{body}\"\n[[providers.acme.handshakes]]\nmethod = \"GET\"\nsigned = false\n\
         when = \"query:mode\"\ntoken = \"query:token\"\nbody = \"query:challenge\"\n\
         [sources.a]\nprovider = \"acme\"\nverify_token = \"a_token\"\n",
    );
    let missing = configuration.missing_secrets(|name| name.as_str() == "a");
    let told: Vec<String> = missing.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 12: there is no secret `a_token` (handshakes of source `a`)"]);
}
