//! The public corpus: every row that a definition of ours, or the generic scheme, can judge.
#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test that reports")]

use holdfast_domain::provider::{Provider, Terms};
use holdfast_domain::signature::verify;
use holdfast_providers::vectors::{Answer, Row, Seen, read};
use std::collections::BTreeMap;

const CORPUS: &str = include_str!("../vectors/public.jsonl");

fn answer(row: &Row, provider: &Provider, with_identity: bool) -> Answer {
    let inbound = row.inbound().expect("the event has the shape of payload format 2.0");
    let (secrets, verify_tokens) = (row.secrets(), row.verify_tokens());
    let allowed_origins = row.allowed_origins();
    let terms = Terms { secrets: &secrets, verify_tokens: &verify_tokens, allowed_origins };
    if let Some(reply) = provider.greet(&inbound, &terms) {
        return Answer::Replied(reply);
    }
    match verify(provider, &inbound, &secrets, row.now()) {
        Err(_) => Answer::Refused(401),
        Ok(verified) => match verified.handshake() {
            Some(reply) => Answer::Replied(reply),
            None => {
                let events = verified.contents(row.now(), usize::MAX).events;
                let seen = || events.iter().map(|found| &found.identity).collect::<Seen>();
                // A list without events is acknowledged, and there is nothing to identify.
                Answer::Accepted((with_identity && !events.is_empty()).then(seen))
            }
        },
    }
}

#[derive(Default)]
struct Tally {
    scored: usize,
    debatable: usize,
    mismatches: Vec<String>,
    debated: Vec<String>,
}

impl Tally {
    fn count(&mut self, row: &Row, answer: &Answer) {
        let judged = row.judge(answer).map_err(|why| format!("{}: {why} ({})", row.id, row.why));
        if row.debatable {
            self.debatable += 1;
            self.debated.extend(judged.err());
        } else {
            self.scored += 1;
            self.mismatches.extend(judged.err());
        }
    }
}

fn report(title: &str, tallies: &BTreeMap<String, Tally>) {
    println!("{title}");
    for (provider, tally) in tallies {
        println!(
            "  {provider:24} {:4} scored, {} wrong; {:3} debatable, {} otherwise",
            tally.scored,
            tally.mismatches.len(),
            tally.debatable,
            tally.debated.len()
        );
        tally.mismatches.iter().for_each(|one| println!("    WRONG {one}"));
        tally.debated.iter().for_each(|one| println!("    debatable {one}"));
    }
}

fn rows() -> Vec<Row> {
    read(CORPUS).unwrap_or_else(|(line, error)| panic!("line {line}: {error}"))
}

#[test]
fn our_definitions_judge_every_scored_row_right() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for row in rows() {
        let name = row.provider_name();
        if holdfast_providers::find(&name).is_ok() {
            let provider = row.provider().expect("defined");
            tallies.entry(name).or_default().count(&row, &answer(&row, &provider, true));
        }
    }
    report("by definition", &tallies);
    let scored: usize = tallies.values().map(|tally| tally.scored).sum();
    assert!(scored >= 850, "only {scored} scored rows");
    let wrong: Vec<&String> = tallies.values().flat_map(|tally| &tally.mismatches).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_generic_scheme_judges_every_scored_row_that_it_can_express_right() {
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    let mut inexpressible: BTreeMap<String, String> = BTreeMap::new();
    for row in rows() {
        match row.generic_provider() {
            Ok(provider) => {
                let name = row.provider.clone();
                tallies.entry(name).or_default().count(&row, &answer(&row, &provider, false));
            }
            Err(why) => {
                inexpressible.insert(row.provider.clone(), why);
            }
        }
    }
    report("by the generic scheme", &tallies);
    println!("not expressible (some or all rows):");
    inexpressible.iter().for_each(|(name, why)| println!("  {name}: {why}"));
    assert!(tallies.len() >= 25, "only {} providers were expressible", tallies.len());
    let wrong: Vec<&String> = tallies.values().flat_map(|tally| &tally.mismatches).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
