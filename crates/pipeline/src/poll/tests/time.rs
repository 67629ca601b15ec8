//! Hours of virtual time: whatever the provider's API does, each missed event is injected exactly
//! once, none too early, and the watermark never passes one that is not stored.

use super::provider::{Habits, Trouble};
use super::shaky::Fails;
use super::world::{START, World};
use crate::facts::Fact;
use crate::memory::SeededRandom;
use crate::ports::Random;
use holdfast_domain::record::{Origin, Record};
use holdfast_domain::time::{Span, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

const GRACE: Span = Span::from_mins(10);
const MINUTE: Span = Span::from_mins(1);

fn age_at_injection(record: &Record) -> Span {
    record.event.received_at.since(record.event.source_time.expect("a time"))
}

#[tokio::test]
async fn missed_events_of_every_age_are_injected_once() {
    let world = World::new(1, 100, Habits::default());
    for age in 0..3600 {
        let at = START.plus(Span::from_secs(age));
        world.provider.happen(format!("evt_{age}"), at, at);
    }
    let mut missed = BTreeMap::new();
    for _ in 0..80 {
        world.poll().await.expect("a report");
        for fact in world.facts.take() {
            if let Fact::Missed { key, .. } = fact {
                *missed.entry(key).or_insert(0) += 1;
            }
        }
        world.pass(MINUTE);
    }
    assert_eq!(missed.len(), 3600);
    assert!(missed.values().all(|times| *times == 1));
    assert_eq!(world.tickets().await, 3600);
    for record in world.stored().values() {
        let age = age_at_injection(record);
        assert!((GRACE..GRACE.plus(Span::from_mins(6))).contains(&age), "{age:?}");
    }
}

/// What becomes of one event.
struct Fate {
    at: Timestamp,
    listed_from: Timestamp,
    webhook_at: Option<Timestamp>,
}

struct Dice(SeededRandom);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        self.0.number() % limit
    }

    fn one_in(&self, chance: u64) -> bool {
        self.below(chance) == 0
    }

    /// The trouble of one call.
    fn trouble(&self) -> Option<Trouble> {
        match self.below(12) {
            0 => Some(Trouble::Lost),
            1 => Some(Trouble::Status(500, None)),
            2 => Some(Trouble::Status(429, Some(Span::from_secs(self.below(300))))),
            3 => Some(Trouble::Status(400, None)),
            4 => Some(Trouble::Body("{\"data\":[],\"has_more\":true}")),
            5 => Some(Trouble::Slow(Span::from_secs(self.below(50)))),
            _ => None,
        }
    }

    /// What becomes of one write.
    fn write(&self) -> Option<Fails> {
        match self.below(40) {
            0 => Some(Fails::BeforeEffect),
            1 => Some(Fails::AfterEffect),
            _ => None,
        }
    }

    /// Events of two hours: a third of the webhooks is lost, a few come after the grace; a few
    /// events come late into the list.
    fn fates(&self) -> BTreeMap<String, Fate> {
        let fate = |n| {
            let at = START.plus(Span::from_millis(self.below(7_200_000)));
            let late = if self.one_in(5) { self.below(880) } else { self.below(3) };
            let delay = if self.one_in(8) { 600 + self.below(3000) } else { self.below(500) };
            let webhook_at = (!self.one_in(3)).then(|| at.plus(Span::from_secs(delay)));
            let listed_from = at.plus(Span::from_secs(late));
            (format!("evt_{n:03}"), Fate { at, listed_from, webhook_at })
        };
        (0..120).map(fate).collect()
    }
}

#[tokio::test]
async fn no_event_is_lost_doubled_or_early_whatever_happens() {
    for seed in 0..40 {
        let dice = Dice(SeededRandom::new(seed));
        let habits = Habits { oldest_first: dice.one_in(2), ..Habits::default() };
        let page_size = [1, 2, 7, 100][usize::try_from(dice.below(4)).expect("small")];
        let world = World::new(seed, page_size, habits);
        let fates = dice.fates();
        for (id, fate) in &fates {
            world.provider.happen(id.clone(), fate.at, fate.listed_from);
        }
        let mut arrived = BTreeSet::new();
        let mut watermark = Timestamp::EPOCH;
        let mut next_run = START;
        // Five hours: trouble in the first three.
        while world.now() < START.plus(Span::from_mins(300)) {
            let calm = world.now() > START.plus(Span::from_mins(180));
            for (id, fate) in &fates {
                if fate.webhook_at.is_some_and(|at| at <= world.now()) && arrived.insert(id) {
                    world.webhook(id, fate.at).await;
                }
            }
            if world.now() >= next_run {
                next_run = next_run.plus(MINUTE);
                world.provider.plan((0..40).map(|_| if calm { None } else { dice.trouble() }));
                let shaky = || (0..60).map(|_| if calm { None } else { dice.write() });
                world.ports.bodies.plan(shaky());
                world.ports.documents.plan(shaky());
                // Its errors are its own; what counts is what is stored in the end.
                let _ = world.poll().await;
                world.ports.bodies.plan([]);
                let committed = world.watermark().await;
                assert!(committed >= watermark, "seed {seed}: the watermark went back");
                watermark = committed;
                check_watermark(seed, &world, &fates, watermark);
            }
            world.pass(Span::from_secs(20));
        }
        check_end(seed, &world, &fates);
    }
}

/// What is below the watermark and was in the list by then is stored.
fn check_watermark(seed: u64, world: &World, fates: &BTreeMap<String, Fate>, watermark: Timestamp) {
    let stored = world.stored();
    for (id, fate) in fates {
        // An event that came late into the list may be found up to `overlap` behind the watermark.
        let was_listed = fate.listed_from <= fate.at.plus(Span::from_secs(3));
        if fate.at < watermark && was_listed {
            assert!(
                stored.contains_key(id),
                "seed {seed}: {id} is below the watermark, not stored"
            );
        }
    }
}

fn check_end(seed: u64, world: &World, fates: &BTreeMap<String, Fate>) {
    let stored = world.stored();
    for (id, fate) in fates {
        let record = stored.get(id).unwrap_or_else(|| panic!("seed {seed}: {id} was lost"));
        let in_time = fate.webhook_at.is_some_and(|at| at.since(fate.at) < GRACE);
        if in_time {
            assert_eq!(record.event.origin, Origin::Webhook, "seed {seed}: {id} injected early");
        }
        if record.event.origin == Origin::Poll {
            // Providers write whole seconds: the event may seem a second older than it is.
            assert!(age_at_injection(record) >= GRACE, "seed {seed}: {id} injected early");
        }
    }
    assert_eq!(stored.len(), fates.len(), "seed {seed}");
    let (mut accepted, mut missed) = (BTreeMap::new(), BTreeMap::new());
    for fact in world.facts.take() {
        match fact {
            Fact::Accepted { key, .. } => *accepted.entry(key).or_insert(0) += 1,
            Fact::Missed { key, .. } => *missed.entry(key).or_insert(0) += 1,
            _ => {}
        }
    }
    assert_eq!(accepted.len(), fates.len(), "seed {seed}");
    assert!(accepted.values().chain(missed.values()).all(|times| *times == 1), "seed {seed}");
}
