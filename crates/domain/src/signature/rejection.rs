//! Why a request was not believed: for metrics, the sampled log and `holdfast verify`. Never for
//! the caller, who would learn from it.

use crate::expression::Place;
use crate::time::Span;
use std::fmt;

/// The closed set of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// None of the source's secrets can be used as a key. Our fault, not the caller's: 503.
    #[error("no usable secret is configured")]
    NoUsableSecret,
    /// The signature header is absent or empty.
    #[error("the signature header is missing")]
    SignatureMissing,
    /// The signature header holds nothing that could be a signature of this scheme.
    #[error("the signature header holds no signature of this scheme")]
    SignatureMalformed,
    /// Something else that is part of the signed content is absent.
    #[error("the {0}, which is part of what is signed, is missing")]
    PartMissing(SignedPart),
    /// No candidate fits the content under any secret: a wrong secret, or a changed request.
    #[error("the signature does not match")]
    Mismatch,
    /// The request says that its certificate lies where its provider has none.
    #[error("the certificate is said to lie where its provider keeps none")]
    KeyPlaceRefused,
    /// The provider's keys could not be fetched. Our fault, or the network's: 503.
    #[error("the provider's keys could not be fetched")]
    KeyMissing,
    /// What was fetched holds no key that is valid now.
    #[error("there is no valid key where the signature says that it is")]
    KeyUnusable,
    /// The signature holds, but for something that the source does not listen to.
    #[error("it is signed, but not meant for this source")]
    NotMeant,
    /// The signature holds but its timestamp cannot be read.
    #[error("the timestamp cannot be read")]
    TimestampMalformed,
    /// The signature holds but is older than the tolerance.
    #[error("the timestamp is {} s older than is tolerated", .by.secs_up())]
    TooOld {
        /// How much older.
        by: Span,
    },
    /// The signature holds but its timestamp is further in the future than is tolerated.
    #[error("the timestamp is {} s further in the future than is tolerated", .by.secs_up())]
    TooNew {
        /// How much further.
        by: Span,
    },
}

/// A part of the signed content other than the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignedPart {
    /// The timestamp.
    Timestamp,
    /// The message's id.
    Id,
    /// Another header.
    Header,
    /// A value in the body.
    Value,
    /// A parameter of the URL.
    Parameter,
    /// The hash of the body.
    BodyHash,
    /// The public URL, which the source must configure.
    Url,
}

impl SignedPart {
    pub(super) const fn of(place: &Place) -> Self {
        match place {
            Place::Header(_) => Self::Header,
            Place::Pointer(_) | Place::Root(_) | Place::FirstNested | Place::Form(_) => Self::Value,
            Place::Query(_) => Self::Parameter,
        }
    }
}

impl Rejection {
    /// A stable name for metrics and logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoUsableSecret => "no_usable_secret",
            Self::SignatureMissing => "signature_missing",
            Self::SignatureMalformed => "signature_malformed",
            Self::PartMissing(_) => "signed_part_missing",
            Self::Mismatch => "mismatch",
            Self::KeyPlaceRefused => "key_place_refused",
            Self::KeyMissing => "key_missing",
            Self::KeyUnusable => "key_unusable",
            Self::NotMeant => "not_meant",
            Self::TimestampMalformed => "timestamp_malformed",
            Self::TooOld { .. } => "too_old",
            Self::TooNew { .. } => "too_new",
        }
    }

    /// Whether the request may be fine, and our configuration or what was found of the provider's
    /// keys is at fault: answered 503, so that a provider tries again.
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::NoUsableSecret | Self::KeyMissing | Self::PartMissing(SignedPart::Url))
    }

    /// Whether it is the provider's keys that could not be had.
    pub const fn is_without_keys(self) -> bool {
        matches!(self, Self::KeyMissing | Self::KeyUnusable)
    }

    /// Whether other secrets might have led to another answer, so that reading them again (at most
    /// once a minute) makes sense.
    pub const fn may_be_an_old_secret(self) -> bool {
        matches!(self, Self::Mismatch | Self::NoUsableSecret)
    }
}

impl fmt::Display for SignedPart {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Timestamp => "timestamp",
            Self::Id => "id",
            Self::Header => "header",
            Self::Value => "value in the body",
            Self::Parameter => "parameter of the URL",
            Self::BodyHash => "hash of the body",
            Self::Url => "public URL",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every reason, its name, and whether it is ours, without keys, perhaps an old secret's.
    const ALL: [(Rejection, &str, [bool; 3]); 13] = [
        (Rejection::NoUsableSecret, "no_usable_secret", [true, false, true]),
        (Rejection::SignatureMissing, "signature_missing", [false, false, false]),
        (Rejection::SignatureMalformed, "signature_malformed", [false, false, false]),
        (Rejection::PartMissing(SignedPart::Url), "signed_part_missing", [true, false, false]),
        (Rejection::PartMissing(SignedPart::Id), "signed_part_missing", [false, false, false]),
        (Rejection::Mismatch, "mismatch", [false, false, true]),
        (Rejection::KeyPlaceRefused, "key_place_refused", [false, false, false]),
        (Rejection::KeyMissing, "key_missing", [true, true, false]),
        (Rejection::KeyUnusable, "key_unusable", [false, true, false]),
        (Rejection::NotMeant, "not_meant", [false, false, false]),
        (Rejection::TimestampMalformed, "timestamp_malformed", [false, false, false]),
        (Rejection::TooOld { by: Span::ZERO }, "too_old", [false, false, false]),
        (Rejection::TooNew { by: Span::ZERO }, "too_new", [false, false, false]),
    ];

    #[test]
    fn what_follows_from_a_reason() {
        for (reason, name, follows) in ALL {
            assert_eq!(reason.name(), name);
            let found = [reason.is_ours(), reason.is_without_keys(), reason.may_be_an_old_secret()];
            assert_eq!(found, follows, "{name}");
        }
    }

    #[test]
    fn people_are_told_which_part_is_missing() {
        for (part, said) in [
            (SignedPart::Timestamp, "timestamp"),
            (SignedPart::Id, "id"),
            (SignedPart::Header, "header"),
            (SignedPart::Value, "value in the body"),
            (SignedPart::Parameter, "parameter of the URL"),
            (SignedPart::BodyHash, "hash of the body"),
            (SignedPart::Url, "public URL"),
        ] {
            let told = Rejection::PartMissing(part).to_string();
            assert_eq!(told, format!("the {said}, which is part of what is signed, is missing"));
        }
    }
}
