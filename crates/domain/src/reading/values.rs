//! The values a table can hold. Each method comes as a required one, which reports a missing key,
//! and an `optional_` one, which does not; both report a value of the wrong kind.

use super::nearest::nearest;
use super::span::parse_span;
use super::table::{Table, all_strings};
use crate::time::Span;
use std::ops::RangeInclusive;
use toml::de::DeValue;

const SPAN: &str = "must be a time like \"10s\", \"5m\", \"6h\" or \"2d\"";

impl Table<'_> {
    /// A string that is present and not empty.
    pub fn string(&mut self, key: &'static str) -> Option<String> {
        self.require(key);
        self.optional_string(key)
    }

    /// A string that is not empty, if present.
    pub fn optional_string(&mut self, key: &'static str) -> Option<String> {
        let taken = self.take(key)?;
        match taken.value {
            DeValue::String(text) if text.is_empty() => {
                self.report(taken.offset, &format!("`{key}` must not be empty"));
                None
            }
            DeValue::String(text) => Some(text.into_owned()),
            other => {
                self.wrong(taken.key, taken.offset, "must be a string", &other);
                None
            }
        }
    }

    /// true or false; `default` when absent.
    pub fn boolean(&mut self, key: &'static str, default: bool) -> bool {
        let Some(taken) = self.take(key) else { return default };
        if let DeValue::Boolean(value) = taken.value {
            return value;
        }
        self.wrong(key, taken.offset, "must be true or false", &taken.value);
        default
    }

    /// An integer within a range.
    pub fn integer(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        self.require(key);
        self.optional_integer(key, range)
    }

    /// An integer within a range, if present.
    pub fn optional_integer(
        &mut self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let taken = self.take(key)?;
        let expected = format!("must be an integer from {} to {}", range.start(), range.end());
        let DeValue::Integer(written) = &taken.value else {
            self.wrong(key, taken.offset, &expected, &taken.value);
            return None;
        };
        let value = i64::from_str_radix(written.as_str(), written.radix()).ok();
        let value = value.filter(|value| range.contains(value));
        if value.is_none() {
            self.report(taken.offset, &format!("`{key}` {expected}, not {written}"));
        }
        value
    }

    /// A span of time: `"10s"`, `"5m"`, `"6h"`, `"2d"`.
    pub fn span(&mut self, key: &'static str) -> Option<Span> {
        self.require(key);
        self.optional_span(key)
    }

    /// A span of time, if present.
    pub fn optional_span(&mut self, key: &'static str) -> Option<Span> {
        let taken = self.take(key)?;
        let DeValue::String(text) = &taken.value else {
            self.wrong(key, taken.offset, SPAN, &taken.value);
            return None;
        };
        let span = parse_span(text);
        if span.is_none() {
            self.report(taken.offset, &format!("`{key}` {SPAN}, not {text:?}"));
        }
        span
    }

    /// One of a closed set of words.
    pub fn one_of<T: Clone>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        self.require(key);
        self.optional_one_of(key, choices)
    }

    /// One of a closed set of words, if present.
    pub fn optional_one_of<T: Clone>(
        &mut self,
        key: &'static str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let taken = self.take(key)?;
        let words = || choices.iter().map(|(word, _)| *word);
        let expected = format!("must be one of {}", words().collect::<Vec<_>>().join(", "));
        let DeValue::String(text) = &taken.value else {
            self.wrong(key, taken.offset, &expected, &taken.value);
            return None;
        };
        let chosen = choices.iter().find(|(word, _)| *word == text.as_ref());
        if chosen.is_none() {
            let meant = nearest(text, words())
                .map_or(String::new(), |near| format!(", did you mean {near:?}?"));
            self.report(taken.offset, &format!("`{key}` {expected}, not {text:?}{meant}"));
        }
        chosen.map(|(_, value)| value.clone())
    }

    /// A list of strings; empty when absent.
    pub fn strings(&mut self, key: &'static str) -> Vec<String> {
        let Some(taken) = self.take(key) else { return Vec::new() };
        let strings = match taken.value {
            DeValue::Array(items) => all_strings(items),
            _ => None,
        };
        strings.unwrap_or_else(|| {
            self.report(taken.offset, &format!("`{key}` must be a list of strings"));
            Vec::new()
        })
    }

    /// One string or a list of them; empty when absent.
    pub fn one_or_more(&mut self, key: &'static str) -> Vec<String> {
        let Some(taken) = self.take(key) else { return Vec::new() };
        let strings = match taken.value {
            DeValue::String(text) => Some(vec![text.into_owned()]),
            DeValue::Array(items) => all_strings(items),
            _ => None,
        };
        let strings =
            strings.filter(|all| !all.is_empty() && all.iter().all(|one| !one.is_empty()));
        strings.unwrap_or_else(|| {
            self.report(taken.offset, &format!("`{key}` must be a string or a list of strings"));
            Vec::new()
        })
    }

    /// All remaining entries as name and text, for tables whose keys are free, such as headers.
    pub fn texts(&mut self) -> Vec<(String, String)> {
        let mut texts = Vec::new();
        for (name, offset, value) in self.take_all() {
            match value {
                DeValue::String(text) => texts.push((name, text.into_owned())),
                other => self.wrong(&name, offset, "must be a string", &other),
            }
        }
        texts
    }

    /// All remaining entries as name and texts, where one text may stand for a list.
    pub fn lists(&mut self) -> Vec<(String, Vec<String>)> {
        let mut lists = Vec::new();
        for (name, offset, value) in self.take_all() {
            let texts = match value {
                DeValue::String(text) => Some(vec![text.into_owned()]),
                DeValue::Array(items) => all_strings(items),
                _ => None,
            };
            match texts {
                Some(texts) => lists.push((name, texts)),
                None => {
                    self.report(offset, &format!("`{name}` must be a string or a list of strings"))
                }
            }
        }
        lists
    }

    fn require(&mut self, key: &'static str) {
        if !self.has(key) {
            self.missing(key);
        }
    }
}
