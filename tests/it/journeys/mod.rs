//! Journeys: a webhook is posted to the deployed local stack (the real template, the real
//! binaries, a local AWS) and somebody looks at what came of it.
//!
//! `stack` deploys, `endpoint` is where events go, `world` puts both together, `journey` has the
//! verbs, `eventually` is the only thing that waits. Every other file tells some journeys.

mod endpoint;
mod eventually;
mod faults;
mod journey;
mod processes;
mod server;
mod signed;
pub(crate) mod stack;
mod world;

mod arrival;
mod burst;
mod command;
mod crashes;
mod dead_letters;
mod ending;
mod kills;
mod localstripe;
mod lost_calls;
mod rejections;
mod retries;
mod schedules;
