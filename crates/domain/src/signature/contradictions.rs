//! Settings of a scheme that cannot both be meant.

use super::content::{Content, Piece};
use super::proof::{Proof, RsaHash};
use super::scheme::Scheme;
use super::stamp::Stamp;

impl Scheme {
    /// Settings that cannot both be meant.
    pub(super) fn contradictions(&self) -> impl Iterator<Item = String> {
        let stamped = self.contents.iter().all(Content::covers_timestamp);
        let pointer = self.timestamp.as_ref().is_some_and(Stamp::is_in_body);
        let identified = self.any_contains(&Piece::Id);
        let prefix = &self.format.prefix;
        let overlap = self.format.timestamp_prefix.as_ref().is_some_and(|other| {
            !self.format.timestamp_first
                && (prefix.starts_with(other.as_str()) || other.starts_with(prefix.as_str()))
        });
        let found = [
            (
                self.proof.signs()
                    && !self.partial
                    && !self.contents.iter().all(Content::covers_body),
                "`content` must contain {body}: what is not signed can be changed by anybody; \
                 `partial = true` says that the provider leaves it at that",
            ),
            (
                stamped && self.timestamp.is_none(),
                "`content` contains {timestamp}: say where it stands with `timestamp` or `timestamp_prefix`",
            ),
            (
                stamped && pointer,
                "`content` cannot contain {timestamp} when the timestamp stands in the body",
            ),
            (
                !stamped && !pointer && self.timestamp.is_some(),
                "`content` does not contain {timestamp}: an unsigned timestamp proves nothing, leave it out",
            ),
            (
                identified && self.id.is_empty(),
                "`content` contains {id}: name its header with `id`",
            ),
            (
                !identified && !self.id.is_empty(),
                "`id` is given but `content` does not contain {id}",
            ),
            (
                self.keys.is_some() && !self.proof.takes_key_text(),
                "`certificate` and `key_set` are for `rsa`, `rsa-sha256`, `jwt-rs256` and `jwt-es256`",
            ),
            (
                matches!(self.proof, Proof::Rsa(RsaHash::ByVersion(..), _)) && self.keys.is_none(),
                "`rsa` needs a `certificate`",
            ),
            (
                self.any_contains(&Piece::Secret) && !matches!(self.proof, Proof::Rsa(..)),
                "{secret} in `content` is for signatures of a certificate",
            ),
            (
                self.carrier.is_item() && self.each.is_none(),
                "`signature = \"item\"` is for the items of a list: name it with `each`",
            ),
            (overlap, "`prefix` and `timestamp_prefix` cannot be told apart"),
        ];
        found.into_iter().filter(|(wrong, _)| *wrong).map(|(_, why)| why.to_owned())
    }
}
