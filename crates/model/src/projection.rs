//! A record as the model keeps it, and back: few values, each standing for all that the
//! transitions cannot tell apart.
//!
//! Points in time are flags. To the transitions a time is past or not past, and the same as one
//! that was read earlier or not; so each flag becomes a concrete timestamp before a transition
//! is made and is read back after it. The present is always the same: time passes by turning a
//! flag, one at a time and in any order, which covers every clock and every skew between them.
//!
//! The fencing token needs no number: of the tokens in the hands of workers only the record's own
//! is ever equal to it, and a new one is equal to none.

use crate::concrete::{ARRIVED, NOW, SENT_LONG_AGO, is_ageing, nonce};
use holdfast_domain::outcome::Ending;
use holdfast_domain::record::{Nonce, Record, Room, State};

/// Whose random id stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Id {
    /// One that nobody will ask for again.
    Other,
    /// Of a receiver's put that waits for its answer.
    Receiver(u8),
    /// Of a worker's claim, or of its replay, that waits for its answer.
    Worker(u8),
    /// Of an operator's order that waits for its answer.
    Operator,
}

/// A position in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Position {
    /// The time of arrival, which is past; the one position that comes back.
    Arrival,
    /// Past.
    Reached,
    /// Not past.
    Ahead,
}

/// A stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Rec {
    pub(crate) state: Phase,
    pub(crate) owner: Id,
    pub(crate) ingest: Id,
    pub(crate) attempts: u8,
    /// Whether the running claim has lapsed.
    pub(crate) lapsed: bool,
    /// Whether it may run.
    pub(crate) due: bool,
    /// Whether its ticket was sent so long ago that it may be taken for lost.
    pub(crate) overdue: bool,
    pub(crate) place: Option<(Corner, Position)>,
    pub(crate) ending: Option<Fate>,
    pub(crate) died: bool,
    /// Whether its body, as far as the record knows, has two weeks left.
    pub(crate) ageing: bool,
}

/// [`State`], in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Phase {
    Received,
    Processing,
    Processed,
    Dead,
}

/// [`Room`], in an order.
pub(crate) type Corner = Room;

/// How a processed record ended, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fate {
    /// The handler's effect is committed.
    Applied,
    /// A newer version was there before.
    Stale,
    /// An operator let it go.
    Discarded,
}

/// Which of the times of a record that was read earlier are still the stored ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Outdated {
    pub(crate) sent: bool,
    pub(crate) place: bool,
    pub(crate) death: bool,
}

impl Outdated {
    /// It died anew since, or was brought back.
    pub(crate) const DEATH: Self = Self { sent: false, place: false, death: true };

    /// What a write changed.
    pub(crate) fn between(before: &Record, after: &Record) -> Self {
        Self {
            sent: before.last_sent_at != after.last_sent_at,
            place: before.place.map(|place| place.index_at)
                != after.place.map(|place| place.index_at),
            death: before.death.as_ref().map(|death| death.at)
                != after.death.as_ref().map(|death| death.at),
        }
    }

    /// Both.
    pub(crate) fn and(self, more: Self) -> Self {
        Self {
            sent: self.sent || more.sent,
            place: self.place || more.place,
            death: self.death || more.death,
        }
    }
}

impl Rec {
    /// The projection of a concrete record, right after a write; its nonces are among `known`.
    pub(crate) fn of(record: &Record, known: &[Id]) -> Self {
        let id = |found: &Nonce| {
            known.iter().copied().find(|id| nonce(*id) == *found).unwrap_or(Id::Other)
        };
        Self {
            state: Phase::of(record.state),
            owner: record.owner.as_ref().map_or(Id::Other, id),
            ingest: id(&record.ingest_nonce),
            attempts: u8::try_from(record.attempts).unwrap_or(u8::MAX),
            lapsed: record.lease_until.is_some_and(|until| until < NOW),
            due: record.next_attempt_at <= NOW,
            overdue: record.last_sent_at == SENT_LONG_AGO,
            place: record.place.map(|place| {
                let position = match place.index_at {
                    ARRIVED => Position::Arrival,
                    at if at <= NOW => Position::Reached,
                    _ => Position::Ahead,
                };
                (place.room, position)
            }),
            ending: record.processed.as_ref().map(|processed| Fate::of(processed.ending)),
            died: record.death.is_some(),
            ageing: is_ageing(record.event.body.kept_until),
        }
    }

