//! stub
/// stub
#[derive(Clone)]
pub struct Secret(Vec<u8>);
