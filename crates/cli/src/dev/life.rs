//! Each event's life, line by line, on standard output.

use holdfast_aws::clock::SystemClock;
use holdfast_pipeline::facts::{Fact, Facts, Level};
use holdfast_pipeline::ports::Clock;
use std::io::Write;

/// Facts as lines for people.
pub(super) struct Life;

impl Facts for Life {
    fn record(&self, fact: Fact) {
        if let Some(line) = line(&fact) {
            say(&line);
        }
    }
}

/// Prints a line with the time of day.
pub(super) fn say(line: &str) {
    let now = SystemClock.now().to_string();
    let time = now.get(11..23).unwrap_or(&now);
    // Nobody is left to tell when standard output is gone.
    let _ = writeln!(std::io::stdout(), "{time}  {line}");
}

/// The line of a fact; none for what happens every minute without anything in it.
fn line(fact: &Fact) -> Option<String> {
    match fact {
        Fact::Swept { resent: 0, released: 0, failed: 0, complete: true, .. }
        | Fact::Renewed { renewed: 0, gone: 0, failed: 0, .. } => return None,
        _ => {}
    }
    let mark = match fact.level() {
        Level::Info => ' ',
        Level::Warning => '!',
        Level::Error => '✗',
    };
    let about = match (fact.key(), fact.source()) {
        (Some(key), _) => format!("{}/{}", key.source(), key.event_key()),
        (None, Some(source)) => source.to_owned(),
        (None, None) => "-".to_owned(),
    };
    let fields: Vec<String> =
        fact.fields().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    Some(format!("{mark} {about:<40} {}  {}", fact.message(), fields.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::record::{Origin, RecordKey};

    #[test]
    fn a_fact_is_a_line() {
        let key = RecordKey::parse("E#stripe#evt_1").unwrap();
        let fact = Fact::Accepted { key, kind: "invoice.paid".to_owned(), origin: Origin::Webhook };
        let line = line(&fact).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let expected = "stripe/evt_1 event accepted kind=invoice.paid origin=webhook";
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn idle_sweeps_are_silent() {
        let idle = Fact::Renewed { looked_at: 3, renewed: 0, gone: 0, failed: 0, complete: true };
        assert_eq!(line(&idle), None);
    }
}
