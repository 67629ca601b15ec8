//! stub
macro_rules! t { ($($n:ident),*) => {$(
/// stub
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct $n(String);
impl $n {
    /// stub
    pub fn new(text: &str) -> Self { Self(text.to_owned()) }
    /// stub
    pub fn as_str(&self) -> &str { &self.0 }
})*} }
t!(EventKey, Kind, Entity, Version);
