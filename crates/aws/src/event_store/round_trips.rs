//! Any record that could be stored is read back as it was.

use super::item::{decode, encode};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, EventKey, Kind, Version};
use holdfast_domain::outcome::{Attempt, Class, Ending, Failure};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Death, Event, Nonce, Origin, Place, Processed, Record, RecordKey,
    Room, State,
};
use holdfast_domain::source::SourceName;
use holdfast_domain::time::{Span, Timestamp};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

fn time() -> impl Strategy<Value = Timestamp> {
    let edges = select(vec![i64::MIN, -1, 0, 1, i64::MAX]);
    prop_oneof![edges, any::<i64>()].prop_map(Timestamp::from_millis)
}

/// An expiry is stored in whole seconds.
fn expiry() -> impl Strategy<Value = Timestamp> {
    (0..253_402_300_800_i64).prop_map(Timestamp::from_secs)
}

fn nonce() -> impl Strategy<Value = Nonce> {
    any::<[u8; 16]>().prop_map(Nonce::from_random)
}

fn key() -> impl Strategy<Value = RecordKey> {
    ("[a-z0-9_-]{1,40}", any::<String>(), of(any::<u32>())).prop_map(|(source, key, replay)| {
        let source = SourceName::new(source).expect("a name");
        let key = RecordKey::event(&source, &EventKey::new(key));
        replay.map_or(key.clone(), |number| key.replay(number))
    })
}

fn body(key: &RecordKey, bytes: &[u8], kept_until: Timestamp, in_bucket: bool) -> BodyRef {
    let hash = BodyHash::of(bytes);
    let place = if in_bucket { BodyPlace::Bucket } else { BodyPlace::Table };
    BodyRef { place, key: BodyKey::new(key, &hash), hash, kept_until }
}

fn event() -> impl Strategy<Value = Event> {
    let labels = (any::<String>(), of(any::<String>()), of(any::<String>()));
    let origin = select(Origin::ALL.to_vec());
    let headers = vec(any::<(String, String)>(), 0..4);
    let stored = (any::<Vec<u8>>(), time(), any::<bool>());
    (key(), labels, of(time()), origin, time(), headers, stored).prop_map(
        |(key, (kind, entity, version), source_time, origin, received_at, headers, stored)| Event {
            source: SourceName::new(key.source()).expect("a name"),
            kind: Kind::new(kind),
            entity: entity.map(Entity::new),
            version: version.map(Version::new),
            source_time,
            origin,
            received_at,
            headers,
            body: body(&key, &stored.0, stored.1, stored.2),
            key,
        },
    )
}

fn failure() -> impl Strategy<Value = Failure> {
    (select(Class::ALL.to_vec()), of(any::<u16>()), any::<String>())
        .prop_map(|(class, status, message)| Failure { status, ..Failure::new(class, message) })
}

fn attempt() -> impl Strategy<Value = Attempt> {
    (time(), any::<u64>(), any::<String>(), of(any::<u16>()), of(any::<String>())).prop_map(
        |(at, took, result, status, error)| Attempt {
            at,
            took: Span::from_millis(took),
            result,
            status,
            error,
        },
    )
}

fn ends() -> impl Strategy<Value = (Option<Processed>, Option<Death>)> {
    let processed = (select(Ending::ALL.to_vec()), time(), expiry(), of(any::<String>()))
        .prop_map(|(ending, at, expires_at, reason)| Processed { ending, at, expires_at, reason });
    let death = (time(), failure()).prop_map(|(at, failure)| Death { at, failure });
    (of(processed), of(death))
}

fn record() -> impl Strategy<Value = Record> {
    let place =
        (select(Room::ALL.to_vec()), time()).prop_map(|(room, index_at)| Place { room, index_at });
    let counts = (any::<u64>(), any::<u32>(), any::<u32>());
    let claim = (of(nonce()), of(time()), nonce());
    let log = vec(attempt(), 0..21);
    let state = select(State::ALL.to_vec());
    (event(), state, counts, claim, (time(), time()), of(place), log, ends()).prop_map(
        |(event, state, counts, claim, (next_attempt_at, last_sent_at), place, log, ends)| Record {
            event,
            state,
            token: counts.0,
            owner: claim.0,
            ingest_nonce: claim.2,
            lease_until: claim.1,
            attempts: counts.1,
            replays: counts.2,
            next_attempt_at,
            last_sent_at,
            place,
            attempt_log: log,
            processed: ends.0,
            death: ends.1,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(7),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_record_is_read_back_as_it_was_stored(record in record()) {
        prop_assert_eq!(decode(&encode(&record)).expect("a record"), record);
    }

    /// An item that lost an attribute, or was written by somebody else, is unreadable and no more.
    #[test]
    fn an_item_without_one_attribute_is_read_or_refused(
        record in record(),
        which in any::<prop::sample::Index>(),
    ) {
        let mut item = encode(&record);
        let mut names: Vec<String> = item.keys().cloned().collect();
        names.sort();
        item.remove(which.get(&names));
        if let Ok(read) = decode(&item) {
            prop_assert_eq!(read.key(), record.key());
            prop_assert_ne!(read, record, "an attribute that nobody needs");
        }
    }
}
