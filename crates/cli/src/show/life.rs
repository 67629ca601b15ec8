//! What happened to an event, line by line, as far as its record remembers: the latest attempts,
//! the waits between them, and the end.

use holdfast_domain::outcome::{Attempt, MAX_ATTEMPT_LOG};
use holdfast_domain::record::{Origin, Record, State};
use holdfast_domain::time::{Span, Timestamp};

/// The lines, oldest first.
pub(super) fn of(record: &Record) -> Vec<String> {
    let mut lines = vec![received(record)];
    if record.attempt_log.len() >= MAX_ATTEMPT_LOG {
        lines.push(format!("…  only the latest {MAX_ATTEMPT_LOG} attempts are remembered"));
    }
    let mut before = record.event.received_at;
    for attempt in &record.attempt_log {
        lines.extend(waited(before, attempt.at));
        lines.push(tried(attempt));
        before = attempt.at.plus(attempt.took);
    }
    lines.extend(ended(record));
    lines
}

fn received(record: &Record) -> String {
    let event = &record.event;
    let how = match event.origin {
        Origin::Webhook => "received",
        Origin::Poll => "found by the poll",
        Origin::Replay => "replayed as a new event",
    };
    let happened = event.source_time.map(|at| format!("; it happened at {at}, says the sender"));
    format!("{}  {how}{}", event.received_at, happened.unwrap_or_default())
}

/// A wait that is worth a line.
fn waited(from: Timestamp, to: Timestamp) -> Option<String> {
    let wait = to.since(from);
    (wait >= Span::from_secs(1)).then(|| format!("{:26}waited {}", "", length(wait)))
}

fn tried(attempt: &Attempt) -> String {
    let mut line = format!("{}  {} after {}", attempt.at, attempt.result, length(attempt.took));
    if let Some(status) = attempt.status {
        line.push_str(&format!(", HTTP {status}"));
    }
    if let Some(error) = &attempt.error {
        line.push_str(&format!(": {error}"));
    }
    line
}

fn ended(record: &Record) -> Option<String> {
    match (record.state, &record.processed, &record.death) {
        (State::Processed, Some(processed), _) => {
            let reason = processed.reason.as_ref().map(|reason| format!(": {reason}"));
            let reason = reason.unwrap_or_default();
            Some(format!("{}  PROCESSED, {}{reason}", processed.at, processed.ending.as_str()))
        }
        (State::Dead, _, Some(death)) => Some(format!("{}  DEAD, {}", death.at, death.failure)),
        _ => None,
    }
}

/// A length of time for people: two units at the most.
pub(super) fn length(span: Span) -> String {
    let millis = span.millis();
    let secs = millis / 1000;
    let (mins, hours, days) = (secs / 60, secs / 3600, secs / 86_400);
    if secs < 1 {
        format!("{millis} ms")
    } else if mins < 1 {
        format!("{secs}.{} s", millis % 1000 / 100)
    } else if hours < 1 {
        format!("{mins} min {} s", secs % 60)
    } else if days < 1 {
        format!("{hours} h {} min", mins % 60)
    } else {
        format!("{days} d {} h", hours % 24)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for (millis, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_050, "1.0 s"),
            (59_999, "59.9 s"),
            (61_000, "1 min 1 s"),
            (3_600_000, "1 h 0 min"),
            (90_000_000, "1 d 1 h"),
        ] {
            assert_eq!(length(Span::from_millis(millis)), expected);
        }
    }
}
