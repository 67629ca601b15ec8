//! Completions with an effect: all of it or nothing, once.

use crate::builders::{claim, lapsed, later, processing, request, terms, unique_key};
use futures_util::future::join_all;
use holdfast_domain::effect::{Effect, Item, Value, VersionGuard, Write};
use holdfast_domain::lifecycle::claim::Claim;
use holdfast_domain::lifecycle::settle::{Refusal, Settlement, Terms, TicketFate};
use holdfast_domain::lifecycle::{Updated, settle};
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::record::{Record, State};
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{Completed, EventStore};
use std::collections::BTreeMap;
use std::future::Future;

/// Reads what the effects of handlers wrote.
pub trait EffectReader {
    /// A table whose only key is the text attribute `pk`.
    fn table(&self) -> &str;

    /// An item of that table.
    fn item(&self, pk: &str) -> impl Future<Output = Option<Item>>;
}

pub(super) async fn suite(store: &impl EventStore, effects: &impl EffectReader) {
    the_effect_commits_with_the_completion(store, effects).await;
    the_same_completion_again_is_no_second_effect(store, effects).await;
    a_completion_at_another_time_is_no_second_effect(store, effects).await;
    a_fenced_worker_writes_nothing(store, effects).await;
    of_several_completions_one_commits(store, effects).await;
    an_older_version_is_stale(store, effects).await;
    a_fenced_worker_is_refused_before_it_is_stale(store).await;
    what_cannot_be_committed_is_an_answer(store, effects).await;
    what_was_committed_is_not_put_back(store, effects).await;
}

async fn the_effect_commits_with_the_completion(
    store: &impl EventStore,
    effects: &impl EffectReader,
) {
    let (kept, gone) = (unique_key().to_string(), unique_key().to_string());
    let item = BTreeMap::from([
        ("pk".to_owned(), Value::Text(gone.clone())),
        ("text".to_owned(), Value::Text("grüße".to_owned())),
        ("number".to_owned(), Value::Number(i64::MIN)),
        ("bytes".to_owned(), Value::Bytes(vec![0, 255])),
        ("size".to_owned(), Value::Bool(true)),
    ]);
    let put = Write::Put { table: effects.table().to_owned(), item: item.clone() };
    let key = BTreeMap::from([("pk".to_owned(), Value::Text(gone.clone()))]);
    let delete = Write::Delete { table: effects.table().to_owned(), key };
    let first = Effect { writes: vec![put, add(effects, &kept, 5)], version_guard: None };
    let second = Effect { writes: vec![delete, add(effects, &kept, -7)], version_guard: None };
    assert_eq!(Job::new(store).await.complete(store, &first).await, Completed::Applied);
    assert_eq!(effects.item(&gone).await, Some(item));
    assert_eq!(total(effects, &kept).await, Some(5));
    let job = Job::new(store).await;
    assert_eq!(job.complete(store, &second).await, Completed::Applied);
    assert_eq!(effects.item(&gone).await, None);
    assert_eq!(total(effects, &kept).await, Some(-2));
    assert_eq!(job.stored(store).await, job.settlement().update.apply(&job.record));
}

/// The answer of the first was lost.
async fn the_same_completion_again_is_no_second_effect(
    store: &impl EventStore,
    effects: &impl EffectReader,
) {
    let job = Job::new(store).await;
    let counter = unique_key().to_string();
    let effect =
        Effect { writes: vec![add(effects, &counter, 1)], version_guard: guard(&counter, 1) };
    for _ in 0..3 {
        assert_eq!(job.complete(store, &effect).await, Completed::Applied);
    }
    assert_eq!(total(effects, &counter).await, Some(1));
}

/// The same claim completes again with another time in it: applied before, or known as one's own.
async fn a_completion_at_another_time_is_no_second_effect(
    store: &impl EventStore,
    effects: &impl EffectReader,
) {
    let job = Job::new(store).await;
    let counter = unique_key().to_string();
    let effect = Effect { writes: vec![add(effects, &counter, 1)], version_guard: None };
    assert_eq!(job.complete(store, &effect).await, Completed::Applied);
    let first = job.stored(store).await;
    let later = job.settlement_at(Terms { now: later(Span::from_secs(1)), ..terms() });
    match store.complete(&later.update, &effect, &job.claim.once()).await.unwrap() {
        Completed::Applied => {}
        Completed::Refused(stored) => {
            let refusal = later.refused(job.claim.token(), stored.as_deref());
            assert_eq!(refusal, Refusal::Held(TicketFate::Ack));
        }
        other => panic!("neither applied nor refused: {other:?}"),
    }
    assert_eq!(total(effects, &counter).await, Some(1));
    assert_eq!(job.stored(store).await, first);
}

