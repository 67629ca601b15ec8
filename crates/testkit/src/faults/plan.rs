use super::call::{Call, Calls, Operation};
use holdfast_domain::time::Span;
use holdfast_pipeline::ports::{Error, Result};
use std::collections::BTreeMap;
use std::future::{Future, pending};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::Notify;

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The process dies, the call never had its effect.
    CrashBefore,
    /// The call had its effect, the process dies before it hears of it.
    CrashAfter,
    /// The call fails and had no effect.
    ErrorBefore,
    /// The call fails and had its effect.
    ErrorAfter,
    /// The answer was lost, the SDK calls again: the caller hears the second answer.
    Repeat,
    /// The call is refused for being one too many, and so are those with which the SDK tries again.
    Throttle,
    /// The call is long under way before it has its effect: see [`SLOW`].
    SlowBefore,
    /// The call had its effect, its answer is long under way.
    SlowAfter,
}

/// How long a slow call takes: longer than a function may run, a lease holds and a ticket hides. No
/// client waits so long; a process that is frozen meanwhile and then goes on does not know it.
pub const SLOW: Span = Span::from_secs(400);

/// For how long the SDK tries again when it is throttled.
const THROTTLED: Span = Span::from_secs(2);

impl Fault {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::Repeat,
        Self::Throttle,
        Self::SlowBefore,
        Self::SlowAfter,
    ];

    /// Whether the process hears that something went wrong, or does not live to; or loses so much
    /// time by it that this may cost it what it holds.
    pub const fn is_noticed(self) -> bool {
        !matches!(self, Self::Repeat)
    }
}

type Observer = Box<dyn Fn(&Call) + Send + Sync>;
type Passing = Box<dyn Fn(Span) + Send + Sync>;

/// Which call goes wrong how, and what was called so far.
#[derive(Default)]
pub struct Faults {
    state: Mutex<State>,
    crash: Notify,
    observer: OnceLock<Observer>,
    passing: OnceLock<Passing>,
}

#[derive(Default)]
struct State {
    trace: Vec<Call>,
    armed: BTreeMap<usize, Fault>,
    struck: Vec<(Call, Fault)>,
    held: Option<(Operation, Arc<Notify>)>,
    is_down: bool,
}

impl Faults {
    /// Lets a call go wrong: the one with this number, counted from 1.
    pub fn arm(&self, number: usize, fault: Fault) {
        self.lock().armed.insert(number, fault);
    }

    /// Holds the next call of this operation before its effect, until it is told to go on: what
    /// others do meanwhile comes between what the caller read and what it writes.
    pub fn hold_next(&self, operation: Operation) -> Arc<Notify> {
        let told = Arc::new(Notify::new());
        self.lock().held = Some((operation, told.clone()));
        told
    }

    /// Whether the call that was to be held is.
    pub fn is_held(&self) -> bool {
        self.lock().held.is_none()
    }

    /// The calls that went wrong so far, and how.
    pub fn struck(&self) -> Vec<(Call, Fault)> {
        self.lock().struck.clone()
    }

    /// How many calls went wrong in a way that their callers could notice.
    pub fn noticed(&self) -> usize {
        self.lock().struck.iter().filter(|(_, fault)| fault.is_noticed()).count()
    }

    /// All calls so far.
    pub fn trace(&self) -> Vec<Call> {
        self.lock().trace.clone()
    }

    /// How many calls were made so far.
    pub fn made(&self) -> usize {
        self.lock().trace.len()
    }

    /// The calls after the first `made`.
    pub fn calls_since(&self, made: usize) -> Calls {
        Calls::of(&self.lock().trace[made..])
    }

    /// Is told of every call once its effect has happened.
    ///
    /// # Panics
    /// When somebody observes already.
    pub fn observe(&self, observer: impl Fn(&Call) + Send + Sync + 'static) {
        assert!(self.observer.set(Box::new(observer)).is_ok(), "one observer");
    }

    /// Lets time pass during calls that are slow or throttled, where there is a clock that can.
    ///
    /// # Panics
    /// When it was told already.
    pub fn pass_time_by(&self, passing: impl Fn(Span) + Send + Sync + 'static) {
        assert!(self.passing.set(Box::new(passing)).is_ok(), "one clock");
    }

    /// Kills the running process from inside: nothing it does from here on has an effect.
    pub async fn crash<T>(&self) -> T {
        self.lock().is_down = true;
        self.crash.notify_one();
        pending().await
    }

    /// Waits until the running process crashes.
    pub async fn crashed(&self) {
        self.crash.notified().await;
    }

    /// Lets the next process call again.
    pub fn restart(&self) {
        self.lock().is_down = false;
    }

    /// Makes a call, or what becomes of it.
    pub(crate) async fn call<T, Fut>(
        &self,
        operation: Operation,
        subject: String,
        effect: impl Fn() -> Fut + Send,
    ) -> Result<T>
    where
        Fut: Future<Output = Result<T>> + Send,
    {
        // Whatever runs beside this call gets its turn, as it would while a request is on its way.
        tokio::task::yield_now().await;
        let Some((call, fault)) = self.begin(operation, subject) else { return pending().await };
        if let Some(told) = self.held(operation) {
            told.notified().await;
        }
        let lost = || Error::new("hear from the world", "injected fault");
        match fault {
            None => {
                let answer = effect().await;
                self.tell(&call);
                answer
            }
            Some(Fault::CrashBefore) => self.crash().await,
            Some(Fault::CrashAfter) => {
                drop(effect().await);
                self.tell(&call);
                self.crash().await
            }
            Some(Fault::ErrorBefore) => Err(lost()),
            Some(Fault::ErrorAfter) => {
                drop(effect().await);
                self.tell(&call);
                Err(lost())
            }
            Some(Fault::Repeat) => {
                drop(effect().await);
                self.tell(&call);
                let answer = effect().await;
                self.tell(&call);
                answer
            }
            Some(Fault::Throttle) => {
                self.pass(THROTTLED);
                Err(Error::new("hear from the world", "injected throttling"))
            }
            Some(Fault::SlowBefore) => {
                self.pass(SLOW);
                let answer = effect().await;
                self.tell(&call);
                answer
            }
            Some(Fault::SlowAfter) => {
                let answer = effect().await;
                self.tell(&call);
                self.pass(SLOW);
                answer
            }
        }
    }

    /// Numbers a call; `None` if its process is dead.
    fn begin(&self, operation: Operation, subject: String) -> Option<(Call, Option<Fault>)> {
        let mut state = self.lock();
        if state.is_down {
            return None;
        }
        let call = Call { number: state.trace.len() + 1, operation, subject };
        state.trace.push(call.clone());
        let armed = state.armed.remove(&call.number);
        state.struck.extend(armed.map(|fault| (call.clone(), fault)));
        Some((call, armed))
    }

    fn held(&self, operation: Operation) -> Option<Arc<Notify>> {
        self.lock().held.take_if(|(held, _)| *held == operation).map(|(_, told)| told)
    }

    fn pass(&self, time: Span) {
        if let Some(pass) = self.passing.get() {
            pass(time);
        }
    }

    fn tell(&self, call: &Call) {
        if let Some(observer) = self.observer.get() {
            observer(call);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
