//! Races: of sixteen who want the same, one gets it, and the others get to see the winner's.

use crate::builders::{NOW, event, nonce, received, request, stranded, unique_key};
use futures_util::future::join_all;
use holdfast_domain::lifecycle::{Update, Updated, sweep};
use holdfast_domain::record::Record;
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{Created, EventStore};

const RACERS: usize = 16;
const ROUNDS: usize = 4;

pub(super) async fn suite(store: &impl EventStore) {
    for _ in 0..ROUNDS {
        of_sixteen_puts_one_is_stored(store).await;
        of_sixteen_claims_one_is_granted(store).await;
        of_sixteen_sweeps_one_sends(store).await;
    }
}

async fn of_sixteen_puts_one_is_stored(store: &impl EventStore) {
    let key = unique_key();
    let racers: Vec<Record> = (0..RACERS)
        .map(|racer| Record::new(event(&key), nonce(&format!("racer {racer}")), NOW))
        .collect();
    let answers: Vec<Created> = join_all(racers.iter().map(|record| store.create(record)))
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let winner = answers.iter().position(|answer| *answer == Created::Stored).expect("one wins");
    for (racer, answer) in answers.iter().enumerate().filter(|(racer, _)| *racer != winner) {
        assert_eq!(*answer, Created::Taken(Box::new(racers[winner].clone())), "racer {racer}");
    }
    assert_eq!(store.read(&key).await.unwrap().as_ref(), Some(&racers[winner]));
}

async fn of_sixteen_claims_one_is_granted(store: &impl EventStore) {
    let record = received(&unique_key());
    store.create(&record).await.unwrap();
    let wishes = (0..RACERS).map(|racer| request(record.key(), &format!("racer {racer}")).update());
    let after = one_wins(store, wishes.collect()).await;
    assert_eq!((after.token, after.attempts), (1, 1));
}

async fn of_sixteen_sweeps_one_sends(store: &impl EventStore) {
    let record = stranded(&unique_key());
    store.create(&record).await.unwrap();
    let sweep = || sweep::resend(&record, Span::ZERO, NOW).expect("stranded");
    one_wins(store, (0..RACERS).map(|_| sweep()).collect()).await;
}

async fn one_wins(store: &impl EventStore, wishes: Vec<Update>) -> Record {
    let answers = join_all(wishes.iter().map(|update| store.update(update))).await;
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    for answer in answers {
        match answer.unwrap() {
            Updated::Applied(record) => applied.push(*record),
            Updated::Refused(record) => refused.push(*record.expect("there is a record")),
        }
    }
    let [winner] = applied.as_slice() else { panic!("{} won", applied.len()) };
    assert!(refused.iter().all(|seen| seen == winner), "the others see what won");
    winner.clone()
}
