//! The index: a room's shards in the order of their positions, page by page. It may lag behind
//! the records, so each expectation is asked for until it holds.

use crate::builders::{NOW, ago, later, processing, received, request, unique_key};
use crate::wait::until;
use holdfast_domain::record::{Place, READ_SHARDS, Record, RecordKey, Room};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_pipeline::ports::{Cursor, EventStore, Page};
use std::collections::BTreeSet;

pub(super) async fn suite(store: &impl EventStore) {
    every_entry_is_found_once_and_in_order(store).await;
    a_page_ends_at_its_position(store).await;
    pages_go_on_behind_an_entry_that_left(store).await;
    a_record_is_listed_where_it_stands(store).await;
}

async fn every_entry_is_found_once_and_in_order(store: &impl EventStore) {
    let positions: Vec<u64> = (0..60).map(|n| n / 3).collect();
    let keys = listed(store, Room::Later, &positions).await;
    for limit in [1, 3, 7, 1000] {
        until(&format!("all are listed, {limit} a page"), async || {
            let mut seen = Vec::new();
            for shard in 0..READ_SHARDS {
                let entries = walk(store, Room::Later, shard, NOW, limit).await;
                assert!(entries.is_sorted_by_key(|entry| entry.index_at), "shard {shard}");
                assert!(entries.iter().all(|entry| entry.key.shard() == shard));
                seen.extend(entries.into_iter().map(|entry| entry.key));
            }
            let once: BTreeSet<RecordKey> = seen.iter().cloned().collect();
            assert_eq!(once.len(), seen.len(), "none is listed twice");
            keys.is_subset(&once).then_some(())
        })
        .await;
    }
}

async fn a_page_ends_at_its_position(store: &impl EventStore) {
    let keys = listed(store, Room::Parked, &[0, 1, 2]).await;
    for (up_to, expected) in [(Timestamp::EPOCH, 0), (NOW.minus(Span::from_secs(1)), 2), (NOW, 3)] {
        until(&format!("{expected} are listed up to {up_to}"), async || {
            let found = found(store, Room::Parked, up_to, &keys).await;
            assert!(found.iter().all(|entry| entry.index_at <= up_to));
            (found.len() == expected).then_some(())
        })
        .await;
    }
    let key = keys.first().expect("a key");
    let behind = Cursor { index_at: later(Span::from_secs(1)), key: key.clone() };
    let page = store.page(Room::Parked, key.shard(), NOW, Some(&behind), 10).await.unwrap();
    assert_eq!(page, Page::default(), "nothing stands behind the end");
}

/// What the sweep sends moves away while it reads on.
async fn pages_go_on_behind_an_entry_that_left(store: &impl EventStore) {
    let keys = listed(store, Room::Later, &(0..24).collect::<Vec<u64>>()).await;
    let of_shard = |shard| keys.iter().filter(|key| key.shard() == shard).count();
    let shard = (0..READ_SHARDS).max_by_key(|shard| of_shard(*shard)).expect("a shard");
    let mut left = BTreeSet::new();
    let mut after = None;
    while let Some(entry) = next(store, shard, after.as_ref()).await {
        if keys.contains(&entry.key) {
            store.update(&request(&entry.key, "worker").update()).await.unwrap();
            left.insert(entry.key.clone());
        }
        after = Some(entry);
    }
    assert_eq!(left.len(), of_shard(shard), "each was met once");
    until("those that left are listed no more", async || {
        let still = found(store, Room::Later, NOW, &left).await;
        still.is_empty().then_some(())
    })
    .await;
    assert_eq!(found(store, Room::Open, later(Span::from_days(1)), &left).await.len(), left.len());
}

async fn next(store: &impl EventStore, shard: u8, after: Option<&Cursor>) -> Option<Cursor> {
    let page = store.page(Room::Later, shard, NOW, after, 1).await.unwrap();
    assert!(page.entries.len() <= 1);
    page.entries.into_iter().next()
}

/// Each record is in its room and in no other; a processed one is in none.
async fn a_record_is_listed_where_it_stands(store: &impl EventStore) {
    let at = ago(Span::from_secs(1));
    for room in Room::ALL {
        let place = Some(Place { room, index_at: at });
        let record = Record { place, ..processing(&unique_key()) };
        store.create(&record).await.unwrap();
        let key = BTreeSet::from([record.key().clone()]);
        let entry = Cursor { index_at: at, key: record.key().clone() };
        until("it is listed", async || {
            let listed = found(store, room, at, &key).await;
            (listed == [entry.clone()]).then_some(())
        })
        .await;
        for other in Room::ALL.into_iter().filter(|other| *other != room) {
            assert_eq!(found(store, other, at, &key).await, [], "{other:?}");
        }
    }
    let unlisted = Record { place: None, ..received(&unique_key()) };
    store.create(&unlisted).await.unwrap();
    let key = BTreeSet::from([unlisted.key().clone()]);
    for room in Room::ALL {
        assert_eq!(found(store, room, later(Span::from_days(365)), &key).await, []);
    }
}

/// New records in a room, so many seconds before now.
async fn listed(store: &impl EventStore, room: Room, secs_ago: &[u64]) -> BTreeSet<RecordKey> {
    let mut keys = BTreeSet::new();
    for secs in secs_ago {
        let place = Some(Place { room, index_at: ago(Span::from_secs(*secs)) });
        let record = Record { place, ..received(&unique_key()) };
        store.create(&record).await.unwrap();
        keys.insert(record.key().clone());
    }
    keys
}

/// The entries of these keys in a room.
async fn found(
    store: &impl EventStore,
    room: Room,
    up_to: Timestamp,
    keys: &BTreeSet<RecordKey>,
) -> Vec<Cursor> {
    let mut entries = Vec::new();
    let shards: BTreeSet<u8> = keys.iter().map(RecordKey::shard).collect();
    for shard in shards {
        entries.extend(walk(store, room, shard, up_to, 100).await);
    }
    entries.retain(|entry| keys.contains(&entry.key));
    entries
}

/// All entries of a shard, page by page.
async fn walk(
    store: &impl EventStore,
    room: Room,
    shard: u8,
    up_to: Timestamp,
    limit: u32,
) -> Vec<Cursor> {
    let mut entries: Vec<Cursor> = Vec::new();
    loop {
        let page = store.page(room, shard, up_to, entries.last(), limit).await.unwrap();
        assert!(page.entries.len() <= limit as usize);
        assert!(!page.more || !page.entries.is_empty(), "there is somewhere to go on from");
        entries.extend(page.entries);
        if !page.more {
            return entries;
        }
    }
}
