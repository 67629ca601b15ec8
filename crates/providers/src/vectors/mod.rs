//! Corpora of conformance vectors: requests that a receiver must accept, refuse or answer.
//!
//! Owns the file format, the request as API Gateway delivers it, the choice of a provider for a
//! row, and the judgement of an answer. Does not own how the answer is found: `holdfast verify`
//! asks a whole receiver.

mod config;
mod event;
mod judge;
mod neutral;
mod row;
mod setup;

pub use config::Config;
pub use event::inbound;
pub use judge::{Answer, Seen};
pub use neutral::NeutralScheme;
pub use row::{Expect, OneOrMore, Request, Row};
pub use setup::{GENERIC, Setup};

/// Reads a corpus, one JSON object a line; a line that cannot be read does not hide the others.
pub fn lines(corpus: &str) -> impl Iterator<Item = (usize, Result<Row, serde_json::Error>)> {
    let lines = corpus.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(nth, line)| (nth + 1, serde_json::from_str(line)))
}

/// Reads a corpus whose every line has to be right.
///
/// # Errors
/// The number of the first unreadable line, from 1, and why it is.
pub fn read(corpus: &str) -> Result<Vec<Row>, (usize, serde_json::Error)> {
    lines(corpus).map(|(line, row)| row.map_err(|error| (line, error))).collect()
}
