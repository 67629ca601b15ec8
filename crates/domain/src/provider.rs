//! stub
use crate::reading::Table;
/// stub
#[derive(Debug)]
pub struct Provider {
    /// stub
    pub name: String,
    /// stub
    pub dedupe_days: Option<u32>,
}
impl Provider {
    /// stub
    pub fn is_listed(&self) -> bool {
        self.name == "stripe"
    }
    /// stub
    pub fn inline(scheme: &mut Table<'_>, event: &mut Table<'_>) -> Option<Self> {
        let header = scheme.string("header");
        let _ = event.string("kind");
        header.map(|_| Self { name: "hmac".into(), dedupe_days: None })
    }
}
