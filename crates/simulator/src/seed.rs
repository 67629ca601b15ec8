//! One seed, from the first event to the rest, on one thread.

use crate::agenda::Entry;
use crate::counts::Counts;
use crate::dice::Dice;
use crate::profile::Profile;
use crate::story::live;
use crate::trace::Trace;
use crate::world::World;
use holdfast_domain::time::Span;
use std::sync::Arc;

/// What became of a seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// A hash over every decision, every call and every change: the same for the same seed.
    pub hash: u64,
    /// How often what happened.
    pub counts: Counts,
    /// What did not hold; the first of it ended the world.
    pub broken: Vec<String>,
    /// How much time passed in the world.
    pub simulated: Span,
    /// The last lines of the trace, where they were asked for.
    pub trace: Vec<String>,
}

/// How often everything that can go on gets its turn before time does: a ticket's task wakes its batch,
/// the batch its invocation, the invocation whoever called it.
const TURNS: usize = 3;

/// Something that happens without an end is an error, too.
const MOST_ENTRIES: u64 = 20_000_000;

/// Runs a seed: with as many events as the seed says, or with so many; keeping so many lines of its
/// trace.
///
/// # Errors
/// When there is no runtime to be had.
pub fn run(seed: u64, events: Option<usize>, keep_lines: usize) -> std::io::Result<Report> {
    let dice = Dice::new(seed);
    let profile = Profile::draw(&dice, events);
    let trace = Trace::new(keep_lines);
    trace.note(holdfast_domain::time::Timestamp::EPOCH, seed, || format!("{profile:?}"));
    let world = Arc::new(World::new(profile, dice, trace));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    tokio::task::LocalSet::new().block_on(&runtime, turn(&world));
    drop(runtime);
    world.agenda.clear();
    Ok(Report {
        seed,
        hash: world.trace.hash(),
        counts: world.counts.all(),
        broken: world.watch.all_broken(),
        simulated: world.age(),
        trace: world.trace.lines(),
    })
}

/// Lets one thing after the other happen, until the world rests or something does not hold.
async fn turn(world: &Arc<World>) {
    let story = tokio::task::spawn_local(live(world.clone()));
    for _ in 0..MOST_ENTRIES {
        // All that can go on does, until it waits for the agenda again.
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        if story.is_finished() || !world.watch.holds() {
            return;
        }
        let Some((at, entry)) = world.agenda.next() else {
            world.broken("I7: nothing is ever going to happen".to_owned());
            return;
        };
        world.set_time(at);
        match entry {
            Entry::Ring(bell) => bell.ring(),
            Entry::Act(act) => act(),
        }
    }
    world.broken("I7: it never ends".to_owned());
}