async fn a_fenced_worker_writes_nothing(store: &impl EventStore, effects: &impl EffectReader) {
    let job = Job::of(store, lapsed(&unique_key())).await;
    let counter = unique_key().to_string();
    let effect =
        Effect { writes: vec![add(effects, &counter, 1)], version_guard: guard(&counter, 1) };
    let taken_over = store.update(&request(job.record.key(), "another").update()).await.unwrap();
    let Updated::Applied(now) = taken_over else { panic!("the lease is over") };
    assert_eq!(now.token, job.claim.token() + 1);
    let answer = job.complete(store, &effect).await;
    assert_eq!(answer, Completed::Refused(Some(now.clone())));
    assert_eq!(effects.item(&counter).await, None);
    let successor = Job { claim: claim(&now), record: *now };
    assert_eq!(successor.complete(store, &effect).await, Completed::Applied);
    assert_eq!(total(effects, &counter).await, Some(1));
    assert_eq!(
        job.complete(store, &effect).await,
        Completed::Refused(Some(Box::new(successor.stored(store).await,)))
    );
}

/// Conflicting transactions may fail without an answer; none is applied twice.
async fn of_several_completions_one_commits(store: &impl EventStore, effects: &impl EffectReader) {
    let job = Job::new(store).await;
    let counter = unique_key().to_string();
    let effect = Effect { writes: vec![add(effects, &counter, 1)], version_guard: None };
    let settlement = job.settlement();
    let names: Vec<String> = (0..8).map(|n| format!("{}-{n}", job.record.key())).collect();
    let tries = names.iter().map(|once| store.complete(&settlement.update, &effect, once));
    let answers = join_all(tries).await;
    let applied = answers.iter().filter(|answer| matches!(answer, Ok(Completed::Applied))).count();
    assert_eq!(applied, 1, "{answers:?}");
    assert_eq!(total(effects, &counter).await, Some(1));
    assert_eq!(job.stored(store).await.state, State::Processed);
}

async fn an_older_version_is_stale(store: &impl EventStore, effects: &impl EffectReader) {
    let entity = unique_key().to_string();
    for (version, fresh) in
        [(-3, true), (5, true), (4, false), (5, true), (i64::MAX, true), (6, false)]
    {
        let counter = unique_key().to_string();
        let effect = Effect {
            writes: vec![add(effects, &counter, 1)],
            version_guard: guard(&entity, version),
        };
        let job = Job::new(store).await;
        let answer = job.complete(store, &effect).await;
        if fresh {
            assert_eq!(answer, Completed::Applied, "version {version}");
            assert_eq!(total(effects, &counter).await, Some(1));
        } else {
            assert_eq!(answer, Completed::Stale, "version {version}");
            assert_eq!(effects.item(&counter).await, None);
            assert_eq!(job.stored(store).await, job.record, "still claimed: it ends as stale next");
        }
    }
    let guard_alone = Effect { writes: Vec::new(), version_guard: guard(&entity, 0) };
    assert_eq!(Job::new(store).await.complete(store, &guard_alone).await, Completed::Stale);
}

async fn a_fenced_worker_is_refused_before_it_is_stale(store: &impl EventStore) {
    let entity = unique_key().to_string();
    let newer = Effect { writes: Vec::new(), version_guard: guard(&entity, 2) };
    assert_eq!(Job::new(store).await.complete(store, &newer).await, Completed::Applied);
    let job = Job::of(store, lapsed(&unique_key())).await;
    store.update(&request(job.record.key(), "another").update()).await.unwrap();
    let older = Effect { writes: Vec::new(), version_guard: guard(&entity, 1) };
    let answer = job.complete(store, &older).await;
    assert_eq!(answer, Completed::Refused(Some(Box::new(job.stored(store).await))));
}

