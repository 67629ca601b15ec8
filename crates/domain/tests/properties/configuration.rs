//! Configurations: what is written is what is meant, and no text breaks the reading of it.

use super::config;
use holdfast_domain::configuration::{Catalogue, Configuration, Glob, Network, Target};
use holdfast_domain::identity::Kind;
use holdfast_domain::provider::Provider;
use holdfast_domain::reading::parse_span;
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Span;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

struct OneProvider;

impl Catalogue for OneProvider {
    fn names(&self) -> Vec<&str> {
        vec!["acme"]
    }

    fn find(&self, name: &str) -> Option<Arc<Provider>> {
        (name == "acme").then(|| {
            let text = "name = \"acme\"\ntitle = \"Acme\"\ndedupe_days = 90\n[scheme]\n\
                        header = \"X-Signature\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\n\
                        content = \"{body}\"\n";
            Arc::new(Provider::from_toml(text).expect("a provider"))
        })
    }
}

/// What is to be written, and read again.
#[derive(Clone, Debug)]
struct Meant {
    sources: Vec<(String, u32, bool)>,
    destinations: Vec<(String, u32, Policy)>,
    routes: Vec<(usize, usize, Vec<String>)>,
    body_days: Option<u32>,
}

fn meant() -> impl Strategy<Value = Meant> {
    let names = || btree_set("[a-z0-9_-]{1,40}", 1..4).prop_map(Vec::from_iter);
    let days_and_replay = || vec((30..3651_u32, any::<bool>()), 3);
    let calls = || vec((1..601_u32, policies()), 3);
    let routes = vec((0..3_usize, 0..3_usize, vec("[a-z.*]{1,8}", 1..3)), 0..4);
    (names(), days_and_replay(), names(), calls(), routes, proptest::option::of(30..61_u32))
        .prop_map(|(sources, terms, destinations, calls, routes, body_days)| {
            let routes = routes
                .into_iter()
                .map(|(from, to, kinds)| (from % sources.len(), to % destinations.len(), kinds));
            let routes = routes.collect();
            let sources = sources.into_iter().zip(terms).map(|(name, (days, on))| (name, days, on));
            let destinations = destinations
                .into_iter()
                .zip(calls)
                .map(|(name, (secs, retry))| (name, secs, retry));
            Meant {
                sources: sources.collect(),
                destinations: destinations.collect(),
                routes,
                body_days,
            }
        })
}

fn policies() -> impl Strategy<Value = Policy> {
    (1..101_u32, 1000..86_400_000_u64, 1..101_u32, 0..86_400_000_u64).prop_map(
        |(attempts, first, factor, more)| Policy {
            attempts,
            first: Span::from_millis(first),
            factor,
            cap: Span::from_millis((first + more).min(86_400_000)),
        },
    )
}

fn document(meant: &Meant) -> String {
    let mut text = String::new();
    for (name, days, replay) in &meant.sources {
        writeln!(text, "[sources.{name}]\nprovider = \"acme\"\ndedupe_days = {days}")
            .expect("text");
        writeln!(text, "replay_dead = {replay}").expect("text");
    }
    for (name, secs, retry) in &meant.destinations {
        writeln!(text, "[destinations.{name}]\nkind = \"http\"\ntimeout_secs = {secs}")
            .expect("text");
        writeln!(text, "url = \"https://{name}.example.com/\"").expect("text");
        let (attempts, factor) = (retry.attempts, retry.factor);
        let (first, cap) = (retry.first.millis(), retry.cap.millis());
        writeln!(text, "retry = {{ attempts = {attempts}, first = \"{first}ms\", factor = {factor}, cap = \"{cap}ms\" }}")
            .expect("text");
    }
    for (from, to, kinds) in &meant.routes {
        let (from, to) = (&meant.sources[*from].0, &meant.destinations[*to].0);
        writeln!(text, "[[routes]]\nfrom = \"{from}\"\nto = \"{to}\"\nkinds = {kinds:?}")
            .expect("text");
    }
    if let Some(days) = meant.body_days {
        writeln!(text, "[retention]\nbody_days = {days}").expect("text");
    }
    text
}

/// Whether a pattern takes a text, by its definition.
fn takes(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => (0..=text.len()).any(|at| takes(rest, &text[at..])),
        [wanted, rest @ ..] => text.first() == Some(wanted) && takes(rest, &text[1..]),
    }
}

/// The first address of the network that an address lies in.
fn first_of(address: IpAddr, prefix: u8) -> IpAddr {
    let behind = |width: u32| width.saturating_sub(u32::from(prefix));
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(behind(32)).unwrap_or(0);
            IpAddr::V4((u32::from(four) & mask).into())
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(behind(128)).unwrap_or(0);
            IpAddr::V6((u128::from(six) & mask).into())
        }
    }
}

fn chars(text: &str) -> Vec<char> {
    text.chars().collect()
}

