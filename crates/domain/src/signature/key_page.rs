//! Keys that lie elsewhere: where a scheme says that they are, and the page as it was fetched. What
//! fetches it is not here.

use super::key_text::{NamedKey, key_of_certificate, keys_in};
use super::rejection::Rejection;
use crate::expression::{Facts, Place};
use crate::json::Pointer;
use crate::reading::Table;
use crate::time::Timestamp;
use crate::web::UrlPattern;
use bytes::Bytes;

/// A page of keys as it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPage {
    /// Where it was found.
    pub url: String,
    /// What it says.
    pub text: Bytes,
}

/// Where a request's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAddress {
    /// The page, one of the provider's.
    pub url: String,
    /// Whether it is the definition that names it, the same for all requests; not the request.
    pub is_fixed: bool,
}

impl KeyAddress {
    /// Whether a page that was found there has a key on it that can be used now.
    pub fn has_keys(&self, page: &Bytes, now: Timestamp) -> bool {
        !self.keys_on(page, now).is_empty()
    }

    /// The keys on its page. What a request names is a certificate and nothing else: other pages of the
    /// provider's host may say what somebody else wrote.
    pub(super) fn keys_on(&self, page: &Bytes, now: Timestamp) -> Vec<NamedKey> {
        let text = std::str::from_utf8(page).unwrap_or_default();
        if self.is_fixed { keys_in(text, now) } else { key_of_certificate(text, now) }
    }
}

/// Where a scheme's keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyPlace {
    /// The request names the page of its certificate, which must be one of the provider's.
    Named { by: Place, from: Vec<UrlPattern> },
    /// One page for all requests.
    Fixed(String),
}

impl KeyPlace {
    /// Reads `certificate` and `certificate_from`, or `key_set`.
    pub(super) fn read(table: &mut Table<'_>) -> Option<Self> {
        let line = table.line_of("certificate");
        let by = table.optional_string("certificate");
        let patterns = table.one_or_more("certificate_from");
        let fixed_line = table.line_of("key_set");
        let fixed = table.optional_string("key_set");
        if let Some(url) = fixed {
            if !url.starts_with("https://") || by.is_some() {
                let why = "`key_set` must be a URL of https, and stands in for `certificate`";
                table.problem_on_line(fixed_line, why);
            }
            return Some(Self::Fixed(url));
        }
        let Some(by) = by else {
            if !patterns.is_empty() {
                table.problem("`certificate_from` needs a `certificate`");
            }
            return None;
        };
        let by = Place::parse(&by);
        let from: Vec<UrlPattern> =
            patterns.iter().filter_map(|text| UrlPattern::parse(text)).collect();
        if by.is_none() || from.is_empty() || from.len() != patterns.len() {
            table.problem_on_line(
                line,
                "`certificate` must be a place like \"/CertURL\" or \"header:Name\", and \
                 `certificate_from` patterns like \"https://*.example.com/*.pem\"",
            );
        }
        by.map(|by| Self::Named { by, from })
    }

    pub(super) fn pointer(&self) -> Option<&Pointer> {
        match self {
            Self::Named { by, .. } => by.pointer(),
            Self::Fixed(_) => None,
        }
    }

