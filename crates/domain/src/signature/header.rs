//! The value of a signature header: a list of items, each with a prefix that says what it is.
//!
//! One shape fits them all. Without a separator the whole value is one item.
//!
//! ```text
//! GitHub             sha256=<hex>                     prefix "sha256="
//! Stripe             t=17,v1=<hex>,v1=<hex>,v0=<hex>  separator ",", prefix "v1=", timestamp_prefix "t="
//! Standard Webhooks  v1,<base64> v1a,<base64>         separator " ", prefix "v1,"
//! ```
//!
//! Items with other prefixes are other versions: skipped, never a fallback.

use super::rejection::{Rejection, SignedPart};
use memchr::memmem;

/// How a signature header is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) separator: Option<String>,
    pub(super) prefix: String,
    pub(super) timestamp_prefix: Option<String>,
    /// Whether the first item is the timestamp, which then has no prefix.
    pub(super) timestamp_first: bool,
}

impl Format {
    /// The texts of all signatures of this version, in the order they were sent.
    pub(super) fn candidates<'v>(&'v self, value: &'v [u8]) -> impl Iterator<Item = &'v [u8]> {
        let signatures = self.items(value).skip(usize::from(self.timestamp_first));
        signatures.filter_map(|item| item.strip_prefix(self.prefix.as_bytes()))
    }

    /// The timestamp among the items.
    ///
    /// # Errors
    /// When there is none, or more than one: which of them was signed would be a guess.
    pub(super) fn timestamp<'v>(
        &'v self,
        value: &'v [u8],
        prefix: &'v str,
    ) -> Result<&'v [u8], Rejection> {
        if self.timestamp_first {
            return self.items(value).next().ok_or(Rejection::PartMissing(SignedPart::Timestamp));
        }
        let mut found = self.items(value).filter_map(|item| item.strip_prefix(prefix.as_bytes()));
        let first = found.next().filter(|first| !first.is_empty());
        let first = first.ok_or(Rejection::PartMissing(SignedPart::Timestamp))?;
        if found.next().is_some() { Err(Rejection::SignatureMalformed) } else { Ok(first) }
    }

    /// Writes a header: the timestamp if the format has a place for it, then the signatures; only
    /// the first of them where the format has no list.
    pub(super) fn write(&self, timestamp: &str, signatures: &[String]) -> String {
        let signature = |text: &String| format!("{}{text}", self.prefix);
        let Some(separator) = &self.separator else {
            return signatures.first().map(signature).unwrap_or_default();
        };
        let time = self.timestamp_prefix.iter().map(|prefix| format!("{prefix}{timestamp}"));
        let items: Vec<String> = time.chain(signatures.iter().map(signature)).collect();
        items.join(separator)
    }

    fn items<'v>(&'v self, value: &'v [u8]) -> impl Iterator<Item = &'v [u8]> {
        let separator = self.separator.as_deref().unwrap_or_default().as_bytes();
        Items { rest: Some(value), separator }.filter(|item| !item.is_empty())
    }
}

/// `str::split` for bytes.
struct Items<'v> {
    rest: Option<&'v [u8]>,
    separator: &'v [u8],
}

impl<'v> Iterator for Items<'v> {
    type Item = &'v [u8];

    fn next(&mut self) -> Option<&'v [u8]> {
        let rest = self.rest.take()?;
        if self.separator.is_empty() {
            return Some(rest);
        }
        let at = memmem::find(rest, self.separator);
        let Some((item, tail)) = at.and_then(|at| rest.split_at_checked(at)) else {
            return Some(rest);
        };
        self.rest = tail.strip_prefix(self.separator);
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(separator: &str, prefix: &str, timestamp_prefix: &str) -> Format {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Format {
            separator: some(separator),
            prefix: prefix.to_owned(),
            timestamp_prefix: some(timestamp_prefix),
            timestamp_first: false,
        }
    }

    fn candidates(format: &Format, value: &[u8]) -> Vec<String> {
        let all = format.candidates(value);
        all.map(|one| String::from_utf8_lossy(one).into_owned()).collect()
    }

    #[test]
    fn plain_and_prefixed() {
        assert_eq!(candidates(&format("", "", ""), b"a,b c"), ["a,b c"]);
        assert_eq!(candidates(&format("", "sha256=", ""), b"sha256=ab"), ["ab"]);
        assert!(candidates(&format("", "sha256=", ""), b"SHA256=ab").is_empty());
        assert!(candidates(&format("", "sha256=", ""), b"ab").is_empty());
        assert!(candidates(&format("", "", ""), b"").is_empty());
    }

    #[test]
    fn lists() {
        let stripe = format(",", "v1=", "t=");
        assert_eq!(candidates(&stripe, b"t=1,v0=x,v1=a,foo=,v1=b"), ["a", "b"]);
        assert_eq!(stripe.timestamp(b"v1=a,t=1", "t="), Ok(&b"1"[..]));
        let standard = format(" ", "v1,", "");
        assert_eq!(candidates(&standard, b"v1a,x v1,a  v1,b v2,c"), ["a", "b"]);
        assert_eq!(candidates(&format(", ", "v1=", "t="), b"t=1, v1=a"), ["a"]);
        assert!(candidates(&stripe, b"t=1, v1=a").is_empty());
    }

    #[test]
    fn a_timestamp_must_be_there_once() {
        let stripe = format(",", "v1=", "t=");
        let missing = Err(Rejection::PartMissing(SignedPart::Timestamp));
        assert_eq!(stripe.timestamp(b"v1=a", "t="), missing);
        assert_eq!(stripe.timestamp(b"t=,v1=a", "t="), missing);
        assert_eq!(stripe.timestamp(b"t=1,v1=a,t=1", "t="), Err(Rejection::SignatureMalformed));
    }

    #[test]
    fn a_timestamp_may_stand_first() {
        let recurly = Format {
            timestamp_prefix: Some(String::new()),
            timestamp_first: true,
            ..format(",", "", "")
        };
        assert_eq!(candidates(&recurly, b"17,a,b"), ["a", "b"]);
        assert_eq!(recurly.timestamp(b"17,a,b", ""), Ok(&b"17"[..]));
        assert_eq!(recurly.write("17", &["a".to_owned()]), "17,a");
    }

    #[test]
    fn writing() {
        let two = ["a".to_owned(), "b".to_owned()];
        assert_eq!(format(",", "v1=", "t=").write("17", &two), "t=17,v1=a,v1=b");
        assert_eq!(format(" ", "v1,", "").write("17", &two), "v1,a v1,b");
        assert_eq!(format("", "sha256=", "").write("17", &two), "sha256=a");
    }
}
