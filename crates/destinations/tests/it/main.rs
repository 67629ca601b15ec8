//! Deliveries over real connections, to servers on 127.0.0.1 that answer what each test says.

#![cfg(test)]

mod event;
mod guard;
mod http_answers;
mod http_requests;
mod server;
mod sqs;