    /// The page's address.
    ///
    /// # Errors
    /// When the request names none, or one that is not its provider's.
    pub(super) fn address(&self, facts: &Facts<'_>) -> Result<KeyAddress, Rejection> {
        match self {
            Self::Fixed(url) => Ok(KeyAddress { url: url.clone(), is_fixed: true }),
            Self::Named { by, from } => {
                let named = facts.at(by).ok_or(Rejection::KeyPlaceRefused)?;
                let url = std::str::from_utf8(named).map_err(|_| Rejection::KeyPlaceRefused)?;
                let known = from.iter().any(|pattern| pattern.matches(url));
                let address = KeyAddress { url: url.to_owned(), is_fixed: false };
                if known { Ok(address) } else { Err(Rejection::KeyPlaceRefused) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::Inbound;
    use crate::provider::Provider;
    use crate::reading::read;
    use crate::signature::key_page_of;

    const SET: &str = include_str!("../../fixtures/keys.json");
    const CERTIFICATE: &str = include_str!("../../fixtures/certificate.pem");

    #[test]
    fn a_page_without_a_key_is_told_from_one_with_keys() {
        let has_keys = |text: &'static [u8], is_fixed, secs| {
            let address = KeyAddress { url: String::new(), is_fixed };
            address.has_keys(&Bytes::from_static(text), Timestamp::from_secs(secs))
        };
        assert!(has_keys(SET.as_bytes(), true, 0));
        assert!(!has_keys(SET.as_bytes(), false, 0), "what a request names is a certificate");
        for is_fixed in [true, false] {
            assert!(has_keys(CERTIFICATE.as_bytes(), is_fixed, 1_780_286_655));
            assert!(!has_keys(CERTIFICATE.as_bytes(), is_fixed, 1_798_761_601), "no longer valid");
            let page = b"<p>\n-----BEGIN PUBLIC KEY-----\nMFkw";
            for junk in [&b""[..], b"<html>", b"{\"keys\":[]}", b"\xff", page] {
                assert!(!has_keys(junk, is_fixed, 1_780_286_655));
            }
        }
    }

    #[test]
    fn an_address_says_who_named_it() {
        let told = |scheme: &str| {
            let text = format!("name = \"a\"\ntitle = \"A\"\n[scheme]\nheader = \"S\"\n{scheme}");
            let provider = Provider::from_toml(&text).expect("valid");
            let headers = [("c", "https://k.example.com/a.pem")].into_iter().collect();
            let address = key_page_of(&provider, &Inbound::post("/", headers, "{}"));
            address.expect("allowed").map(|address| (address.url, address.is_fixed))
        };
        let url = |name: &str| format!("https://k.example.com/{name}");
        let fixed = "algorithm = \"jwt-rs256\"\nkey_set = \"https://k.example.com/set\"\n";
        assert_eq!(told(fixed), Some((url("set"), true)));
        let named = "algorithm = \"rsa-sha256\"\nencoding = \"base64\"\ncontent = \"{body}\"\n\
                     certificate = \"header:C\"\ncertificate_from = \"https://k.example.com/*\"\n";
        assert_eq!(told(named), Some((url("a.pem"), false)));
        assert_eq!(
            told("algorithm = \"sha256\"\nencoding = \"hex\"\ncontent = \"{body}\"\n"),
            None
        );
    }

    #[test]
    fn a_definition_says_where_keys_are_in_one_way() {
        let read = |text: &str| {
            let mut place = None;
            read(text, |table| {
                place = KeyPlace::read(table);
                Some(())
            })
            .map(|()| place)
            .map_err(|problems| problems.to_string())
        };
        let set = "key_set = \"https://k.example.com/set\"\n";
        let by = "certificate = \"header:C\"\n";
        let from = "certificate_from = \"https://k.example.com/*\"\n";
        assert!(matches!(read(set), Ok(Some(KeyPlace::Fixed(_)))));
        assert!(matches!(read(&format!("{by}{from}")), Ok(Some(KeyPlace::Named { .. }))));
        let found = |text: &str| read(text).expect_err(text);
        for wrong in [&set.replace("https", "http"), &format!("{set}{by}")] {
            assert!(found(wrong).contains("`key_set` must be a URL of https"), "{wrong}");
        }
        let odd = "certificate_from = [\"https://k.example.com/*\", \"http://k.example.com/*\"]\n";
        for wrong in [by.to_owned(), format!("certificate = \"C\"\n{from}"), format!("{by}{odd}")] {
            assert!(found(&wrong).contains("`certificate` must be a place"), "{wrong}");
        }
        assert!(found(from).contains("needs a `certificate`"));
    }
}
