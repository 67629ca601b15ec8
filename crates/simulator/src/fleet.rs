//! The instances of the functions: made when they are needed, used again while they are warm, and
//! replaced by a deploy, which lets what runs go on.

use crate::calls::lateness;
use crate::process::{Function, Process};
use crate::provider::Happening;
use crate::runs::{Live, Runs, handle};
use crate::settings;
use crate::wire::Wire;
use crate::world::{World, lock};
use holdfast_domain::configuration::{Configuration, Glob};
use holdfast_domain::retry::Policy;
use holdfast_domain::source::SourceName;
use holdfast_domain::time::Span;
use holdfast_pipeline::deliver::Delivery;
use holdfast_pipeline::handlers::{Handlers, Registered};
use holdfast_pipeline::process::{Processor, QueueTerms};
use holdfast_pipeline::receive::Receiver;
use holdfast_pipeline::secrets::SecretCache;
use std::future::Future;
use std::sync::{Arc, Mutex};

/// How often the handler is tried.
const HANDLER_ATTEMPTS: u32 = 3;

/// A processor with its ports.
pub(crate) type SimulatedProcessor = Processor<Wire, Runs, Arc<Configuration>>;

/// A function with what it keeps in memory while it is warm.
pub(crate) struct Instance<T> {
    pub(crate) process: Arc<Process>,
    pub(crate) function: T,
    /// Whether it has not answered anything yet.
    pub(crate) is_cold: bool,
}

/// The reconciler as it stays warm.
pub(crate) struct Reconciler {
    pub(crate) wire: Wire,
    pub(crate) configuration: Arc<Configuration>,
    pub(crate) secrets: SecretCache,
}

/// The warm instances of a function.
pub(crate) type Warm<T> = Mutex<Vec<Instance<T>>>;

/// All warm instances, and what runs in them.
#[derive(Default)]
pub(crate) struct Fleet {
    pub(crate) receivers: Warm<Arc<Receiver<Wire>>>,
    pub(crate) processors: Warm<Arc<SimulatedProcessor>>,
    pub(crate) reconcilers: Warm<Arc<Reconciler>>,
    pub(crate) live: Live,
    pub(crate) batches: Mutex<usize>,
    /// What was answered with a 2xx.
    pub(crate) accepted: Mutex<Vec<Happening>>,
}

impl Fleet {
    /// A deploy: no warm instance is used again.
    pub(crate) fn retire(&self) {
        lock(&self.receivers).clear();
        lock(&self.processors).clear();
        lock(&self.reconcilers).clear();
    }
}

impl World {
    pub(crate) fn wire(self: &Arc<Self>, process: &Arc<Process>) -> Wire {
        Wire { world: self.clone(), process: process.clone() }
    }

    pub(crate) fn receiver(self: &Arc<Self>) -> Instance<Arc<Receiver<Wire>>> {
        self.instance(&self.fleet.receivers, Function::Receiver, |wire, configuration| {
            Arc::new(Receiver::new(Arc::new(wire), configuration))
        })
    }

    pub(crate) fn processor(self: &Arc<Self>) -> Instance<Arc<SimulatedProcessor>> {
        self.instance(&self.fleet.processors, Function::Processor, |wire, configuration| {
            let runs = Runs { world: wire.world.clone(), process: wire.process.clone() };
            let queue = QueueTerms {
                visibility: settings::VISIBILITY,
                max_receives: wire.world.profile.max_receives,
            };
            let runs = Arc::new(runs);
            let handlers = handlers(&runs);
            Arc::new(Processor::new(Arc::new(wire), runs, configuration, handlers, queue))
        })
    }

    pub(crate) fn reconciler(self: &Arc<Self>) -> Instance<Arc<Reconciler>> {
        self.instance(&self.fleet.reconcilers, Function::Reconciler, |wire, configuration| {
            Arc::new(Reconciler { wire, configuration, secrets: SecretCache::default() })
        })
    }

    fn instance<T>(
        self: &Arc<Self>,
        warm: &Warm<T>,
        function: Function,
        make: impl FnOnce(Wire, Arc<Configuration>) -> T,
    ) -> Instance<T> {
        let taken = self.dice.take(&mut lock(warm));
        taken.unwrap_or_else(|| {
            let process = self.new_process(function);
            self.counts.one("cold_starts");
            let function = make(self.wire(&process), self.configuration());
            Instance { process, function, is_cold: true }
        })
    }

    /// Keeps an instance warm, unless it died, was replaced, or is not needed.
    pub(crate) fn keep<T>(&self, warm: &Warm<T>, instance: Instance<T>) {
        let Instance { process, function, .. } = instance;
        if !process.is_dead() && process.version == self.version() && self.dice.percent(90) {
            lock(warm).push(Instance { process, function, is_cold: false });
        }
    }

    /// Runs an invocation to its end, or until its process dies: of a crash, or because its time is
    /// up.
    pub(crate) async fn invoke<T: 'static>(
        self: &Arc<Self>,
        process: &Arc<Process>,
        time_out: Span,
        work: impl Future<Output = T> + 'static,
    ) -> Option<T> {
        self.begins();
        let task = tokio::task::spawn_local(work);
        let invocation = process.begin(task.abort_handle());
        let killed_at = self.now().plus(time_out).plus(lateness(self, process.function));
        let (killed, world) = (process.clone(), self.clone());
        self.later(killed_at, move |_| {
            if killed.is_in(invocation) {
                world.kill(&killed, "time_outs");
            }
        });
        let done = task.await;
        self.ends();
        if process.is_dead() {
            return None;
        }
        process.end();
        match done {
            Ok(done) => Some(done),
            Err(error) => {
                self.broken(format!("{:?} panicked: {error}", process.function));
                None
            }
        }
    }
}

/// `account.*` of Stripe goes to a transactional handler.
fn handlers(runs: &Arc<Runs>) -> Handlers {
    let Ok(source) = SourceName::new("stripe") else { return Handlers::none() };
    let runs = runs.clone();
    let handler = move |delivery: Delivery| handle(runs.clone(), delivery);
    let policy = Policy { attempts: HANDLER_ATTEMPTS, ..Policy::default() };
    Handlers::none()
        .with(Registered::new("bookkeeping", source, Glob::new("account.*"), handler).retry(policy))
}
