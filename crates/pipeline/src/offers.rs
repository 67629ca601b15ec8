//! Secrets that providers offer at a handshake (Asana, Notion), kept until an operator has looked.
//!
//! Such a request is not signed, so anybody may send one. What it offers is therefore only kept,
//! while the source has no secret at all, and never used: an operator compares it with what the
//! provider shows, and puts it into the stack's secret. At most ten are kept, for a day; after that
//! handshakes are no longer answered. A value is never logged.
//!
//! All offers to a source are one document, which the store deletes by itself when the newest is a
//! day old. A new offer drops from it what is older than that: none lies there for two days, and for
//! as long as the store takes.

use crate::ports::{DocumentStore, Error, Ports, Result};
use holdfast_domain::secret::Secret;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// How many are kept.
const MOST: usize = 10;

/// For how long.
const KEPT_FOR: Span = Span::from_days(1);

/// What was offered, and when.
#[derive(Clone, Debug)]
pub struct Offer {
    /// When it was offered last.
    pub at: Timestamp,
    /// The secret.
    pub secret: Secret,
}

/// As it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    at_millis: i64,
    secret: String,
}

/// Keeps an offer. Answers whether there was room for it.
///
/// # Errors
/// When it cannot be written, or others keep writing at the same time.
pub async fn keep<P: Ports>(ports: &P, source: &SourceName, secret: &Secret) -> Result<bool> {
    let now = ports.now();
    for _ in 0..5 {
        let (mut offers, revision) = load(ports, source).await?;
        offers.retain(|one| !one.secret.matches(secret.expose().as_bytes()));
        if offers.len() >= MOST {
            return Ok(false);
        }
        offers.push(Offer { at: now, secret: secret.clone() });
        if save(ports, source, &offers, revision).await? {
            return Ok(true);
        }
    }
    Err(Error::new("keep an offered secret", "others keep writing"))
}

/// What was offered to a source within a day, the oldest first.
///
/// # Errors
/// When it cannot be read.
pub async fn list<P: Ports>(ports: &P, source: &SourceName) -> Result<Vec<Offer>> {
    Ok(load(ports, source).await?.0)
}

/// Forgets what was offered to a source. Answers how many there were.
///
/// # Errors
/// When it cannot be written, or others keep writing at the same time.
pub async fn forget<P: Ports>(ports: &P, source: &SourceName) -> Result<usize> {
    for _ in 0..5 {
        let (offers, revision) = load(ports, source).await?;
        if revision == 0 || save(ports, source, &[], revision).await? {
            return Ok(offers.len());
        }
    }
    Err(Error::new("forget offered secrets", "others keep writing"))
}

async fn load<P: Ports>(ports: &P, source: &SourceName) -> Result<(Vec<Offer>, u64)> {
    let document = ports.documents().load(&name(source)).await?;
    if document.json.is_empty() {
        return Ok((Vec::new(), document.revision));
    }
    // The cause of a failure may quote the text, and so a secret.
    let stored: Vec<Stored> = serde_json::from_str(&document.json)
        .map_err(|_| Error::new("read offered secrets", "they are stored in another form"))?;
    let after = ports.now().minus(KEPT_FOR);
    let offers = stored
        .into_iter()
        .map(|one| Offer {
            at: Timestamp::from_millis(one.at_millis),
            secret: Secret::new(one.secret),
        })
        .filter(|one| one.at > after);
    Ok((offers.collect(), document.revision))
}

async fn save<P: Ports>(
    ports: &P,
    source: &SourceName,
    offers: &[Offer],
    revision: u64,
) -> Result<bool> {
    let stored: Vec<Stored> = offers
        .iter()
        .map(|one| Stored { at_millis: one.at.millis(), secret: one.secret.expose().to_owned() })
        .collect();
    let json = serde_json::to_string(&stored)
        .map_err(|error| Error::new("write offered secrets", error))?;
    let newest = offers.iter().map(|one| one.at).max();
    let kept_until = newest.map_or(ports.now(), |at| at.plus(KEPT_FOR));
    ports.documents().save_until(&name(source), &json, revision, kept_until).await
}

