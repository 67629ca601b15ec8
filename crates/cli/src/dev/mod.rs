//! `holdfast dev`: receiver, processor and reconciler in one process, on memory.
//!
//! ```text
//! POST /hooks/{source} ─▶ door ─▶ receiver's handler ─▶ memory ─▶ pumps ─▶ processor's handler
//!                                                         ▲                    │
//!                          schedules ─▶ reconciler's handler         printer ◀─┘
//! ```
//!
//! The handlers are those that run on Lambda, and they get the same raw bytes.

mod arguments;
mod door;
mod keys;
mod life;
mod printer;
mod pumps;
mod records;
mod samples;
mod web;
mod world;

pub use arguments::{Arguments, DEFAULT_PORT};

use crate::configuration;
use crate::report::Report;
use crate::secrets_file;
use anyhow::{Context, Result};
use life::{Life, say};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use world::World;

/// Runs until it is told to stop.
///
/// # Errors
/// When the configuration has problems or the port is taken.
pub async fn run(arguments: &Arguments) -> Result<Report> {
    let configuration = configuration::read(&arguments.config)?;
    let secrets = arguments.secrets.as_deref().map(secrets_file::read).transpose()?;
    let has_file = secrets.is_some();
    let world = Arc::new(World::new(configuration, secrets, Life)?);
    let listener = door::open(arguments.port).await?;
    greet(&world, &listener, has_file)?;

    let mut running = JoinSet::new();
    running.spawn(pumps::queue(world.clone()));
    if let Some(listener) = printer_port(&world).await {
        running.spawn(printer::serve(world.clone(), listener));
    }
    let answering = world.clone();
    running.spawn(door::serve(listener, move |request| door::answer(answering.clone(), request)));
    let ended = tokio::select! {
        ended = until_told_to_stop(&world) => ended,
        () = pumps::schedules(world.clone()) => Ok(()),
    };
    running.shutdown().await;
    ended?;
    let mut report = Report::new();
    report.line("stopped; everything was on memory and is gone");
    Ok(report)
}

/// Says what is where.
fn greet(world: &World, listener: &TcpListener, has_secrets: bool) -> Result<()> {
    let address = listener.local_addr().context("could not find out the port")?;
    let mut lines = vec![format!("Holdfast runs on this machine, in memory.")];
    for (number, source) in world.configuration.sources().enumerate() {
        let key = number.saturating_add(1);
        lines.push(format!(
            "  {key}  http://{address}/hooks/{:<12} {}",
            source.name.as_str(),
            source.provider.title()
        ));
    }
    lines.push(format!("  records as JSON: http://{address}/_dev/events"));
    if !has_secrets {
        lines.push("  secrets: made up for this machine; `holdfast send` knows them".to_owned());
    }
    lines.push(
        "keys: a number sends a signed sample, d the last one again, r redrives dead tickets, q quits"
            .to_owned(),
    );
    for warning in world.configuration.warnings() {
        lines.push(format!("warning, line {}: {}", warning.line, warning.message));
    }
    lines.iter().for_each(|line| say(line));
    Ok(())
}

/// The printer's port, if a destination leads there and nothing else listens there.
async fn printer_port(world: &World) -> Option<TcpListener> {
    if !world.configuration.destinations().any(printer::is_destination) {
        return None;
    }
    match door::open(printer::PORT).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            say(&format!("! no printer here: {error:#}"));
            None
        }
    }
}

/// Reacts to keys until `q`, Ctrl-C or a request to end. The end of the input is not the end.
async fn until_told_to_stop(world: &World) -> Result<()> {
    let _mode = keys::KeyMode::enter();
    let mut pressed = keys::pressed();
    let mut samples = samples::Samples::default();
    let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        .context("could not listen for the signal to end")?;
    let mut listening = true;
    loop {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => {
                return stopped.context("could not listen for Ctrl-C");
            }
            _ = end.recv() => return Ok(()),
            key = pressed.recv(), if listening => match key {
                None => listening = false,
                Some('q') => return Ok(()),
                Some('r') => {
                    let moved = world.memory.queue.redrive();
                    say(&format!("→ {moved} tickets moved out of the dead-letter queue"));
                }
                Some(key) => samples.press(world, key).await,
            },
        }
    }
}
