//! Where events go: an HTTP endpoint or an SQS queue.
//!
//! This crate owns how an event looks on its way out, who may be called, and what an answer means.
//! It does not own when to try again (the retry policy), which event goes where (the routes), or
//! where the signing secrets come from ([`secrets::SigningSecrets`]).
//!
//! | file | owns |
//! |---|---|
//! | `http/` | the request, its signature, the guard against calls into private networks |
//! | `sqs/` | the message |
//! | `labels` | what every destination is told about an event beside its body |
//! | `classify` | an HTTP answer → an outcome |
//! | `excerpt` | foreign text, made short and harmless |

mod classify;
mod destinations;
mod excerpt;
pub mod http;
mod labels;
pub mod secrets;
pub mod sqs;

pub use destinations::{Destination, Destinations};
