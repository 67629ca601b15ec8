//! A processor with a handler of its own. To deploy it, write this into `src/main.rs` of this
//! crate, and allow `ProcessorRole` of `template.yaml` to write the table (`dynamodb:UpdateItem`).

use holdfast_domain::configuration::Glob;
use holdfast_domain::effect::{Effect, Item, Value, Write};
use holdfast_domain::outcome::{Class, Failure};
use holdfast_pipeline::deliver::{Delivery, Handled, HandlerError};
use holdfast_pipeline::handlers::{Handlers, Registered};

/// Adds what was paid to the customer's total: committed together with the event's completion, so
/// exactly once, however often the handler runs.
async fn invoice_paid(delivery: Delivery) -> Handled {
    let event: serde_json::Value = serde_json::from_slice(&delivery.body).map_err(reject)?;
    let customer = event.pointer("/data/object/customer").and_then(|id| id.as_str());
    let amount = event.pointer("/data/object/amount_paid").and_then(|cents| cents.as_i64());
    let customer = customer.ok_or_else(|| reject("an invoice without a customer"))?;
    let total = Write::Add {
        table: "customers".to_owned(),
        key: Item::from([("id".to_owned(), Value::Text(customer.to_owned()))]),
        attribute: "paid_cents".to_owned(),
        amount: amount.unwrap_or_default(),
    };
    Ok(Effect { writes: vec![total], version_guard: None })
}

/// A failure that no repetition will mend: the event is DEAD at once and waits for an operator.
fn reject(cause: impl std::fmt::Display) -> HandlerError {
    HandlerError::Reject(Failure::new(Class::Handler, cause))
}

fn main() -> anyhow::Result<()> {
    let invoices =
        Registered::new("invoices", "stripe".parse()?, Glob::new("invoice.paid"), invoice_paid);
    holdfast_processor::run(Handlers::none().with(invoices))
}
