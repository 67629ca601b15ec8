//! What a configuration of the model contains, and which protection it leaves out.

use crate::ablation::Ablation;

/// The bounds of one exploration. Small ones, several of them: states multiply.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The configuration's name.
    pub name: &'static str,
    /// How many events there are, 1 or 2; with two, they are versions of one entity.
    pub events: u8,
    /// How many processes of each sort.
    pub receivers: u8,
    /// How many workers.
    pub workers: u8,
    /// How many sweeps may overlap.
    pub sweeps: u8,
    /// How often the provider may deliver each event.
    pub deliveries: u8,
    /// How many tickets the queue holds; one more is as good as lost.
    pub tickets: u8,
    /// After how many receives the queue moves a ticket to the dead-letter queue.
    pub max_receives: u8,
    /// How many attempts the route allows.
    pub attempts: u8,
    /// How many faults may happen in all.
    pub faults: u8,
    /// How many orders an operator may give: replay, discard, redrive.
    pub orders: u8,
    /// How often an operator may turn the switch off.
    pub switches: u8,
    /// Whether handlers may fail for good, and for how long they may ask to wait.
    pub outcomes: Outcomes,
    /// Whether a worker may put a ticket off by its labels, before any claim.
    pub deferrals: bool,
    /// Whether the effect commits together with the completion.
    pub transactional: bool,
    /// Whether a dead event that the provider sends again is replayed.
    pub replay_dead: bool,
    /// Whether bodies and processed records expire.
    pub ageing: bool,
    /// Whether hidden tickets show only when their record may be claimed: no clock skew.
    pub punctual: bool,
    /// Which kinds of faults there are.
    pub kinds: Kinds,
    /// The protection that is taken away.
    pub without: Option<Ablation>,
}

/// What a handler may answer beside "done".
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcomes {
    /// Fail, and be tried again soon.
    pub retry: bool,
    /// Fail, and be tried again after longer than a ticket is hidden.
    pub retry_long: bool,
    /// Fail for good.
    pub reject: bool,
    /// Not yet, soon.
    pub defer: bool,
    /// Not yet, for longer than a ticket is hidden.
    pub defer_long: bool,
}

/// Kinds of faults.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// A process dies.
    pub crashes: bool,
    /// A write holds, its answer is lost, and the SDK repeats it.
    pub lost_answers: bool,
    /// A send fails.
    pub failed_sends: bool,
    /// A ticket is lost.
    pub lost_tickets: bool,
    /// A ticket is delivered twice.
    pub doubled_tickets: bool,
    /// A ticket is received and dropped without a run.
    pub throttles: bool,
    /// A worker outlives its lease.
    pub slow_workers: bool,
    /// The queue's clock and ours disagree about what was first, a death or a ticket.
    pub skew: bool,
}

impl Kinds {
    /// Processes die and answers are lost.
    pub const CRASHES: Self = Self {
        crashes: true,
        lost_answers: true,
        failed_sends: false,
        lost_tickets: false,
        doubled_tickets: false,
        throttles: false,
        slow_workers: false,
        skew: false,
    };

    /// All but workers that outlive their lease, so that no two handlers may be live at once.
    pub const PROMPT: Self = Self {
        failed_sends: true,
        lost_tickets: true,
        doubled_tickets: true,
        throttles: true,
        skew: true,
        ..Self::CRASHES
    };

    /// All of them.
    pub const ALL: Self = Self { slow_workers: true, ..Self::PROMPT };
}

impl Settings {
    /// One event, one of each process, one fault of any kind, nothing else.
    pub const BASE: Self = Self {
        name: "base",
        events: 1,
        receivers: 1,
        workers: 1,
        sweeps: 1,
        deliveries: 1,
        tickets: 2,
        max_receives: 4,
        attempts: 2,
        faults: 1,
        orders: 0,
        switches: 0,
        outcomes: Outcomes {
            retry: false,
            retry_long: false,
            reject: false,
            defer: false,
            defer_long: false,
        },
        deferrals: false,
        transactional: true,
        replay_dead: false,
        ageing: false,
        punctual: false,
        kinds: Kinds::PROMPT,
        without: None,
    };

    /// The same without a protection.
    #[must_use]
    pub const fn without(self, ablation: Ablation) -> Self {
        Self { without: Some(ablation), ..self }
    }

    /// Whether this protection is taken away.
    pub(crate) fn lacks(&self, ablation: Ablation) -> bool {
        self.without == Some(ablation)
    }
}
