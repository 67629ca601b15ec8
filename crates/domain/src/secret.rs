//! stub
/// stub
#[derive(Clone)]
pub struct Secret(String);
impl Secret {
    /// stub
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
    /// stub
    pub fn expose(&self) -> &str {
        &self.0
    }
}
