//! The domain's updates on a plain map, one step after the other; after each, everything is held
//! against the model.

use super::invariants;
use super::model::{
    self, ATTEMPTS, CAP, Claimed, FACTOR, FIRST_SECS, MAX_RECEIVES, Met, Model, WINDOW,
};
use super::operation::{Act, EVENTS, Operation, Unrun};
use holdfast_domain::body_hash::BodyHash;
use holdfast_domain::identity::{Entity, EventKey, Kind};
use holdfast_domain::lifecycle::accept::{Taken, taken};
use holdfast_domain::lifecycle::claim::{Answer, Claim, Request};
use holdfast_domain::lifecycle::operator::{Ordered, Replay, discard};
use holdfast_domain::lifecycle::settle::{Receives, Refusal, Settlement, Terms, TicketFate};
use holdfast_domain::lifecycle::sweep::{release, resend};
use holdfast_domain::lifecycle::{Update, Updated, defer, renew};
use holdfast_domain::outcome::{Class, Failure, Outcome};
use holdfast_domain::record::{
    BodyKey, BodyPlace, BodyRef, Event, Nonce, Origin, Record, RecordKey, State,
};
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_domain::ticket::Ticket;
use holdfast_domain::time::{Span, Timestamp};
use proptest::sample::Index;
use std::collections::BTreeMap;

const BEGIN: Timestamp = Timestamp::from_secs(1_780_286_655);

/// When everything arrived, says its record: parking after a claim lists it by this.
pub(crate) const RECEIVED_AT: Timestamp = Timestamp::from_secs(1_780_286_000);

pub(crate) struct System {
    now: Timestamp,
    stored: BTreeMap<RecordKey, Record>,
    models: BTreeMap<RecordKey, Model>,
    claims: Vec<Claim>,
    seen: Vec<Record>,
    nonces: u32,
}

impl System {
    pub(crate) fn new() -> Self {
        let (stored, models) = (BTreeMap::new(), BTreeMap::new());
        Self { now: BEGIN, stored, models, claims: Vec::new(), seen: Vec::new(), nonces: 0 }
    }

    pub(crate) fn step(&mut self, operation: &Operation) {
        let before = self.stored.clone();
        match operation {
            Operation::Pass(span) => self.now = self.now.plus(*span),
            Operation::Put { event, differs } => self.put(&key(*event), *differs),
            Operation::Claim { event, queued, stamped, left } => {
                let queued = self.now.minus(*queued);
                self.claim(&key(*event), *left, queued, queued.minus(*stamped));
            }
            Operation::Settle { which, outcome, receives, random } => {
                if let Some(claim) = pick(&self.claims, which) {
                    self.settle(&claim, outcome, *receives, *random);
                }
            }
            Operation::PutOff { event, wait, receives } => {
                self.put_off(&key(*event), *wait, *receives);
            }
            Operation::Park { event } => self.park(&key(*event)),
            Operation::Look { event } => self.seen.extend(self.stored.get(&key(*event)).cloned()),
            Operation::Act { which, act } => {
                if let Some(seen) = pick(&self.seen, which) {
                    self.act(&seen, *act);
                }
            }
            Operation::Forget => self.forget(),
        }
        self.check(&before);
    }

    /// A worker claims an event that is due, and puts it off at once.
    pub(crate) fn claim_and_put_off(&mut self, event: usize) {
        self.claim(&key(event), Span::from_secs(30), self.now, self.now);
        let claim = self.claims.last().cloned().expect("it is due");
        let defer = Outcome::Defer { wait: Span::ZERO, reason: "not yet".to_owned() };
        self.settle(&claim, &Ok(defer), 1, 0);
        self.now = self.now.plus(Span::from_secs(1));
        self.check(&self.stored.clone());
    }

    /// The sweep looks at an event and does what it wants at once.
    pub(crate) fn sweep(&mut self, event: usize) {
        for act in [Act::Resend { lag: Span::ZERO }, Act::Release] {
            let seen = self.stored.get(&key(event)).cloned().expect("it is stored");
            self.act(&seen, act);
        }
        self.check(&self.stored.clone());
    }

