//! What can happen to an event, as data: proptest makes it up and cuts it down.

use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::time::Span;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How many events there are.
pub(crate) const EVENTS: usize = 2;

/// One step. `which` picks among what there is by then; where there is nothing, the step is none.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    /// Time passes.
    Pass(Span),
    /// A request arrives; it may differ in body, kind, entity and time.
    Put { event: usize, differs: [bool; 4] },
    /// A ticket is received: by the queue so long ago, stamped by us so long before that.
    Claim { event: usize, queued: Span, stamped: Span, left: Span },
    /// A worker closes its claim, or one that it closed or lost before.
    Settle { which: Index, outcome: Result<Outcome, Unrun>, receives: u32, random: u64 },
    /// A deferral, decided from the ticket's labels.
    PutOff { event: usize, wait: Span, receives: u32 },
    /// A switch is off, decided from the ticket's labels.
    Park { event: usize },
    /// Somebody reads a record, to act on it now or later.
    Look { event: usize },
    /// Somebody acts on a record as it was seen.
    Act { which: Index, act: Act },
    /// What has expired is forgotten.
    Forget,
}

/// How a claim is closed without a run.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unrun {
    Parked,
    Exhausted,
}

/// What somebody who read a record does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Resend { lag: Span },
    Release,
    Replay,
    Discard,
    Renew,
}

/// So many steps at the most.
pub(crate) fn operations(most: usize) -> impl Strategy<Value = Vec<Operation>> {
    vec(operation(), 1..most)
}

fn operation() -> impl Strategy<Value = Operation> {
    let which = || any::<Index>();
    prop_oneof![
        4 => span().prop_map(Operation::Pass),
        3 => (event(), any::<[bool; 4]>())
            .prop_map(|(event, differs)| Operation::Put { event, differs }),
        6 => (event(), short(), short(), span())
            .prop_map(|(event, queued, stamped, left)| Operation::Claim { event, queued, stamped, left }),
        6 => (which(), closing(), receives(), random()).prop_map(|(which, outcome, receives, random)| {
            Operation::Settle { which, outcome, receives, random }
        }),
        1 => (event(), span(), receives())
            .prop_map(|(event, wait, receives)| Operation::PutOff { event, wait, receives }),
        1 => event().prop_map(|event| Operation::Park { event }),
        4 => event().prop_map(|event| Operation::Look { event }),
        6 => (which(), act()).prop_map(|(which, act)| Operation::Act { which, act }),
        1 => Just(Operation::Forget),
    ]
}

fn event() -> impl Strategy<Value = usize> {
    0..EVENTS
}

/// Receives around the edge of 25, with two kept back.
fn receives() -> impl Strategy<Value = u32> {
    select(vec![1, 22, 23, 24, u32::MAX])
}

fn random() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>()]
}

/// Spans at the edges of what the rules name, so that their sums meet the edges.
fn span() -> impl Strategy<Value = Span> {
    select(vec![
        Span::ZERO,
        Span::from_millis(1),
        Span::from_secs(1),
        Span::from_secs(5),
        Span::from_secs(30),
        Span::from_secs(60),
        Span::from_mins(2),
        Span::from_mins(15),
        Span::from_millis(15 * 60_000 + 1),
        Span::from_mins(40),
        Span::from_days(1),
        Span::from_days(46),
        Span::from_days(90),
    ])
}

fn short() -> impl Strategy<Value = Span> {
    select(vec![
        Span::ZERO,
        Span::from_millis(1),
        Span::from_secs(10),
        Span::from_millis(10_001),
        Span::from_mins(2),
    ])
}

fn closing() -> impl Strategy<Value = Result<Outcome, Unrun>> {
    let after = prop_oneof![2 => Just(None), 1 => span().prop_map(Some)];
    prop_oneof![
        2 => select(Ending::ALL.to_vec()).prop_map(|ending| Ok(Outcome::done(ending))),
        6 => after.prop_map(|after| Ok(Outcome::Retry { failure: failure(Class::Status), after })),
        2 => Just(Ok(Outcome::Reject(failure(Class::Handler)))),
        2 => span().prop_map(|wait| Ok(Outcome::Defer { wait, reason: "not yet".to_owned() })),
        1 => Just(Err(Unrun::Parked)),
        1 => Just(Err(Unrun::Exhausted)),
    ]
}

fn failure(class: Class) -> Failure {
    Failure::new(class, "no").with_status(503)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => span().prop_map(|lag| Act::Resend { lag }),
        2 => Just(Act::Release),
        2 => Just(Act::Replay),
        1 => Just(Act::Discard),
        1 => Just(Act::Renew),
    ]
}