proptest! {
    #![proptest_config(config(150))]

    #[test]
    fn what_is_written_is_what_is_meant(meant in meant(), kind in "[a-z.]{0,8}") {
        let text = document(&meant);
        let read = match Configuration::read(&text, &OneProvider) {
            Ok(read) => read,
            Err(problems) => panic!("{problems}\n{text}"),
        };
        prop_assert_eq!(read.sources().count(), meant.sources.len());
        for (name, days, replay) in &meant.sources {
            let source = read.source(name).expect("it was written");
            prop_assert_eq!(source.dedupe_window, Span::from_days(u64::from(*days)));
            prop_assert_eq!(read.dedupe_window(name), source.dedupe_window);
            prop_assert_eq!(source.replay_dead, *replay);
            prop_assert_eq!(source.secret.as_str(), name);
        }
        for (name, secs, retry) in &meant.destinations {
            let destination = read.destination(name).expect("it was written");
            prop_assert_eq!(destination.retry, *retry);
            prop_assert_eq!(destination.timeout(), Span::from_secs(u64::from(*secs)));
            let Target::Http(http) = &destination.target else { panic!("{destination:?}") };
            prop_assert_eq!(http.secret.as_str(), format!("destinations.{name}"));
        }
        let days = u64::from(meant.body_days.unwrap_or(60));
        prop_assert_eq!(read.body_kept(), Span::from_days(days));
        for (from, (name, ..)) in meant.sources.iter().enumerate() {
            let first = meant.routes.iter().find(|(of, _, kinds)| {
                *of == from && kinds.iter().any(|glob| takes(&chars(glob), &chars(&kind)))
            });
            let wanted = first.map(|(_, to, _)| meant.destinations[*to].0.as_str());
            let source = SourceName::new(name.as_str()).expect("a name");
            let found = read.route(&source, &Kind::new(&kind)).map(|to| to.name.as_str());
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn a_damaged_document_is_read_or_its_problems_have_lines(
        meant in meant(),
        at in any::<proptest::sample::Index>(),
        damage in prop_oneof!["[\\[\\]\"={},.0-9a-z\n]{0,3}", any::<String>()],
    ) {
        let mut text = chars(&document(&meant));
        let at = at.index(text.len());
        text.splice(at..=at, damage.chars());
        let text: String = text.into_iter().collect();
        if let Err(problems) = Configuration::read(&text, &OneProvider) {
            let lines = text.lines().count().max(1);
            for problem in problems.iter() {
                prop_assert!((1..=lines).contains(&problem.line), "{} of {}", problem, lines);
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Configuration::read(&text, &OneProvider);
    }

    #[test]
    fn a_time_is_read_as_in_wide_numbers(
        number in prop_oneof![any::<u64>(), 0..100_000_u64],
        (unit, each) in proptest::sample::select(vec![
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000_u128),
        ]),
    ) {
        let wanted = u64::try_from(u128::from(number) * each).ok().map(Span::from_millis);
        prop_assert_eq!(parse_span(&format!("{number}{unit}")), wanted);
    }

    #[test]
    fn a_pattern_takes_what_its_definition_says(pattern in "[ab*]{0,8}", kind in "[ab]{0,10}") {
        let wanted = takes(&chars(&pattern), &chars(&kind));
        prop_assert_eq!(Glob::new(pattern).matches(&kind), wanted);
    }

    #[test]
    fn a_network_holds_what_shares_its_bits(
        address: IpAddr,
        other: IpAddr,
        prefix in prop_oneof![0..130_u8, any::<u8>()],
        tidy: bool,
    ) {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(four) => u32::from(four).to_be_bytes().to_vec(),
            IpAddr::V6(six) => u128::from(six).to_be_bytes().to_vec(),
        };
        let bit = |address: IpAddr, nth: usize| {
            bits(address).get(nth / 8).is_some_and(|byte| byte & (128 >> (nth % 8)) != 0)
        };
        let kept = usize::from(prefix);
        let address = if tidy { first_of(address, prefix) } else { address };
        let width = bits(address).len() * 8;
        // An IPv4 address in IPv6's clothes is called by its own name, or it would hold nothing.
        let is_mapped = |address: IpAddr| address.to_canonical() != address;
        let is_tidy = kept <= width && (kept..width).all(|nth| !bit(address, nth)) && !is_mapped(address);
        let network = Network::parse(&format!("{address}/{prefix}"));
        prop_assert_eq!(network.is_some(), is_tidy);
        let single = Network::parse(&address.to_string());
        prop_assert_eq!(single.map(|single| single.contains(address)), (!is_mapped(address)).then_some(true));
        if let Some(network) = network {
            let other = other.to_canonical();
            let same = address.is_ipv4() == other.is_ipv4();
            let shares = same && (0..kept).all(|nth| bit(address, nth) == bit(other, nth));
            prop_assert_eq!(network.contains(other), shares);
        }
    }
}