    fn check(&self, before: &BTreeMap<RecordKey, Record>) {
        let found = self.stored.iter().map(|(key, record)| (key.clone(), Model::of(record)));
        assert_eq!(found.collect::<BTreeMap<_, _>>(), self.models);
        for (key, after) in &self.stored {
            invariants::shape(after);
            if let Some(before) = before.get(key) {
                invariants::check(before, after, self.now);
            }
        }
    }

    /// As a store does it: guard and changes in one step.
    fn update(&mut self, update: &Update) -> Updated {
        match self.stored.get(update.key()) {
            Some(stored) if update.guard().holds(Some(stored)) => {
                assert!(!update.changes().is_empty(), "a store is told what to change");
                let after = update.apply(stored);
                self.stored.insert(after.key().clone(), after.clone());
                Updated::Applied(Box::new(after))
            }
            stored => {
                assert!(!update.guard().holds(stored), "nothing is made of nothing");
                Updated::Refused(stored.cloned().map(Box::new))
            }
        }
    }

    fn put(&mut self, key: &RecordKey, differs: [bool; 4]) {
        let (now, kept_until) = (self.now, self.now.plus(Span::from_days(60)));
        let new = Record::new(event(key, differs, kept_until), self.nonce(), now);
        let Some(stored) = self.stored.get(key).cloned() else {
            let model = Model::put(new.ingest_nonce.clone(), kept_until, now);
            self.models.insert(key.clone(), model);
            assert_eq!(taken(&new, &new, now), Taken::Mine, "its own answer was lost");
            self.stored.insert(key.clone(), new);
            return;
        };
        let other = |part: fn(&Event) -> String| part(&new.event) != part(&stored.event);
        let another = other(|event| event.body.hash.hex())
            && (other(|event| event.kind.to_string())
                || other(|event| format!("{:?}", event.entity))
                || other(|event| format!("{:?}", event.source_time)));
        let met = match taken(&new, &stored, now) {
            Taken::Mine => Met::Itself,
            Taken::Duplicate => Met::Duplicate,
            Taken::Dead => Met::Dead,
            Taken::Collision => Met::Another,
            Taken::Stranded(update) => {
                assert!(matches!(self.update(&update), Updated::Applied(_)));
                assert!(matches!(self.update(&update), Updated::Refused(_)), "one of them sends");
                Met::SentAgain
            }
        };
        assert_eq!(met, self.model(key).meet(another, now));
    }

    fn claim(&mut self, key: &RecordKey, left: Span, queued: Timestamp, stamped: Timestamp) {
        let (now, owner) = (self.now, self.nonce());
        let request = Request {
            key: key.clone(),
            owner: owner.clone(),
            now,
            deadline: now.plus(left),
            shown_again_at: now.plus(Span::from_mins(6)),
        };
        let updated = self.update(&request.update());
        let ticket = ticket(key, stamped);
        let Some(model) = self.models.get_mut(key) else {
            assert!(matches!(request.answer(updated, &ticket, queued), Answer::Missing));
            return;
        };
        let wanted = model.claim(&owner, now, left, (queued, stamped));
        let answered = claimed(&request.answer(updated, &ticket, queued));
        assert_eq!(answered, wanted);
        if let Claimed::Yes { .. } = wanted {
            let again = self.update(&request.update());
            assert!(matches!(again, Updated::Refused(_)), "one claim is granted");
            let Answer::Claimed(claim) = request.answer(again, &ticket, queued) else {
                panic!("a claim whose answer was lost is known as one's own");
            };
            assert_eq!((claim.claimed_at(), claim.record().key()), (now, key));
            self.name_is_its_own(&claim);
            self.claims.push(claim);
        }
    }

    /// A claim's completion has a name that no other has, as long as a store's names may be.
    fn name_is_its_own(&self, claim: &Claim) {
        let name = claim.once();
        assert_eq!((name.len(), claim.clone().once()), (36, name.clone()));
        assert!(self.claims.iter().all(|other| other.once() != name));
    }

