//! What must become of a record, told without the domain's guards and changes: each step is a
//! function from what is stored to what is answered and stored then. Numbers are written out, so
//! that a changed constant is noticed.

use super::operation::Unrun;
use holdfast_domain::lifecycle::Transition;
use holdfast_domain::lifecycle::settle::{Refusal, TicketFate};
use holdfast_domain::outcome::{Class, Ending, Outcome};
use holdfast_domain::record::{Nonce, Record, Room, State};
use holdfast_domain::time::{Span, Timestamp};

/// The most attempts, and the waits between them.
pub(crate) const ATTEMPTS: u32 = 3;
pub(crate) const FIRST_SECS: u64 = 10;
pub(crate) const FACTOR: u64 = 3;
pub(crate) const CAP: Span = Span::from_mins(60);
pub(crate) const WINDOW: Span = Span::from_days(90);
pub(crate) const MAX_RECEIVES: u32 = 25;

const TWO_MINUTES: Span = Span::from_mins(2);

/// Everything of a record that changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub(crate) state: State,
    pub(crate) token: u64,
    pub(crate) attempts: u32,
    pub(crate) replays: u32,
    pub(crate) owner: Option<Nonce>,
    pub(crate) put_by: Nonce,
    pub(crate) lease: Option<Timestamp>,
    pub(crate) due: Timestamp,
    pub(crate) sent: Timestamp,
    pub(crate) place: Option<(Room, Timestamp)>,
    pub(crate) died: Option<(Timestamp, Class, Option<u16>)>,
    pub(crate) ended: Option<(Ending, Timestamp, Timestamp)>,
    pub(crate) kept_until: Timestamp,
    /// What came of each attempt, when it was claimed and how long it took.
    pub(crate) log: Vec<(String, Timestamp, Span)>,
}

/// What a request meets under its key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Met {
    Itself,
    Another,
    Dead,
    SentAgain,
    Duplicate,
}

/// What a ticket meets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Claimed {
    Yes { token: u64, attempt: u32 },
    Finished,
    Waiting,
    Busy(Timestamp),
    Early(Timestamp),
    Redriven,
    Dead,
}

