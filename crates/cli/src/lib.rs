//! The `holdfast` command: one module per verb.
//!
//! Owns arguments and what is printed. What happens to events is the pipeline's, what a setting
//! means is the domain's; the verbs on events work on any ports, so that they are tested on memory
//! and run on AWS.

pub mod arguments;
pub mod check;
mod configuration;
pub mod dev;
pub mod discard;
pub mod event_name;
pub mod list;
pub mod local_secrets;
pub mod offers;
pub mod replay;
pub mod report;
#[cfg(test)]
mod samples;
pub mod secrets_file;
pub mod send;
pub mod show;
pub mod stack;
pub mod switch;
mod table;
pub mod verify;

use anyhow::Result;
use arguments::{Arguments, Verb};
use report::Report;

/// Carries out one command.
///
/// # Errors
/// When it could not be found out: a file that cannot be read, a service that does not answer.
pub async fn run(arguments: Arguments) -> Result<Report> {
    match arguments.verb {
        Verb::Check(check) => check::run(&check),
        Verb::Send(send) => send::run(&send).await,
        Verb::Dev(dev) => dev::run(&dev).await,
        Verb::Verify(verify) => verify::run(&verify).await,
        Verb::List(list) => list::run(&stack::open(&list.stack).await?, &list).await,
        Verb::Show(show) => show::run(&stack::open(&show.stack).await?, &show.event).await,
        Verb::Replay(replay) => replay::run(&stack::open(&replay.stack).await?, &replay).await,
        Verb::Discard(discard) => discard::run(&stack::open(&discard.stack).await?, &discard).await,
        Verb::Offers(offers) => offers::run(&stack::open(&offers.stack).await?, &offers).await,
        Verb::Switch(switch) => {
            switch::run(&stack::open(&switch.stack).await?, switch.order.as_ref()).await
        }
    }
}