    fn settle(
        &mut self,
        claim: &Claim,
        closing: &Result<Outcome, Unrun>,
        receives: u32,
        random: u64,
    ) {
        let (key, token, now) = (claim.record().key().clone(), claim.token(), self.now);
        let receives_so_far = Receives { count: receives, max: MAX_RECEIVES };
        let terms = Terms {
            policy: policy(),
            dedupe_window: WINDOW,
            receives: receives_so_far,
            now,
            random,
        };
        let settlement = match closing {
            Ok(outcome) => claim.settle(outcome, &terms),
            Err(Unrun::Parked) => claim.park(),
            Err(Unrun::Exhausted) => {
                claim.exhausted(Failure::new(Class::Exhausted, "too many"), now)
            }
        };
        let wait = judged_wait(claim, closing, &settlement, now);
        let updated = self.update(&settlement.update);
        let answered = settlement.answer(token, &updated);
        let model = self.models.get_mut(&key).expect("claims are of what is stored");
        match model.settle((token, claim.claimed_at()), closing, receives, wait, now) {
            Some(fate) => {
                assert_eq!(answered, Refusal::Held(fate));
                let again = self.update(&settlement.update);
                assert!(matches!(again, Updated::Refused(_)), "a claim is closed once");
                let read_again = settlement.answer(token, &again);
                assert_eq!(read_again, answered, "a closing write is known as one's own");
            }
            None => {
                let by = settlement.update.transition();
                assert_eq!(answered, model.refusal(token, by, settlement.fate));
            }
        }
        if answered == Refusal::Held(TicketFate::Ack) {
            let model = self.model(&key);
            assert!(model.state == State::Processed || model.waits(), "an ack of what is open");
        }
    }

    fn put_off(&mut self, key: &RecordKey, wait: Span, receives: u32) {
        let receives_so_far = Receives { count: receives, max: MAX_RECEIVES };
        let settlement = defer::put_off(key, wait, receives_so_far, self.now);
        let updated = self.update(&settlement.update);
        let now = self.now;
        let wanted = self.models.get_mut(key).and_then(|model| model.put_off(wait, receives, now));
        let held = matches!(updated, Updated::Applied(_)).then_some(settlement.fate);
        assert_eq!(held, wanted);
    }

    fn park(&mut self, key: &RecordKey) {
        let settlement = defer::park(key, self.now);
        assert_eq!(settlement.fate, TicketFate::Ack);
        let updated = self.update(&settlement.update);
        let now = self.now;
        let wanted = self.models.get_mut(key).is_some_and(|model| model.park(now));
        assert_eq!(matches!(updated, Updated::Applied(_)), wanted);
    }

    fn act(&mut self, seen: &Record, act: Act) {
        let (now, saw, key) = (self.now, Model::of(seen), seen.key().clone());
        match act {
            Act::Resend { lag } => {
                let update = resend(seen, lag, now);
                assert_eq!(update.is_some(), saw.wants_ticket(lag, now));
                let held = self.try_update(update.as_ref());
                assert_eq!(held, self.model(&key).resend(&saw, lag, now));
            }
            Act::Release => {
                let update = release(seen, now);
                assert_eq!(update.is_some(), saw.wants_release(now));
                let held = self.try_update(update.as_ref());
                assert_eq!(held, self.model(&key).release(&saw, now));
            }
            Act::Replay => self.replay(seen, &saw),
            Act::Discard => {
                let update = discard(seen, "not needed", WINDOW, now);
                assert_eq!(update.is_some(), seen.state == State::Dead);
                let held = self.try_update(update.as_ref());
                assert_eq!(held, self.model(&key).discard(&saw, now));
            }
            Act::Renew => {
                assert_eq!(renew::is_needed(seen, now), saw.wants_body(now));
                let kept_until = now.plus(Span::from_days(60));
                let held = self.try_update(Some(&renew::renewed(seen, kept_until)));
                assert_eq!(held, self.model(&key).renew(&saw, kept_until));
            }
        }
    }

