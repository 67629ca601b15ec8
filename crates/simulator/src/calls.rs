//! A call from a process to the world: it takes time, and may go wrong in every way in which a call
//! over a network does.
//!
//! ```text
//! fine       the effect, and its answer, after some milliseconds
//! slow       on its way for long, or its process stalls: it takes effect whoever dies meanwhile
//! refused    no effect, an error
//! lost       the effect, an error
//! late       an error, and the effect later; or never
//! repeated   the effect, its answer lost, made again by the SDK: the second answer
//! overtaken  the same, but the first takes effect after the second
//! crash      the process dies before the effect, or after it
//! ```

use crate::process::{Function, Process};
use crate::world::{World, lock};
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{Error, Result};
use holdfast_testkit::faults::Operation;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Who does what, for those who watch.
#[derive(Clone)]
pub(crate) struct Deed {
    pub(crate) who: Arc<Process>,
    pub(crate) operation: Operation,
    /// Its process does not hear the answer, or not this one's.
    pub(crate) unheard: bool,
    /// It is the first of two.
    pub(crate) repeated: bool,
    /// Whoever asked stopped waiting.
    given_up: Arc<AtomicBool>,
}

impl Deed {
    pub(crate) fn is_given_up(&self) -> bool {
        self.given_up.load(Ordering::Relaxed)
    }
}

/// Whoever waits for the answer to a call. Dropped before it came, it never hears.
struct Asker<'c> {
    world: &'c World,
    who: &'c Process,
    operation: Operation,
    subject: &'c str,
    given_up: Arc<AtomicBool>,
    heard: bool,
}

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        if !self.heard {
            self.given_up.store(true, Ordering::Relaxed);
            self.world.watch.gave_up(self.who, self.operation, self.subject);
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Fate {
    Fine,
    Slow,
    Refused,
    Lost,
    Late,
    Repeated,
    Overtaken,
    CrashBefore,
    CrashAfter,
}

impl Fate {
    const fn count(self) -> Option<&'static str> {
        match self {
            Self::Fine => None,
            Self::Slow => Some("slow_calls"),
            Self::Refused => Some("refused_calls"),
            Self::Lost => Some("lost_answers"),
            Self::Late => Some("late_effects"),
            Self::Repeated => Some("repeated_calls"),
            Self::Overtaken => Some("overtaken_calls"),
            Self::CrashBefore => Some("crashes_before_a_call"),
            Self::CrashAfter => Some("crashes_after_a_call"),
        }
    }
}

/// How long a send may be on its way at most, the SDK's own repetitions included: what is taken for a
/// redrive depends on it.
const LATEST_SEND: Span = Span::from_secs(5);

