//! Keys that lie elsewhere: where a scheme says that they are, and the page as it was fetched. What
//! fetches it is not here.

use super::rejection::Rejection;
use crate::expression::{Facts, Place};
use crate::json::Pointer;
use crate::reading::Table;
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
    pub(super) fn url(&self, facts: &Facts<'_>) -> Result<String, Rejection> {
        match self {
            Self::Fixed(url) => Ok(url.clone()),
            Self::Named { by, from } => {
                let named = facts.at(by).ok_or(Rejection::KeyPlaceRefused)?;
                let url = std::str::from_utf8(named).map_err(|_| Rejection::KeyPlaceRefused)?;
                let known = from.iter().any(|pattern| pattern.matches(url));
                if known { Ok(url.to_owned()) } else { Err(Rejection::KeyPlaceRefused) }
            }
        }
    }
}
