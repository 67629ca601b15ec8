//! One table of a document: remembers which keys were asked for, so that the rest can be reported.

use super::nearest::nearest;
use super::problem::{Problem, Problems};
use std::cell::RefCell;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What all tables of one document share: its text, for line numbers, and its problems.
pub(super) struct Context<'t> {
    text: &'t str,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Context<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, problems: RefCell::new(Vec::new()) }
    }

    pub(super) fn report_at(&self, offset: usize, message: String) {
        let line = self.line(offset);
        self.problems.borrow_mut().push(Problem { line, message });
    }

    pub(super) fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    pub(super) fn into_problems(self) -> Problems {
        Problems::new(self.problems.into_inner())
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
    }
}

/// A table being read. Every method that takes a key marks it as known; [`Table::finish`] reports
/// the keys that nobody asked for.
#[must_use = "call `finish`, which reports unknown keys"]
pub struct Table<'c> {
    context: &'c Context<'c>,
    /// How the table is written in the document, e.g. `[sources.stripe]`; empty at the root.
    name: String,
    path: String,
    offset: usize,
    entries: DeTable<'c>,
    asked: Vec<&'static str>,
}

/// A value taken out of its table, with what is needed to complain about it.
pub(super) struct Taken<'c> {
    pub(super) key: &'static str,
    pub(super) offset: usize,
    pub(super) value: DeValue<'c>,
}

impl<'c> Table<'c> {
    pub(super) fn root(context: &'c Context<'c>, entries: DeTable<'c>) -> Self {
        let (name, path) = (String::new(), String::new());
        Self { context, name, path, offset: 0, entries, asked: Vec::new() }
    }

    /// Reports a problem with the table as a whole.
    pub fn problem(&self, message: impl AsRef<str>) {
        self.report(self.offset, message.as_ref());
    }

    /// Reports a problem with one line, taken earlier from [`Table::line_of`].
    pub fn problem_on_line(&self, line: usize, message: impl AsRef<str>) {
        let message = self.in_place(message.as_ref());
        self.context.problems.borrow_mut().push(Problem { line, message });
    }

    /// The line of the table's heading, counted from 1.
    pub fn line(&self) -> usize {
        self.context.line(self.offset)
    }

    /// The line of a key that has not been read yet; the table's own line if it is absent.
    pub fn line_of(&self, key: &str) -> usize {
        let offset = self.entries.get_key_value(key).map_or(self.offset, |(k, _)| k.span().start);
        self.context.line(offset)
    }

    /// Whether a key is present and not read yet.
    pub fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The table under a key, if present.
    pub fn table(&mut self, key: &'static str) -> Option<Table<'c>> {
        let taken = self.take(key)?;
        match taken.value {
            DeValue::Table(entries) => Some(self.child(key, taken.offset, entries, false)),
            other => {
                self.wrong(key, taken.offset, "must be a table", &other);
                None
            }
        }
    }

    /// The table under a key that must be present.
    pub fn required_table(&mut self, key: &'static str) -> Option<Table<'c>> {
        if !self.has(key) {
            self.missing(key);
        }
        self.table(key)
    }

    /// The named tables under a key, e.g. all `[sources.<name>]`, in the order of their names.
    pub fn tables(&mut self, key: &'static str) -> Vec<(String, Table<'c>)> {
        let Some(parent) = self.table(key) else { return Vec::new() };
        let mut named = Vec::new();
        for (name, value) in parent.entries.clone() {
            let offset = name.span().start;
            match value.into_inner() {
                DeValue::Table(entries) => {
                    let child = parent.child(name.get_ref(), offset, entries, false);
                    named.push((name.into_inner().into_owned(), child));
                }
                other => parent.wrong(name.get_ref(), offset, "must be a table", &other),
            }
        }
        named
    }

    /// One table or a list of them; none when absent.
    pub fn one_or_more_tables(&mut self, key: &'static str) -> Vec<Table<'c>> {
        let is_one = self.entries.get(key).is_some_and(|value| value.get_ref().is_table());
        if is_one { self.table(key).into_iter().collect() } else { self.array(key) }
    }

    /// The tables of an array of tables, e.g. all `[[routes]]`, in the order of the document.
    pub fn array(&mut self, key: &'static str) -> Vec<Table<'c>> {
        let Some(taken) = self.take(key) else { return Vec::new() };
        let DeValue::Array(items) = taken.value else {
            self.wrong(key, taken.offset, "must be a list of tables", &taken.value);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            let offset = item.span().start;
            match item.into_inner() {
                DeValue::Table(entries) => tables.push(self.child(key, offset, entries, true)),
                other => self.wrong(key, offset, "must be a list of tables", &other),
            }
        }
        tables
    }

    /// Ends the reading of this table: every key that was not asked for is a problem, which names
    /// the nearest allowed key and all of them.
    pub fn finish(mut self) {
        for (key, _) in std::mem::take(&mut self.entries) {
            let allowed = &self.asked;
            let meant = nearest(key.get_ref(), allowed.iter().copied())
                .map_or(String::new(), |near| format!(", did you mean `{near}`?"));
            let listed = if allowed.is_empty() { "nothing".to_owned() } else { allowed.join(", ") };
            let joint = if meant.is_empty() { "." } else { "" };
            let message =
                format!("unknown key `{}`{meant}{joint} Allowed here: {listed}", key.get_ref());
            self.report(key.span().start, &message);
        }
    }

    pub(super) fn take(&mut self, key: &'static str) -> Option<Taken<'c>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let (name, value) = self.entries.remove_entry(key)?;
        Some(Taken { key, offset: name.span().start, value: value.into_inner() })
    }

    pub(super) fn take_all(&mut self) -> Vec<(String, usize, DeValue<'c>)> {
        std::mem::take(&mut self.entries)
            .into_iter()
            .map(|(key, value)| {
                let offset = key.span().start;
                (key.into_inner().into_owned(), offset, value.into_inner())
            })
            .collect()
    }

    pub(super) fn missing(&mut self, key: &'static str) {
        self.problem(format!("`{key}` is missing"));
    }

    pub(super) fn report(&self, offset: usize, message: &str) {
        self.context.report_at(offset, self.in_place(message));
    }

    /// Reports that a value has the wrong type.
    pub(super) fn wrong(&self, key: &str, offset: usize, expected: &str, found: &DeValue<'_>) {
        self.report(offset, &format!("`{key}` {expected}, not {}", type_of(found)));
    }

    fn in_place(&self, message: &str) -> String {
        if self.name.is_empty() {
            message.to_owned()
        } else {
            format!("in {}: {message}", self.name)
        }
    }

    fn child(&self, key: &str, offset: usize, entries: DeTable<'c>, array: bool) -> Table<'c> {
        let path =
            if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        let name = if array { format!("[[{path}]]") } else { format!("[{path}]") };
        Table { context: self.context, name, path, offset, entries, asked: Vec::new() }
    }
}

fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The items of a list of strings, or nothing if one of them is something else.
pub(super) fn all_strings<'v>(
    items: impl IntoIterator<Item = Spanned<DeValue<'v>>>,
) -> Option<Vec<String>> {
    items
        .into_iter()
        .map(|item| match item.into_inner() {
            DeValue::String(text) => Some(text.into_owned()),
            _ => None,
        })
        .collect()
}
