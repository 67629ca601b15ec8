//! What a change of a record may be: held against who made it, and what is known of the record.

use crate::calls::Deed;
use crate::process::Function;
use crate::settings::{LEAST_ATTEMPTS, MOST_ATTEMPTS};
use crate::watch::{Held, Known, Seen, Watch};
use crate::world::World;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::outcome::{Class, Ending};
use holdfast_domain::record::{Record, Room, State};
use holdfast_domain::time::Span;
use holdfast_testkit::faults::Operation;
use holdfast_testkit::invariants::{change, effect_is_once, shape};
use std::collections::HashMap;

/// Two sends for the same record are stamped further apart than this, whoever sends: a duplicate sends
/// again after a minute, the sweep after two.
const BETWEEN_SENDS: Span = Span::from_secs(60);

impl Watch {
    /// What does not hold of a change.
    pub(crate) fn changed(
        &self,
        world: &World,
        deed: &Deed,
        before: Option<&Record>,
        after: &Record,
    ) -> Vec<String> {
        let now = deed.who.now(world.now());
        let mut found = shape(after);
        found.extend(effect_is_once(&world.events, after));
        match before {
            Some(before) => found.extend(change(before, after, deed.operation, now)),
            None => unless(&mut found, world.has_body(after), "I1: a record without a body"),
        }
        let mut seen = self.lock();
        let Seen { records, newest, owed, .. } = &mut *seen;
        let known = records.entry(after.key().clone()).or_default();
        if owes_a_ticket(deed, before) {
            owed.entry(deed.who.id).or_default().insert(after.key().clone());
        }
        let Some(before) = before else { return found };
        if is_safe(before) && !is_safe(after) {
            known.left_safe_at = Some(world.now());
        }
        known.claimed(world, deed, before, after, &mut found);
        if after.token != before.token {
            // Whoever claims has a ticket, or the sweep sends one when the claim lapses. That may happen
            // between a write and its repetition by the SDK: a replay's finds the claim, is refused, and
            // has nothing left to send for.
            for owed in owed.values_mut() {
                owed.remove(after.key());
            }
        }
        resent(deed, before, after, &mut found);
        if after.replays > before.replays {
            known.runs = 0;
            let ordered = after.replays <= known.orders || world.profile.wild;
            unless(&mut found, ordered, "I13: a replay that nobody ordered");
        }
        if deed.operation == Operation::Update(Transition::Release) {
            let due = before.place.is_some_and(|place| place.index_at <= now);
            unless(
                &mut found,
                due && before.next_attempt_at <= now,
                "T8: released before it is due",
            );
        }
        if after.state == State::Dead {
            let missing =
                after.death.as_ref().map(|death| death.failure.class) == Some(Class::BodyMissing);
            unless(&mut found, missing || world.has_body(after), "I8: dead without a body");
        }
        if deed.operation == Operation::CompleteWithEffect {
            newer(newest, after, &mut found);
        }
        found
    }
}

impl Known {
    /// I5 and I13: claims, and what becomes of them.
    fn claimed(
        &mut self,
        world: &World,
        deed: &Deed,
        before: &Record,
        after: &Record,
        found: &mut Vec<String>,
    ) {
        let old = self.claims.get(&before.token).copied();
        if after.token != before.token {
            if let Some(old) = old.filter(|_| before.state == State::Processing) {
                world.counts.one("lapsed_claims");
                let spent = old.ran || old.excused || world.profile.wild;
                unless(found, spent, "I13: a claim lapsed, and nobody ran or died");
            }
            let held = Held {
                by: deed.who.id,
                excused: deed.unheard || deed.who.is_dead(),
                repeated: deed.repeated,
                ran: false,
                succeeded: false,
                deferred: false,
            };
            self.claims.insert(after.token, held);
            let excused = self.claims.values().filter(|held| held.excused).count();
            let most = MOST_ATTEMPTS as usize + 1 + excused;
            unless(found, after.attempts as usize <= most, "I9: too many attempts");
            return;
        }
        if before.state != State::Processing || after.state == State::Processing {
            return;
        }
        let Some(held) = old else {
            found.push("I5: a claim that nobody made".to_owned());
            return;
        };
        unless(found, held.by == deed.who.id, "I5: closed by another than its holder");
        if deed.repeated {
            world.counts.one("closing_writes_repeated");
        }
        let ending = after.processed.as_ref().map(|processed| processed.ending);
        let worked = matches!(ending, Some(Ending::Delivered | Ending::Applied));
        unless(found, !worked || held.succeeded, "I2: done without a run that worked");
        let class = after.death.as_ref().map(|death| death.failure.class);
        let without_a_run = after.attempts < before.attempts
            || matches!(ending, Some(Ending::Unrouted))
            || matches!(class, Some(Class::BodyMissing | Class::Exhausted));
        unless(found, held.ran || without_a_run, "I13: an attempt burnt without a run");
        if class == Some(Class::Exhausted) && !held.ran {
            let most = LEAST_ATTEMPTS;
            unless(found, after.attempts > most, "I13: exhausted before its attempts were made");
        }
        if held.deferred {
            unless(found, after.attempts < before.attempts, "I13: a deferral that counts");
        }
    }
}

/// I9: sends are bounded, because there is time between them. It is measured between their stamps, not
/// between the moments at which the writes took effect: one may be on its way for longer than the other,
/// and what takes effect after its sender gave up is no send at all. The stamps have to be apart
/// whatever the clocks show, since the one that was read is in the condition of the next.
fn resent(deed: &Deed, before: &Record, after: &Record, found: &mut Vec<String>) {
    if deed.operation == Operation::Update(Transition::Resend) {
        let apart = after.last_sent_at.since(before.last_sent_at) > BETWEEN_SENDS;
        unless(found, apart, "I9: sent again too soon");
    }
}

/// What somebody who made a record, or brought it back, has to send.
fn owes_a_ticket(deed: &Deed, before: Option<&Record>) -> bool {
    let made = before.is_none() || deed.operation == Operation::Update(Transition::Replay);
    // See `Watch::gave_up`.
    let is_left = deed.who.function == Function::Reconciler && deed.is_given_up();
    made && !is_left && !deed.unheard && !deed.who.is_dead()
}

/// I12: a stale version never overwrites a newer one.
fn newer(newest: &mut HashMap<String, i64>, record: &Record, found: &mut Vec<String>) {
    let Some(entity) = &record.event.entity else { return };
    let version = record.event.version.as_ref().and_then(|version| version.as_str().parse().ok());
    let Some(version) = version else { return };
    let newest = newest.entry(entity.as_str().to_owned()).or_insert(version);
    unless(found, *newest <= version, "I12: a stale version took effect");
    *newest = version.max(*newest);
}

/// A ticket may go: nothing is left to do, or a room will send another.
pub(crate) fn is_safe(record: &Record) -> bool {
    record.state == State::Processed
        || (record.state == State::Received && record.room().is_some_and(Room::is_waiting))
}

fn unless(found: &mut Vec<String>, holds: bool, what: &str) {
    if !holds {
        found.push(what.to_owned());
    }
}