    fn replay(&mut self, seen: &Record, saw: &Model) {
        let (now, nonce) = (self.now, self.nonce());
        let Some(replay) = Replay::of(seen, nonce.clone(), now) else {
            assert_ne!(seen.state, State::Dead);
            return;
        };
        let updated = self.update(replay.update());
        let done = matches!(replay.answer(updated), Ordered::Done(_));
        assert_eq!(done, self.model(seen.key()).replay(saw, &nonce, now));
        if done {
            let again = self.update(replay.update());
            assert!(matches!(again, Updated::Refused(_)), "an order is carried out once");
            assert!(matches!(replay.answer(again), Ordered::Done(_)), "and known as one's own");
        }
    }

    /// What was forgotten is nobody's any more: no claim outlives a dedupe window.
    fn forget(&mut self) {
        let now = self.now;
        self.models.retain(|_, model| !model.is_expired(now));
        let Self { stored, models, claims, seen, .. } = self;
        stored.retain(|key, _| models.contains_key(key));
        claims.retain(|claim| models.contains_key(claim.record().key()));
        seen.retain(|seen| models.contains_key(seen.key()));
    }

    fn try_update(&mut self, update: Option<&Update>) -> bool {
        update.is_some_and(|update| matches!(self.update(update), Updated::Applied(_)))
    }

    fn model(&mut self, key: &RecordKey) -> &mut Model {
        self.models.get_mut(key).expect("a record that was seen")
    }

    fn nonce(&mut self) -> Nonce {
        self.nonces += 1;
        Nonce::stored(self.nonces.to_string())
    }
}

/// How long a retry waits is drawn; that it lies where it may is checked here.
fn judged_wait(
    claim: &Claim,
    closing: &Result<Outcome, Unrun>,
    settlement: &Settlement,
    now: Timestamp,
) -> Span {
    let Ok(Outcome::Retry { after, .. }) = closing else { return Span::ZERO };
    if claim.attempt() >= ATTEMPTS {
        return Span::ZERO;
    }
    let wait = settlement.update.apply(claim.record()).next_attempt_at.since(now);
    let (shortest, longest) = model::waits_after(claim.attempt(), *after);
    assert!((shortest..=longest).contains(&wait), "{wait:?} in {shortest:?}..={longest:?}");
    wait
}

fn claimed(answer: &Answer) -> Claimed {
    match answer {
        Answer::Claimed(claim) => Claimed::Yes { token: claim.token(), attempt: claim.attempt() },
        Answer::Finished => Claimed::Finished,
        Answer::Waiting => Claimed::Waiting,
        Answer::Busy { until } => Claimed::Busy(*until),
        Answer::Early { until } => Claimed::Early(*until),
        Answer::Redriven(_) => Claimed::Redriven,
        Answer::Dead => Claimed::Dead,
        Answer::Missing => panic!("there is a record"),
    }
}

fn policy() -> Policy {
    let factor = u32::try_from(FACTOR).expect("small");
    Policy { attempts: ATTEMPTS, first: Span::from_secs(FIRST_SECS), factor, cap: CAP }
}

fn pick<T: Clone>(from: &[T], which: &Index) -> Option<T> {
    (!from.is_empty()).then(|| which.get(from).clone())
}

fn source() -> SourceName {
    SourceName::new("stripe").expect("a name")
}

fn key(event: usize) -> RecordKey {
    assert!(event < EVENTS);
    RecordKey::event(&source(), &EventKey::new(format!("evt_{event}")))
}

fn ticket(key: &RecordKey, sent_at: Timestamp) -> Ticket {
    Ticket { key: key.clone(), source: source(), kind: Kind::new("invoice.paid"), sent_at }
}

fn event(key: &RecordKey, [body, kind, entity, time]: [bool; 4], kept_until: Timestamp) -> Event {
    let hash = BodyHash::of(if body { b"{}" } else { b"[]" });
    Event {
        key: key.clone(),
        source: source(),
        kind: Kind::new(if kind { "invoice.paid" } else { "invoice.voided" }),
        entity: entity.then(|| Entity::new("in_1")),
        version: None,
        source_time: time.then_some(BEGIN),
        origin: Origin::Webhook,
        received_at: RECEIVED_AT,
        headers: Vec::new(),
        body: BodyRef { place: BodyPlace::Table, key: BodyKey::new(key, &hash), hash, kept_until },
    }
}