/// A transaction has a hundred items, one of them the record, and none twice.
async fn what_cannot_be_committed_is_an_answer(
    store: &impl EventStore,
    effects: &impl EffectReader,
) {
    for (others, same, is_guarded, is_possible) in [
        (98, 1, false, true),
        (99, 1, false, false),
        (97, 1, true, true),
        (98, 1, true, false),
        (0, 2, false, false),
    ] {
        let entity = unique_key().to_string();
        let mut writes = vec![add(effects, &entity, 1); same];
        writes.extend((0..others).map(|_| add(effects, &unique_key().to_string(), 1)));
        let version_guard = guard(&entity, 2).filter(|_| is_guarded);
        let effect = Effect { writes, version_guard };
        let job = Job::new(store).await;
        let answer = job.complete(store, &effect).await;
        if is_possible {
            assert_eq!(answer, Completed::Applied);
            assert_eq!(total(effects, &entity).await, Some(1));
            continue;
        }
        assert!(matches!(answer, Completed::Impossible(_)), "{answer:?}");
        assert_eq!(effects.item(&entity).await, None, "nothing is written");
        let older = Effect { writes: Vec::new(), version_guard: guard(&entity, 1) };
        let another = Job::new(store).await.complete(store, &older).await;
        assert_eq!(another, Completed::Applied, "the guard is not raised");
        assert_eq!(job.stored(store).await, job.record, "still claimed");
        let updated = store.update(&job.put_back().update).await.unwrap();
        let Updated::Applied(now) = updated else { panic!("it is settled as a failed attempt") };
        let late = Effect { writes: vec![add(effects, &entity, 1)], version_guard: None };
        assert_eq!(job.complete(store, &late).await, Completed::Refused(Some(now)));
        assert_eq!(effects.item(&entity).await, None, "a slow one comes too late");
    }
}

/// ```text
/// worker   complete ─▶ held, answer lost
///          put back ─▶ refused
/// ```
async fn what_was_committed_is_not_put_back(store: &impl EventStore, effects: &impl EffectReader) {
    let job = Job::new(store).await;
    let effect =
        Effect { writes: vec![add(effects, &unique_key().to_string(), 1)], version_guard: None };
    assert_eq!(job.complete(store, &effect).await, Completed::Applied);
    let committed = job.stored(store).await;
    let put_back = job.put_back();
    let updated = store.update(&put_back.update).await.unwrap();
    assert_eq!(put_back.answer(job.claim.token(), &updated), Refusal::Fenced);
    assert_eq!(job.stored(store).await, committed);
}

/// A claimed record and its claim.
struct Job {
    record: Record,
    claim: Claim,
}

impl Job {
    async fn new(store: &impl EventStore) -> Self {
        Self::of(store, processing(&unique_key())).await
    }

    async fn of(store: &impl EventStore, record: Record) -> Self {
        store.create(&record).await.unwrap();
        Self { claim: claim(&record), record }
    }

    fn settlement(&self) -> Settlement {
        self.settlement_at(terms())
    }

    fn settlement_at(&self, terms: settle::Terms) -> Settlement {
        self.claim.settle(&Outcome::done(Ending::Applied), &terms)
    }

    fn put_back(&self) -> Settlement {
        let failure = Failure::new(Class::Handler, "not committed");
        self.claim.settle(&Outcome::Retry { failure, after: None }, &terms())
    }

    async fn complete(&self, store: &impl EventStore, effect: &Effect) -> Completed {
        let settlement = self.settlement();
        store.complete(&settlement.update, effect, &self.claim.once()).await.unwrap()
    }

    async fn stored(&self, store: &impl EventStore) -> Record {
        store.read(self.record.key()).await.unwrap().expect("it is stored")
    }
}

fn add(effects: &impl EffectReader, pk: &str, amount: i64) -> Write {
    Write::Add {
        table: effects.table().to_owned(),
        key: BTreeMap::from([("pk".to_owned(), Value::Text(pk.to_owned()))]),
        attribute: "count".to_owned(),
        amount,
    }
}

fn guard(entity: &str, version: i64) -> Option<VersionGuard> {
    Some(VersionGuard { scope: "contract".to_owned(), entity: entity.to_owned(), version })
}

async fn total(effects: &impl EffectReader, pk: &str) -> Option<i64> {
    match effects.item(pk).await?.get("count")? {
        Value::Number(total) => Some(*total),
        other => panic!("not a number: {other:?}"),
    }
}
