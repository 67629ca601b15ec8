//! The contract of a store of small documents: a revision per write, one winner per revision.

use super::TimeToLive;
use crate::builders::later;
use futures_util::future::join_all;
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{Document, DocumentStore};

/// Runs the suite, on names that begin with `S#contract`.
pub async fn documents(store: &impl DocumentStore, ttl: &impl TimeToLive) {
    what_was_never_written_is_empty(store).await;
    each_write_raises_the_revision(store).await;
    of_several_writers_one_wins(store).await;
    what_is_kept_for_a_while_is_deleted(store, ttl).await;
    the_last_write_says_how_long_it_is_kept(store, ttl).await;
}

async fn what_was_never_written_is_empty(store: &impl DocumentStore) {
    let name = "S#contract-never";
    assert_eq!(store.load(name).await.unwrap(), Document::default());
    assert!(!store.save(name, "{}", 1).await.unwrap(), "revision 1 was never there");
    assert_eq!(store.load(name).await.unwrap(), Document::default());
}

async fn each_write_raises_the_revision(store: &impl DocumentStore) {
    let name = "S#contract-revisions";
    let texts = [r#"{"a":1}"#.to_owned(), r#"{"ü":"\u0000"}"#.to_owned(), "x".repeat(100_000)];
    for (seen, json) in (0..).zip(texts) {
        assert!(store.save(name, &json, seen).await.unwrap());
        let written = Document { json, revision: seen + 1 };
        assert_eq!(store.load(name).await.unwrap(), written);
        for stale in [0, seen, seen + 2] {
            assert!(!store.save(name, "{}", stale).await.unwrap(), "{stale} is not {}", seen + 1);
        }
        assert_eq!(store.load(name).await.unwrap(), written);
    }
}

async fn of_several_writers_one_wins(store: &impl DocumentStore) {
    let name = "S#contract-race";
    for seen in 0..3 {
        let texts: Vec<String> = (0..16).map(|writer| format!("{{\"writer\":{writer}}}")).collect();
        let saves = texts.iter().map(|json| store.save(name, json, seen));
        let won: Vec<bool> = join_all(saves).await.into_iter().map(Result::unwrap).collect();
        let winner = won.iter().position(|won| *won).expect("one wins");
        assert_eq!(won.iter().filter(|won| **won).count(), 1);
        let written = Document { json: texts[winner].clone(), revision: seen + 1 };
        assert_eq!(store.load(name).await.unwrap(), written);
    }
}

async fn what_is_kept_for_a_while_is_deleted(store: &impl DocumentStore, ttl: &impl TimeToLive) {
    let (name, hour) = ("S#contract-expiry", Span::from_mins(60));
    for life in ["first", "second"] {
        assert!(store.save_until(name, life, 0, later(hour)).await.unwrap(), "{life}");
        assert!(!store.save_until(name, "{}", 0, later(hour)).await.unwrap(), "{life} is there");
        ttl.expire(later(hour.minus(Span::from_secs(1)))).await;
        let written = Document { json: life.to_owned(), revision: 1 };
        assert_eq!(store.load(name).await.unwrap(), written);
        ttl.expire(later(hour)).await;
        assert_eq!(store.load(name).await.unwrap(), Document::default(), "{life}");
        assert!(!store.save_until(name, "{}", 1, later(hour)).await.unwrap(), "{life} is gone");
    }
}

async fn the_last_write_says_how_long_it_is_kept(
    store: &impl DocumentStore,
    ttl: &impl TimeToLive,
) {
    let (name, day) = ("S#contract-lives", later(Span::from_days(1)));
    assert!(store.save_until(name, "{}", 0, day).await.unwrap());
    assert!(store.save(name, "{}", 1).await.unwrap());
    ttl.expire(day).await;
    assert_eq!(store.load(name).await.unwrap().revision, 2, "it is kept for ever");
    assert!(store.save_until(name, "{}", 2, day).await.unwrap());
    ttl.expire(day).await;
    assert_eq!(store.load(name).await.unwrap(), Document::default());
}
