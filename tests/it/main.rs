//! One integration binary: what holds between the crates and the services they use.

mod contracts;
mod docs;
mod local_aws;
mod lost_answers;