impl Model {
    /// A record as the model sees it.
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            state: record.state,
            token: record.token,
            attempts: record.attempts,
            replays: record.replays,
            owner: record.owner.clone(),
            put_by: record.ingest_nonce.clone(),
            lease: record.lease_until,
            due: record.next_attempt_at,
            sent: record.last_sent_at,
            place: record.place.map(|place| (place.room, place.index_at)),
            died: record
                .death
                .as_ref()
                .map(|death| (death.at, death.failure.class, death.failure.status)),
            ended: record.processed.as_ref().map(|end| (end.ending, end.at, end.expires_at)),
            kept_until: record.event.body.kept_until,
            log: record
                .attempt_log
                .iter()
                .map(|attempt| (attempt.result.clone(), attempt.at, attempt.took))
                .collect(),
        }
    }

    /// A first request.
    pub(crate) fn put(by: Nonce, kept_until: Timestamp, now: Timestamp) -> Self {
        Self {
            state: State::Received,
            token: 0,
            attempts: 0,
            replays: 0,
            owner: None,
            put_by: by,
            lease: None,
            due: Timestamp::EPOCH,
            sent: now,
            place: Some((Room::Open, now.plus(TWO_MINUTES))),
            died: None,
            ended: None,
            kept_until,
            log: Vec::new(),
        }
    }

    /// A further request with the same key; `another` says whether it is another event.
    pub(crate) fn meet(&mut self, another: bool, now: Timestamp) -> Met {
        let lost = self.room() == Some(Room::Open)
            && self.due <= now
            && now.millis() - self.sent.millis() > 60_000;
        match self.state {
            _ if another => Met::Another,
            State::Dead => Met::Dead,
            State::Received if lost => {
                self.sent = now;
                Met::SentAgain
            }
            _ => Met::Duplicate,
        }
    }

    /// A ticket: `queued` by the queue's clock, `stamped` by ours.
    pub(crate) fn claim(
        &mut self,
        owner: &Nonce,
        now: Timestamp,
        left: Span,
        (queued, stamped): (Timestamp, Timestamp),
    ) -> Claimed {
        let lapsed = self.lease.is_some_and(|lease| lease < now);
        match self.state {
            State::Processed => return Claimed::Finished,
            State::Dead => {
                let died = self.died.expect("the dead have died").0;
                let moved = queued > died && queued.millis() - stamped.millis() > 10_000;
                return if moved { Claimed::Redriven } else { Claimed::Dead };
            }
            State::Received if self.due > now && self.waits() => return Claimed::Waiting,
            State::Received if self.due > now => return Claimed::Early(self.due),
            State::Processing if !lapsed => {
                return Claimed::Busy(self.lease.expect("a claim has a lease"));
            }
            State::Received | State::Processing => {}
        }
        self.state = State::Processing;
        self.token += 1;
        self.attempts += 1;
        self.owner = Some(owner.clone());
        self.lease = Some(now.plus(left).plus(Span::from_secs(5)));
        self.sent = now.plus(Span::from_mins(6));
        self.place = self.place.map(|(_, at)| (Room::Open, at));
        Claimed::Yes { token: self.token, attempt: self.attempts }
    }

    /// A worker with the claim of this token closes it. `wait` is what a retry came to, which has
    /// been judged by [`longest_wait`] before.
    pub(crate) fn settle(
        &mut self,
        (token, claimed_at): (u64, Timestamp),
        closing: &Result<Outcome, Unrun>,
        receives: u32,
        wait: Span,
        now: Timestamp,
    ) -> Option<TicketFate> {
        if self.state != State::Processing || self.token != token {
            return None;
        }
        self.lease = None;
        let took = Span::from_millis((now.millis() - claimed_at.millis()).unsigned_abs());
        if let Ok(outcome) = closing {
            self.log.push((name_of(outcome).to_owned(), claimed_at, took));
            self.log.drain(..self.log.len().saturating_sub(20));
        }
        let attempt = self.attempts;
        match closing {
            Ok(Outcome::Done(ending, _)) => {
                self.end(*ending, now);
                Some(TicketFate::Ack)
            }
            Ok(Outcome::Reject(failure)) => Some(self.die(failure.class, failure.status, now)),
            Ok(Outcome::Retry { failure, .. }) if attempt >= ATTEMPTS => {
                Some(self.die(Class::Exhausted, failure.status, now))
            }
            Err(Unrun::Exhausted) => Some(self.die(Class::Exhausted, None, now)),
            Ok(Outcome::Retry { .. }) => Some(self.wait(wait, receives, now)),
            Ok(Outcome::Defer { wait, .. }) => {
                self.attempts -= 1;
                Some(self.wait(*wait, receives, now))
            }
            Err(Unrun::Parked) => {
                self.state = State::Received;
                self.attempts -= 1;
                self.place = Some((Room::Parked, super::system::RECEIVED_AT));
                Some(TicketFate::Ack)
            }
        }
    }

    /// What a worker whose closing write is refused makes of it: what it wrote before is there
    /// under its token, or it has lost the claim.
    pub(crate) fn refusal(&self, token: u64, by: Transition, fate: TicketFate) -> Refusal {
        let shown = match fate {
            TicketFate::Hide(wait) => wait,
            TicketFate::Ack => Span::ZERO,
        };
        let put_back = matches!(by, Transition::Retry | Transition::Wait | Transition::Park);
        match self.state {
            _ if self.token != token => Refusal::Fenced,
            State::Processed if by == Transition::Complete => Refusal::Held(TicketFate::Ack),
            State::Dead if by == Transition::Bury => Refusal::Held(TicketFate::Hide(Span::ZERO)),
            State::Received if put_back && self.waits() => Refusal::Held(TicketFate::Ack),
            State::Received if put_back => Refusal::Held(TicketFate::Hide(shown)),
            _ => Refusal::Fenced,
        }
    }

    /// A deferral before any claim; `None` where it does not hold.
    pub(crate) fn put_off(
        &mut self,
        wait: Span,
        receives: u32,
        now: Timestamp,
    ) -> Option<TicketFate> {
        let may = self.state == State::Received && self.due <= now;
        may.then(|| self.wait(wait, receives, now))
    }

    /// A parking before any claim; whether it holds.
    pub(crate) fn park(&mut self, now: Timestamp) -> bool {
        let may = self.state == State::Received;
        if may {
            self.place = Some((Room::Parked, now));
        }
        may
    }

    /// Whether the sweep wants to send a ticket, of what it saw.
    pub(crate) fn wants_ticket(&self, lag: Span, now: Timestamp) -> bool {
        let stuck = match self.state {
            State::Received => self.due <= now,
            State::Processing => self.lease.is_some_and(|lease| lease < now),
            State::Processed | State::Dead => false,
        };
        let listed = self.place.is_some_and(|(room, at)| room == Room::Open && at <= now);
        stuck && listed && now.since(self.sent) > patience(lag)
    }

    /// The sweep sends a ticket for what it saw, if that is still so.
    pub(crate) fn resend(&mut self, seen: &Self, lag: Span, now: Timestamp) -> bool {
        let same = self.state == seen.state
            && self.room() == Some(Room::Open)
            && self.sent == seen.sent
            && seen.wants_ticket(lag, now);
        if same {
            self.sent = now;
            self.place = Some((Room::Open, now.plus(patience(lag))));
        }
        same
    }

    /// Whether the sweep wants to open what waited, of what it saw.
    pub(crate) fn wants_release(&self, now: Timestamp) -> bool {
        self.state == State::Received
            && self.waits()
            && self.due <= now
            && self.place.is_some_and(|(_, at)| at <= now)
    }

    /// The sweep opens what it saw waiting, if that is still so.
    pub(crate) fn release(&mut self, seen: &Self, now: Timestamp) -> bool {
        let same =
            self.state == State::Received && self.place == seen.place && seen.wants_release(now);
        if same {
            self.sent = now;
            self.place = Some((Room::Open, now.plus(TWO_MINUTES)));
        }
        same
    }

    /// An operator brings back the death that was seen.
    pub(crate) fn replay(&mut self, seen: &Self, by: &Nonce, now: Timestamp) -> bool {
        let same = self.is_the_death_of(seen);
        if same {
            self.state = State::Received;
            self.owner = Some(by.clone());
            self.attempts = 0;
            self.replays += 1;
            self.due = Timestamp::EPOCH;
            self.sent = now;
            self.place = Some((Room::Open, now.plus(TWO_MINUTES)));
            self.died = None;
        }
        same
    }

    /// An operator lets the death go that was seen.
    pub(crate) fn discard(&mut self, seen: &Self, now: Timestamp) -> bool {
        let same = self.is_the_death_of(seen);
        if same {
            self.end(Ending::Discarded, now);
        }
        same
    }

    /// Whether the body has to be kept longer.
    pub(crate) fn wants_body(&self, now: Timestamp) -> bool {
        let left = self.kept_until.millis() - now.millis();
        self.state != State::Processed && left < 14 * 86_400_000
    }

    /// The body that was seen is kept longer.
    pub(crate) fn renew(&mut self, seen: &Self, kept_until: Timestamp) -> bool {
        let same = self.kept_until == seen.kept_until;
        if same {
            self.kept_until = kept_until;
        }
        same
    }

    /// Whether the table may forget it.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.ended.is_some_and(|(_, _, expires)| expires <= now)
    }

    pub(crate) fn room(&self) -> Option<Room> {
        self.place.map(|(room, _)| room)
    }

    /// Whether a room holds it that sends a ticket of its own.
    pub(crate) fn waits(&self) -> bool {
        matches!(self.room(), Some(Room::Later | Room::Parked))
    }

    fn is_the_death_of(&self, seen: &Self) -> bool {
        self.state == State::Dead
            && seen.state == State::Dead
            && self.died.map(|died| died.0) == seen.died.map(|died| died.0)
    }

    fn wait(&mut self, wait: Span, receives: u32, now: Timestamp) -> TicketFate {
        self.state = State::Received;
        self.due = now.plus(wait);
        if wait <= Span::from_mins(15) && receives < MAX_RECEIVES - 2 {
            self.sent = self.due;
            self.place = Some((Room::Open, self.due.plus(TWO_MINUTES)));
            TicketFate::Hide(wait)
        } else {
            self.place = Some((Room::Later, self.due));
            TicketFate::Ack
        }
    }

    fn die(&mut self, of: Class, status: Option<u16>, now: Timestamp) -> TicketFate {
        self.state = State::Dead;
        self.died = Some((now, of, status));
        self.place = Some((Room::Dead, now));
        TicketFate::Hide(Span::ZERO)
    }

    fn end(&mut self, ending: Ending, now: Timestamp) {
        self.state = State::Processed;
        self.ended = Some((ending, now, now.plus(WINDOW)));
        self.place = None;
        self.owner = None;
        self.lease = None;
    }
}

fn name_of(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(ending, _) => ending.as_str(),
        Outcome::Retry { .. } => "retry",
        Outcome::Reject(_) => "reject",
        Outcome::Defer { .. } => "defer",
    }
}

/// The shortest and the longest wait after a failed attempt.
pub(crate) fn waits_after(attempt: u32, asked: Option<Span>) -> (Span, Span) {
    let asked = asked.unwrap_or(Span::ZERO).min(CAP);
    let grown = Span::from_secs(FIRST_SECS * FACTOR.pow(attempt - 1)).min(CAP);
    (asked.max(Span::from_secs(1)), asked.max(grown))
}

fn patience(lag: Span) -> Span {
    let behind = lag.millis() + 60_000;
    Span::from_millis(behind.clamp(120_000, 1_800_000))
}