    /// A dead record, as far as a replay looks at it.
    pub(crate) fn dead() -> Self {
        Self {
            state: Phase::Dead,
            owner: Id::Other,
            ingest: Id::Other,
            attempts: 0,
            lapsed: false,
            due: true,
            overdue: false,
            place: Some((Room::Dead, Position::Reached)),
            ending: None,
            died: true,
            ageing: false,
        }
    }

    /// A claimed record, as far as its claim's holder looks at it.
    pub(crate) fn claimed(attempts: u8) -> Self {
        Self {
            state: Phase::Processing,
            attempts,
            place: Some((Room::Open, Position::Ahead)),
            died: false,
            ..Self::dead()
        }
    }

    /// Its room, if any.
    pub(crate) fn room(&self) -> Option<Room> {
        self.place.map(|(room, _)| room)
    }

    /// Without what no transition will ask for.
    pub(crate) fn canonical(self) -> Self {
        let ended = !self.is_open();
        Self {
            attempts: if ended { 0 } else { self.attempts },
            due: ended || self.due,
            overdue: !ended && self.overdue,
            ageing: self.state != Phase::Processed && self.ageing,
            ..self
        }
    }

    /// Without what a sweep does not look at.
    pub(crate) fn glimpse(self) -> Self {
        Self { attempts: 0, owner: Id::Other, ingest: Id::Other, ageing: false, ..self }
    }

    /// Whether it is neither processed nor dead.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state, Phase::Received | Phase::Processing)
    }

    /// Whether a ticket may be deleted when this was seen.
    pub(crate) fn allows_ack(&self) -> bool {
        match self.state {
            Phase::Processed => true,
            Phase::Received => self.room().is_some_and(Room::is_waiting),
            Phase::Processing | Phase::Dead => false,
        }
    }
}

impl Phase {
    fn of(state: State) -> Self {
        match state {
            State::Received => Self::Received,
            State::Processing => Self::Processing,
            State::Processed => Self::Processed,
            State::Dead => Self::Dead,
        }
    }

    /// The state that the record would be in.
    pub(crate) fn domain(self) -> State {
        match self {
            Self::Received => State::Received,
            Self::Processing => State::Processing,
            Self::Processed => State::Processed,
            Self::Dead => State::Dead,
        }
    }
}

impl Fate {
    fn of(ending: Ending) -> Self {
        match ending {
            Ending::Stale => Self::Stale,
            Ending::Discarded => Self::Discarded,
            Ending::Delivered | Ending::Applied | Ending::Unrouted => Self::Applied,
        }
    }

    /// The ending that the record would tell.
    pub(crate) fn domain(self) -> Ending {
        match self {
            Self::Applied => Ending::Applied,
            Self::Stale => Ending::Stale,
            Self::Discarded => Ending::Discarded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concrete::Template;

    #[test]
    fn a_record_is_read_back_as_it_was_kept() {
        let template = Template::new(0);
        let ids = [Id::Other, Id::Receiver(1), Id::Worker(0), Id::Operator];
        let positions = [Position::Arrival, Position::Reached, Position::Ahead];
        let places = Room::ALL.into_iter().flat_map(|room| positions.map(|at| Some((room, at))));
        for place in places.chain([None]) {
            for id in ids {
                for bits in 0..8_u8 {
                    let [lapsed, due, overdue] = [1, 2, 4].map(|bit| bits & bit != 0);
                    let open =
                        Rec { owner: id, ingest: id, due, overdue, place, ..Rec::claimed(2) };
                    let others = [
                        Rec { lapsed, ..open },
                        Rec { state: Phase::Received, ..open },
                        Rec { state: Phase::Dead, died: true, ..open },
                        Rec { state: Phase::Processed, ending: Some(Fate::Stale), ..open },
                    ];
                    for rec in others.into_iter().flat_map(|rec| [rec, Rec { ageing: true, ..rec }])
                    {
                        assert_eq!(Rec::of(&template.record(&rec), &ids), rec);
                    }
                }
            }
        }
    }

    #[test]
    fn what_was_overwritten_is_not_what_is_stored() {
        let template = Template::new(0);
        let rec = Rec::dead();
        let outdated = Outdated { sent: true, place: true, death: true };
        let (stored, seen) = (template.record(&rec), template.seen(&rec, outdated));
        assert_eq!(Outdated::between(&stored, &seen), outdated);
        assert_eq!(Rec::of(&seen, &[]).canonical(), rec.canonical());
    }
}
