//! A processor that counts: each event whose kind begins with `count.` adds one to a row of its
//! own and one to a row of its source, in the transaction that completes it. Whoever reads the
//! rows afterwards sees whether effects were lost or doubled: `infra/prove/kills.py` does.

use holdfast_domain::configuration::Glob;
use holdfast_domain::effect::{Effect, Item, Value, Write};
use holdfast_domain::outcome::{Class, Failure};
use holdfast_domain::retry::Policy;
use holdfast_domain::time::Span;
use holdfast_pipeline::deliver::{Delivery, Handled, HandlerError};
use holdfast_pipeline::handlers::{Handlers, Registered};

/// The table of the counts; its hash key is `id`.
const TABLE: &str = "holdfast-counts";

/// So few that processes which die at work make some events DEAD: those have to come back whole.
const POLICY: Policy =
    Policy { attempts: 3, first: Span::from_secs(1), factor: 2, cap: Span::from_secs(4) };

async fn count(delivery: Delivery) -> Handled {
    let event: serde_json::Value = serde_json::from_slice(&delivery.body).map_err(reject)?;
    let mark = event.get("mark").and_then(|mark| mark.as_str());
    let mark = mark.ok_or_else(|| reject("an event without a mark"))?;
    let source = format!("all of {}", delivery.record.event.source);
    Ok(Effect { writes: vec![one_more(mark), one_more(&source)], version_guard: None })
}

fn one_more(id: &str) -> Write {
    Write::Add {
        table: TABLE.to_owned(),
        key: Item::from([("id".to_owned(), Value::Text(id.to_owned()))]),
        attribute: "times".to_owned(),
        amount: 1,
    }
}

fn reject(cause: impl std::fmt::Display) -> HandlerError {
    HandlerError::Reject(Failure::new(Class::Handler, cause))
}

fn main() -> anyhow::Result<()> {
    let mut handlers = Handlers::none();
    for source in ["stripe", "notices"] {
        let counting = Registered::new("counting", source.parse()?, Glob::new("count.*"), count);
        handlers = handlers.with(counting.retry(POLICY).timeout(Span::from_secs(1)));
    }
    holdfast_processor::run(handlers)
}
