//! Proving that a request comes from its provider.
//!
//! Owns schemes as data, the one function that turns an [`Inbound`](crate::inbound::Inbound) into a
//! [`Verified`], and signing by the same scheme. Does not own secrets' storage, nor what a caller
//! is told.
//!
//! Order of work: the parts that were signed are collected, the signature is compared, and only
//! then is the timestamp judged and may JSON be looked at.

mod carrier;
mod challenge;
mod content;
mod contradictions;
mod covers;
mod explain;
mod freshness;
mod header;
mod key;
mod key_name;
mod key_page;
mod key_text;
mod mac;
mod private_key;
mod proof;
mod public_key;
mod rejection;
mod request_hash;
mod rsa;
mod scheme;
mod second;
mod sign;
mod stamp;
mod token;
mod verified;
mod verified_by;
mod verify;

pub(crate) use challenge::Challenge;
pub use explain::{SignedBytes, signed_bytes};
pub use key_page::{KeyAddress, KeyPage};
pub(crate) use mac::code;
pub use mac::{Algorithm, Encoding};
pub use rejection::{Rejection, SignedPart};
pub use scheme::Scheme;
pub use sign::{Message, Unsignable};
pub use verified::Verified;
pub use verified_by::VerifiedBy;
pub use verify::{Known, key_page_of, verify, verify_with};
