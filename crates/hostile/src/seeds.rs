//! Where fuzzers and tests start: the requests of both corpora and what the repository has besides.

use crate::pieces;
use holdfast_providers::vectors::{Row, read};
use holdfast_receiver::event::http_api_event;

const PUBLIC: &str = include_str!("../../providers/vectors/public.jsonl");
const OWN: &str = include_str!("../../providers/vectors/own.jsonl");
const CONFIGURATION: &str = include_str!("../../../holdfast.toml");

const MOMENTS: [&str; 10] = [
    "1780286655",
    "1780286655123",
    "-9223372036854775808",
    "9223372036854775807",
    "2026-06-01T03:24:15Z",
    "2026-06-01T03:24:15.123456789+05:30",
    "9999-12-31T23:59:60Z",
    "0000-01-01T00:00:00-23:59",
    "2026-02-29T24:00:00Z",
    "1780286655.5",
];

const PAGES: [&str; 4] = [
    r#"{"object":"list","data":[{"id":"evt_1","created":1780286655,"type":"a"}],"has_more":true}"#,
    r#"{"object":"list","data":[],"has_more":false}"#,
    r#"[{"id":1,"guid":"g","delivered_at":"2026-06-01T03:24:15Z","redelivery":false}]"#,
    r#"{"data":[{"id":null},{"created":"x"},7,null]}"#,
];

const TICKETS: [&str; 3] = [
    r##"{"v":1,"pk":"E#stripe#evt_1","source":"stripe","kind":"charge","sent_at":1780286655123}"##,
    r##"{"v":2,"pk":"E#stripe#evt_1","source":"stripe"}"##,
    "{}",
];

fn rows() -> impl Iterator<Item = Row> {
    // A corpus that cannot be read fails the tests of the providers.
    [PUBLIC, OWN].into_iter().flat_map(|text| read(text).unwrap_or_default())
}

/// The corpus as Lambda delivers it.
pub(crate) fn events() -> Vec<Vec<u8>> {
    let inbound = rows().filter_map(|row| row.inbound());
    inbound.map(|inbound| http_api_event(&inbound).into_bytes()).collect()
}

/// The corpus as [`pieces`] writes it, each request to the source that it was made for.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let named = rows().filter_map(|row| Some((row.provider.replace('_', "-"), row.inbound()?)));
    named.map(|(name, inbound)| pieces::written(&name, &inbound)).collect()
}

/// The bodies of the corpus.
pub(crate) fn bodies() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> =
        rows().filter_map(|row| Some(row.inbound()?.body.to_vec())).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Timestamps, ordinary and not.
pub(crate) fn moments() -> Vec<Vec<u8>> {
    owned(&MOMENTS)
}

/// Lists as the polled APIs answer with.
pub(crate) fn pages() -> Vec<Vec<u8>> {
    owned(&PAGES)
}

/// Tickets, and what is none.
pub(crate) fn tickets() -> Vec<Vec<u8>> {
    owned(&TICKETS)
}

/// The repository's configuration.
pub(crate) fn configurations() -> Vec<Vec<u8>> {
    owned(&[CONFIGURATION])
}

fn owned(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
