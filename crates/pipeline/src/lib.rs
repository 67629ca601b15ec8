//! The use cases of Holdfast and the ports they need. No AWS here: the adapters are elsewhere.

pub mod accept;
pub mod batch;
pub mod deliver;
mod equal_bodies;
pub mod facts;
pub mod handlers;
mod key_pages;
pub mod memory;
pub mod offers;
pub mod operate;
mod pages;
pub mod poll;
pub mod ports;
pub mod process;
pub mod receive;
pub mod renew;
mod run;
pub mod secrets;
pub mod sweep;
pub mod switches;
pub mod target;
pub mod web;
