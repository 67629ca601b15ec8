//! The table: the domain's own updates, evaluated by the domain, and what the invariants say of
//! each single write.

use crate::ablation::Ablation;
use crate::concrete::{NOW, SENT_LONG_AGO};
use crate::projection::{Id, Outdated, Rec};
use crate::protocol::Protocol;
use crate::settings::Settings;
use crate::state::{Breach, System};
use holdfast_domain::lifecycle::{Condition, Guard, Transition, Update, Updated};
use holdfast_domain::record::{Record, Room, State};

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Writer {
    /// The id that the write may leave behind.
    pub(crate) id: Id,
    /// Whether it is a claim's holder that somebody has overtaken.
    pub(crate) fenced: bool,
    /// Whether it acts under a claim at all.
    pub(crate) claimant: bool,
}

impl Writer {
    /// Somebody without a claim.
    pub(crate) const fn of(id: Id) -> Self {
        Self { id, fenced: false, claimant: false }
    }

    /// A worker under its claim.
    pub(crate) const fn claimant(fenced: bool) -> Self {
        Self { id: Id::Other, fenced, claimant: true }
    }
}

impl Protocol {
    /// Makes a write, as the store would.
    pub(crate) fn write(
        &self,
        system: &mut System,
        event: u8,
        update: &Update,
        writer: Writer,
    ) -> Updated {
        let stored = system.event(event).record;
        let before = stored.map(|rec| self.template(event).record(&rec));
        let (Some(rec), Some(before)) = (stored, before) else {
            // Only an update without "exists" could hold on nothing; it would make a record.
            if update.guard().holds(None) {
                system.breach(Breach::RunningChanged);
            }
            return Updated::Refused(None);
        };
        if !holds(update, &before, &self.settings, writer) {
            return Updated::Refused(Some(Box::new(before)));
        }
        self.saw(name(update.transition()));
        let mut after = update.apply(&before);
        if update.transition() == Transition::Claim {
            if self.lacks(Ablation::OpenInClaim) {
                after.place = before.place;
            }
            if self.lacks(Ablation::TokenRises) {
                after.token = before.token;
            }
        }
        judge(system, (event, update), (&before, &after), writer);
        system.outdate(event, Outdated::between(&before, &after));
        if after.token != before.token {
            system.fence(event);
        }
        let ids = [writer.id, rec.owner, rec.ingest];
        system.event_mut(event).record = Some(Rec::of(&after, &ids));
        Updated::Applied(Box::new(after))
    }
}

/// A transition's name, for what the exploration has seen.
fn name(transition: Transition) -> &'static str {
    match transition {
        Transition::Claim => "claim",
        Transition::Complete => "complete",
        Transition::Retry => "retry",
        Transition::Wait => "wait",
        Transition::Park => "park",
        Transition::Defer => "defer",
        Transition::Bury => "bury",
        Transition::Resend => "resend",
        Transition::Release => "release",
        Transition::Replay => "replay",
        Transition::Discard => "discard",
        Transition::Renew => "renew",
    }
}

/// The guard, or what an ablation leaves of it.
fn holds(update: &Update, record: &Record, settings: &Settings, writer: Writer) -> bool {
    let transition = update.transition();
    let swept = matches!(transition, Transition::Resend | Transition::Release);
    let early = !writer.claimant && matches!(transition, Transition::Park | Transition::Defer);
    let without = |condition: &Condition| match settings.without {
        Some(Ablation::FencingToken) => matches!(condition, Condition::TokenIs(_)),
        Some(Ablation::ConditionalClose) => {
            writer.claimant && !matches!(condition, Condition::Exists)
        }
        Some(Ablation::SweepConditions) => swept && !matches!(condition, Condition::Exists),
        Some(Ablation::LastSentInResend) => matches!(condition, Condition::LastSentIs(_)),
        Some(Ablation::RoomInResend) => {
            transition == Transition::Resend && matches!(condition, Condition::RoomIs(_))
        }
        Some(Ablation::PlaceInRelease) => matches!(condition, Condition::IndexAtIs(_)),
        Some(Ablation::LapseInClaim) => matches!(condition, Condition::LeaseBefore(_)),
        Some(Ablation::DeathIsTheOneSeen) => matches!(condition, Condition::DiedAt(_)),
        Some(Ablation::ReceivedInDeferral) => early && matches!(condition, Condition::StateIs(_)),
        Some(Ablation::DueInDeferral) => early && matches!(condition, Condition::DueBy(_)),
        _ => false,
    };
    weakened(update.guard(), &without).holds(Some(record))
}

fn weakened(guard: &Guard, without: &impl Fn(&Condition) -> bool) -> Guard {
    let each = |guards: &[Guard]| guards.iter().map(|guard| weakened(guard, without)).collect();
    match guard {
        Guard::Is(condition) if without(condition) => Guard::All(Vec::new()),
        Guard::Is(condition) => Guard::Is(condition.clone()),
        Guard::All(guards) => Guard::All(each(guards)),
        Guard::Any(guards) => Guard::Any(each(guards)),
    }
}

/// I4, I5, I9, I10 and I13 of one write.
fn judge(
    system: &mut System,
    (event, update): (u8, &Update),
    (before, after): (&Record, &Record),
    writer: Writer,
) {
    let transition = update.transition();
    if before.state == State::Processed && after != before {
        system.breach(Breach::ProcessedChanged);
    }
    if transition == Transition::Defer && before.next_attempt_at > NOW {
        system.breach(Breach::WaitShortened);
    }
    if transition == Transition::Resend {
        if before.last_sent_at != SENT_LONG_AGO {
            system.breach(Breach::SentTooSoon);
        }
        if before.room() != Some(Room::Open) {
            system.breach(Breach::ReleasedEarly);
        }
    }
    let token_rises = after.token > before.token;
    if token_rises != (transition == Transition::Claim) {
        system.breach(Breach::RunningChanged);
    }
    if before.state == State::Processing
        && !matches!(transition, Transition::Resend | Transition::Renew)
    {
        let lapsed = system.event(event).record.is_some_and(|rec| rec.lapsed);
        let may = if transition == Transition::Claim {
            lapsed
        } else {
            writer.claimant && !writer.fenced
        };
        if !may {
            system.breach(Breach::RunningChanged);
        }
    }
    if transition == Transition::Release
        && (before.state != State::Received
            || before.place.is_some_and(|place| place.index_at > NOW))
    {
        system.breach(Breach::ReleasedEarly);
    }
    let ghost = &mut system.event_mut(event).ghost;
    match transition {
        Transition::Replay => {
            (ghost.runs, ghost.unclosed) = (0, 0);
            match ghost.allowance.checked_sub(1) {
                Some(left) => ghost.allowance = left,
                None => system.breach(Breach::Wasted),
            }
        }
        Transition::Bury | Transition::Discard => ghost.allowance = 0,
        _ => {}
    }
}
