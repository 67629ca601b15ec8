//! The first put: stored once, and whoever comes later gets to see what is stored.

use super::samples;
use crate::builders::{NOW, attempts, bare_event, event, nonce, processing, received, unique_key};
use holdfast_domain::identity::EventKey;
use holdfast_domain::lifecycle::accept::{Taken, taken};
use holdfast_domain::record::{Record, RecordKey};
use holdfast_pipeline::ports::{Created, EventStore};

pub(super) async fn suite(store: &impl EventStore) {
    nothing_is_read_where_nothing_was_stored(store).await;
    every_record_is_read_as_it_was_stored(store).await;
    odd_fields_are_read_as_they_were_stored(store).await;
    a_taken_key_shows_who_took_it(store).await;
    ones_own_put_is_recognised(store).await;
}

async fn nothing_is_read_where_nothing_was_stored(store: &impl EventStore) {
    assert_eq!(store.read(&unique_key()).await.unwrap(), None);
}

async fn every_record_is_read_as_it_was_stored(store: &impl EventStore) {
    for (name, shape) in samples::records() {
        let record = shape(&unique_key());
        assert_eq!(store.create(&record).await.unwrap(), Created::Stored, "{name}");
        assert_eq!(store.read(record.key()).await.unwrap(), Some(record), "{name}");
    }
}

async fn odd_fields_are_read_as_they_were_stored(store: &impl EventStore) {
    let source = received(&unique_key()).event.source;
    let long = format!("{}{}", "ü#".repeat(150), unique_key());
    let key = RecordKey::event(&source, &EventKey::new(&long));
    let mut full = Record { attempt_log: attempts(20), ..processing(&key) };
    full.event.headers = vec![
        ("b".to_owned(), String::new()),
        ("a".to_owned(), "grüße,\t\"\\".to_owned()),
        ("b".to_owned(), "again".to_owned()),
        ("long".to_owned(), "x".repeat(4000)),
    ];
    full.token = u64::MAX;
    full.attempts = u32::MAX;
    let bare = Record::new(bare_event(&unique_key()), nonce("n"), NOW);
    for record in [full, bare] {
        assert_eq!(store.create(&record).await.unwrap(), Created::Stored);
        assert_eq!(store.read(record.key()).await.unwrap(), Some(record));
    }
}

async fn a_taken_key_shows_who_took_it(store: &impl EventStore) {
    for (name, shape) in samples::records() {
        let stored = shape(&unique_key());
        store.create(&stored).await.unwrap();
        let late = Record::new(event(stored.key()), nonce("late"), NOW);
        let answer = store.create(&late).await.unwrap();
        assert_eq!(answer, Created::Taken(Box::new(stored.clone())), "{name}");
        assert_eq!(store.read(stored.key()).await.unwrap(), Some(stored), "{name}");
    }
}

async fn ones_own_put_is_recognised(store: &impl EventStore) {
    let record = received(&unique_key());
    store.create(&record).await.unwrap();
    let Created::Taken(stored) = store.create(&record).await.unwrap() else {
        panic!("the second put is refused")
    };
    assert_eq!(taken(&record, &stored, NOW), Taken::Mine);
}