impl World {
    /// Makes a call, or what becomes of it.
    pub(crate) async fn call<T: Send + 'static>(
        self: &Arc<Self>,
        who: &Arc<Process>,
        operation: Operation,
        subject: String,
        effect: impl Fn(&Arc<Self>, &Deed) -> T + Send + Sync + 'static,
    ) -> Result<T> {
        if who.is_dead() {
            return pending().await;
        }
        let fate = self.fate(operation);
        self.counts.one("calls");
        if let Some(name) = fate.count() {
            self.counts.one(name);
        }
        self.note((who.id, operation, fate, &subject), || {
            format!("{} {:?} {operation:?} {subject} {fate:?}", who.id, who.function)
        });
        let given_up = Arc::new(AtomicBool::new(false));
        let deed = Deed {
            who: who.clone(),
            operation,
            unheard: false,
            repeated: false,
            given_up: given_up.clone(),
        };
        let mut asker =
            Asker { world: self, who, operation, subject: &subject, given_up, heard: false };
        let answer = self.meet(fate, deed, &subject, effect).await;
        asker.heard = true;
        answer
    }

    /// What a call meets with.
    async fn meet<T: Send + 'static>(
        self: &Arc<Self>,
        fate: Fate,
        deed: Deed,
        subject: &str,
        effect: impl Fn(&Arc<Self>, &Deed) -> T + Send + Sync + 'static,
    ) -> Result<T> {
        let (who, operation) = (&deed.who, deed.operation);
        let unheard = Deed { unheard: true, ..deed.clone() };
        let gone_wrong = || Error::new("hear from the world", "injected fault");
        let brief = self.dice.millis(1, 12);
        if matches!(fate, Fate::Refused | Fate::Lost | Fate::Late) {
            self.watch.failed(who.id, operation, subject);
        }
        match fate {
            Fate::Slow => return Ok(self.slow(deed, effect).await),
            Fate::Late => {
                let wait = self.time_out(operation);
                if self.dice.percent(80) {
                    self.on_its_way(wait.plus(self.dice.millis(0, 3000)), unheard, effect);
                }
                self.pass(wait).await;
                return Err(gone_wrong());
            }
            _ => self.pass(brief).await,
        }
        match fate {
            Fate::Refused => Err(gone_wrong()),
            Fate::Lost => {
                effect(self, &unheard);
                Err(gone_wrong())
            }
            Fate::Repeated => {
                effect(self, &Deed { repeated: true, ..deed.clone() });
                self.pass(self.dice.millis(20, 900)).await;
                Ok(effect(self, &deed))
            }
            Fate::Overtaken => {
                let effect = Arc::new(effect);
                let first = effect.clone();
                let after = self.dice.millis(30, 2000);
                self.on_its_way(after, unheard, move |world, deed| first(world, deed));
                self.pass(self.dice.millis(1, 20)).await;
                Ok(effect(self, &deed))
            }
            Fate::CrashBefore => self.crash(who).await,
            Fate::CrashAfter => {
                effect(self, &unheard);
                self.crash(who).await
            }
            Fate::Fine | Fate::Slow | Fate::Late => Ok(effect(self, &deed)),
        }
    }

    /// Kills the process from inside: it never goes on.
    pub(crate) async fn crash<T>(&self, who: &Process) -> T {
        self.kill(who, "crashes");
        pending().await
    }

    async fn slow<T: Send + 'static>(
        self: &Arc<Self>,
        deed: Deed,
        effect: impl Fn(&Arc<Self>, &Deed) -> T + Send + Sync + 'static,
    ) -> T {
        let longest = if self.dice.percent(10) { 20_000 } else { 2500 };
        let longest = longest.min(self.time_out(deed.operation).millis());
        let there = self.dice.millis(10, longest);
        // Some processes stand still for longer than their time.
        let stalls = self.dice.percent(4);
        let back =
            if stalls { self.dice.millis(30_000, 100_000) } else { self.dice.millis(1, longest) };
        let answer = Arc::new(Mutex::new(None));
        let answered = answer.clone();
        self.on_its_way(there, deed, move |world, deed| {
            // Whoever asked may be gone by now.
            let deed = Deed { unheard: deed.who.is_dead(), ..deed.clone() };
            *lock(&answered) = Some(effect(world, &deed));
        });
        self.pass(there.plus(back)).await;
        let taken = lock(&answer).take();
        match taken {
            Some(answer) => answer,
            None => pending().await,
        }
    }

    fn on_its_way<T>(
        self: &Arc<Self>,
        after: Span,
        deed: Deed,
        effect: impl Fn(&Arc<Self>, &Deed) -> T + Send + Sync + 'static,
    ) {
        self.begins();
        self.later(self.now().plus(after), move |world| {
            world.note(("arrives", deed.who.id, deed.operation), || {
                format!("{} {:?} arrives", deed.who.id, deed.operation)
            });
            effect(world, &deed);
            world.ends();
        });
    }

    /// When the SDK gives a call up.
    fn time_out(&self, operation: Operation) -> Span {
        match operation {
            Operation::SendTicket => LATEST_SEND.minus(Span::from_secs(3)),
            Operation::CreateRecord | Operation::WriteBody => Span::from_millis(2500),
            _ => Span::from_secs(10),
        }
    }

    fn fate(&self, operation: Operation) -> Fate {
        if self.is_calm() {
            return Fate::Fine;
        }
        let rates = &self.profile.rates;
        let (write, mut drawn) = (operation.is_write(), self.dice.below(10_000));
        let mut falls = |rate: u64| {
            let fell = drawn < rate;
            drawn = if fell { drawn } else { drawn - rate };
            fell
        };
        if falls(rates.slow) {
            return Fate::Slow;
        }
        if falls(rates.refused) {
            return Fate::Refused;
        }
        if falls(rates.crash) {
            return if self.dice.percent(50) { Fate::CrashBefore } else { Fate::CrashAfter };
        }
        if falls(rates.lost) {
            return Fate::Lost;
        }
        if write && falls(rates.repeated) {
            return if self.dice.percent(70) { Fate::Repeated } else { Fate::Overtaken };
        }
        if write && falls(rates.late) {
            return Fate::Late;
        }
        Fate::Fine
    }
}

/// How late a function is killed after its time is up.
pub(crate) fn lateness(world: &World, function: Function) -> Span {
    match function {
        Function::Command => Span::ZERO,
        _ if world.profile.wild => world.dice.millis(0, 30_000),
        _ => world.dice.millis(0, 700),
    }
}
