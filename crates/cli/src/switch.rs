//! `holdfast switch`: turns a source, a kind or a destination off and on, and says what is off.

use crate::report::Report;
use crate::stack;
use crate::table::harmless;
use anyhow::Result;
use clap::Subcommand;
use holdfast_domain::identity::Kind;
use holdfast_domain::source::SourceName;
use holdfast_pipeline::ports::Ports;
use holdfast_pipeline::switches::{self, Off};

/// What to turn off or on. Without it: say what is off.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// Off or on, and what.
    #[command(subcommand)]
    pub order: Option<Order>,
    /// Where the events are.
    #[command(flatten)]
    pub stack: stack::Arguments,
}

/// Off or on.
#[derive(Clone, Debug, Subcommand)]
pub enum Order {
    /// Park events: they are received and stored, and wait in the table.
    #[command(subcommand)]
    Off(What),
    /// Let events go on; those that are parked follow within a minute or two.
    #[command(subcommand)]
    On(What),
}

/// What is turned off or on. That it exists is not checked: the configuration is not at hand.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// Everything of a source.
    Source {
        /// Its name.
        #[arg(value_name = "NAME")]
        source: SourceName,
    },
    /// One kind of a source.
    Kind {
        /// The source's name.
        source: SourceName,
        /// The kind, in full.
        #[arg(value_parser = kind)]
        kind: Kind,
    },
    /// Everything that goes to a destination.
    Destination {
        /// Its name.
        #[arg(value_name = "NAME", value_parser = destination)]
        destination: String,
    },
}

/// Carries out the order, if there is one, and says what is off.
///
/// # Errors
/// When the switches cannot be read or written; the same command may be given again.
pub async fn run<P: Ports>(ports: &P, order: Option<&Order>) -> Result<Report> {
    let mut report = Report::new();
    if let Some(order) = order {
        let (what, on) = match order {
            Order::Off(what) => (what.switch(), false),
            Order::On(what) => (what.switch(), true),
        };
        let done = switches::set(ports, what.clone(), on).await?;
        report.line(format!("{}: {}", named(&what), said(done, on)));
        report.line("");
    }
    let (switches, _) = switches::load(ports).await?;
    if switches.off().is_empty() {
        report.line("Nothing is off.");
    }
    for off in switches.off() {
        report.line(format!("off  {}", named(off)));
    }
    Ok(report)
}

const fn said(done: bool, on: bool) -> &'static str {
    match (done, on) {
        (true, false) => "turned off; every function knows within 15 seconds",
        (true, true) => "turned on",
        (false, false) => "was off already",
        (false, true) => "was not off",
    }
}

/// As it is written on the command line.
fn named(off: &Off) -> String {
    harmless(&match off {
        Off::Source { source } => format!("source {source}"),
        Off::Kind { source, kind } => format!("kind {source} {kind}"),
        Off::Destination { destination } => format!("destination {destination}"),
    })
}

impl What {
    fn switch(&self) -> Off {
        match self.clone() {
            Self::Source { source } => Off::Source { source: source.into() },
            Self::Kind { source, kind } => Off::Kind { source: source.into(), kind: kind.into() },
            Self::Destination { destination } => Off::Destination { destination },
        }
    }
}

/// Routes have patterns; a switch that looked like one would turn off nothing.
fn kind(text: &str) -> Result<Kind, String> {
    if text.is_empty() || text.contains('*') {
        return Err("one kind in full, without `*`; a source can be turned off as a whole".into());
    }
    Ok(Kind::new(text))
}

/// Destinations are named as sources are.
fn destination(text: &str) -> Result<String, String> {
    let name = SourceName::new(text).map(String::from);
    name.map_err(|_| "a destination's name has 1 to 40 characters of a-z, 0-9, - and _".to_owned())
}

#[cfg(test)]
mod tests;
