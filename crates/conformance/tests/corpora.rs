//! The corpora of conformance vectors through the receiver's handler, as `holdfast verify --vectors`
//! runs them: by our definitions, with identity, and by the rows' own descriptions of their schemes.
#![allow(clippy::expect_used, reason = "a test")]

use holdfast_conformance::Outcome;
use holdfast_domain::configuration::Glob;
use std::fs;
use std::path::Path;

/// Every corpus in the repository; the public one alone for the generic provider.
fn corpora(generic: bool) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers/vectors");
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let jsonl = files.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    // Our own corpus describes schemes that neutral words tell only in part.
    let jsonl = jsonl.filter(|path| !generic || path.ends_with("public.jsonl"));
    jsonl.map(|path| fs::read_to_string(path).expect("text")).collect()
}

async fn outcome(generic: bool) -> Outcome {
    let mut outcome = Outcome::default();
    for corpus in corpora(generic) {
        outcome.add(&corpus, generic).await;
    }
    outcome
}

#[tokio::test]
async fn every_scored_row_is_answered_right_by_our_definitions() {
    let outcome = outcome(false).await;
    let scored: usize = outcome.tallies().values().map(|tally| tally.scored).sum();
    assert!(scored >= 910, "only {scored} scored rows");
    assert_eq!(outcome.wrong().collect::<Vec<_>>(), [""; 0]);
}

/// Rows that may be judged either way, and that we judge the other way, are explained.
#[tokio::test]
async fn whatever_we_answer_otherwise_is_explained() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers/vectors/debatable.json");
    let text = fs::read_to_string(path).expect("text");
    let entries: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let globs: Vec<&str> = entries
        .iter()
        .flat_map(|entry| entry["rows"].as_array().expect("rows"))
        .map(|row| row.as_str().expect("a text"))
        .collect();
    let outcome = outcome(false).await;
    let rows: Vec<&str> = outcome
        .tallies()
        .values()
        .flat_map(|tally| &tally.otherwise)
        .map(|row| row.split(':').next().unwrap_or_default())
        .collect();
    let explains = |glob: &str, row: &str| Glob::new(glob).matches(row);
    let unexplained: Vec<_> =
        rows.iter().filter(|row| !globs.iter().any(|glob| explains(glob, row))).collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    let idle: Vec<_> =
        globs.iter().filter(|glob| !rows.iter().any(|row| explains(glob, row))).collect();
    assert!(idle.is_empty(), "explained, but answered as proposed: {idle:#?}");
}

/// As a user of `provider = "hmac"` would describe them; identity is not told in neutral words.
#[tokio::test]
async fn every_scored_row_that_the_generic_provider_can_express_is_answered_right() {
    let outcome = outcome(true).await;
    let expressed = outcome.tallies().len();
    assert!(expressed >= 30, "only {expressed} providers were expressible");
    // The scheme of this one row names the algorithm that nobody announced.
    let contradicts = |one: &&String| one.starts_with("public-twilio-sha256_without_settings");
    let wrong: Vec<&String> = outcome.wrong().filter(|one| !contradicts(one)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A corpus may call a provider by a name that we have never heard: the header that its signature
/// stands in often bears the one that we know.
#[tokio::test]
async fn a_provider_by_another_name_is_known_by_its_header() {
    let mut outcome = Outcome::default();
    for corpus in corpora(true) {
        let renamed: Vec<String> = corpus
            .lines()
            .filter(|line| {
                line.contains("\"provider\": \"twitch\"")
                    || line.contains("\"provider\":\"twitch\"")
            })
            .map(|line| line.replacen("\"twitch\"", "\"purple_stream\"", 1))
            .collect();
        outcome.add(&renamed.join("\n"), false).await;
    }
    let tally = outcome.tallies().get("purple_stream").expect("rows");
    assert!(tally.scored > 20 && tally.unidentified == 0, "{tally:?}");
    assert_eq!(tally.wrong, Vec::<String>::new());
}
