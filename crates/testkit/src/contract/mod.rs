//! One suite per port: what every adapter has to do, in memory and on AWS alike. A suite panics at
//! the first thing that is otherwise.

pub mod bodies;
pub mod documents;
pub mod events;
pub mod secrets;
pub mod tickets;