fn name(source: &SourceName) -> String {
    format!("offers#{source}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::KeptFacts;
    use crate::memory::{Memory, QueueSettings, SeededRandom, SetClock};
    use crate::ports::Document;
    use std::sync::Arc;

    fn desk() -> (Arc<SetClock>, Memory, SourceName) {
        let clock = Arc::new(SetClock::at(Timestamp::from_secs(1_800_000_000)));
        let (random, facts) = (Box::new(SeededRandom::new(1)), Arc::new(KeptFacts::default()));
        let ports = Memory::new(clock.clone(), random, facts, QueueSettings::default());
        (clock, ports, SourceName::new("notion").expect("a name"))
    }

    async fn texts(ports: &Memory, source: &SourceName) -> Vec<String> {
        let offers = list(ports, source).await.expect("read");
        offers.iter().map(|one| one.secret.expose().to_owned()).collect()
    }

    #[tokio::test]
    async fn offers_are_kept_for_a_day_and_forgotten_on_demand() {
        let (clock, ports, source) = desk();
        for text in ["a", "b", "a"] {
            assert!(keep(&ports, &source, &Secret::new(text)).await.expect("written"));
            clock.advance(Span::from_secs(60));
        }
        assert_eq!(texts(&ports, &source).await, ["b", "a"]);
        clock.advance(Span::from_days(1).minus(Span::from_secs(120)));
        assert_eq!(texts(&ports, &source).await, ["a"]);
        assert_eq!(forget(&ports, &source).await.expect("written"), 1);
        assert!(texts(&ports, &source).await.is_empty());
    }

    #[tokio::test]
    async fn what_is_offered_to_one_source_is_no_others() {
        let (_, ports, source) = desk();
        let other = SourceName::new("asana").expect("a name");
        assert!(keep(&ports, &source, &Secret::new("a")).await.expect("written"));
        assert!(texts(&ports, &other).await.is_empty());
        assert_eq!(forget(&ports, &other).await.expect("nothing to forget"), 0);
        assert_eq!(texts(&ports, &source).await, ["a"]);
        let stored = ports.documents.load("offers#notion").await.expect("read");
        assert!(stored.json.contains("\"a\""), "where a later version will look for it");
    }

    #[tokio::test]
    async fn a_day_after_the_last_offer_none_is_stored() {
        let (clock, ports, source) = desk();
        let stored = async || ports.documents.load(&name(&source)).await.expect("read");
        for text in ["a", "b"] {
            assert!(keep(&ports, &source, &Secret::new(text)).await.expect("written"));
            clock.advance(Span::from_mins(23 * 60));
        }
        ports.documents.expire(ports.now());
        assert!(stored().await.json.contains('b'), "it is an hour short of a day old");
        clock.advance(Span::from_mins(2 * 60));
        ports.documents.expire(ports.now());
        assert_eq!(stored().await, Document::default());
        assert!(keep(&ports, &source, &Secret::new("c")).await.expect("written"));
        assert_eq!(texts(&ports, &source).await, ["c"]);
        forget(&ports, &source).await.expect("written");
        ports.documents.expire(ports.now());
        assert_eq!(stored().await, Document::default(), "nothing is left to be kept");
    }

    #[tokio::test]
    async fn strangers_cannot_fill_the_table() {
        let (_, ports, source) = desk();
        for number in 0..MOST {
            assert!(keep(&ports, &source, &Secret::new(number.to_string())).await.expect("kept"));
        }
        assert!(!keep(&ports, &source, &Secret::new("more")).await.expect("answered"));
        assert!(keep(&ports, &source, &Secret::new("3")).await.expect("known before"));
        assert_eq!(texts(&ports, &source).await.len(), MOST);
    }

    #[test]
    fn an_offer_is_not_shown() {
        let offer = Offer { at: Timestamp::EPOCH, secret: Secret::new("hunter2") };
        assert!(!format!("{offer:?}").contains("hunter2"));
    }
}
