//! What a signature covers, and so nobody but the provider can have chosen.

use super::content::{Content, Piece};
use super::scheme::Scheme;
use super::stamp::StampPlace;
use crate::expression::Place;

impl Scheme {
    /// Whether a signature covers the whole body.
    pub fn covers_body(&self) -> bool {
        self.proofs().any(Self::covers_body_alone)
    }

    /// A checksum covers nothing: whoever caught one request makes another body with the same.
    fn covers_body_alone(&self) -> bool {
        self.all_contain(&Piece::Body) || self.proof.covers_body()
    }

    /// Whether a signature covers what stands at a place.
    pub fn covers(&self, place: &Place) -> bool {
        self.proofs().any(|one| one.covers_alone(place))
    }

    fn covers_alone(&self, place: &Place) -> bool {
        let body = self.covers_body_alone();
        let contains = |place: &Place| {
            self.contents.iter().all(|content| content.places().any(|known| known == place))
        };
        match place {
            Place::Pointer(_) | Place::Root(_) | Place::FirstNested => body || contains(place),
            Place::Form(_) => body || contains(place) || self.all_contain(&Piece::FormSorted),
            Place::Query(_) => contains(place) || self.contents.iter().all(Content::covers_url),
            Place::Header(name) => {
                let stamp = match self.timestamp.as_ref().map(|stamp| &stamp.place) {
                    Some(StampPlace::Headers(names)) => names.as_slice(),
                    _ => &[],
                };
                contains(place)
                    || self.all_contain(&Piece::ListedHeaders(name.clone()))
                    || (self.all_contain(&Piece::Id) && self.id.contains(name))
                    || (self.contents.iter().all(Content::covers_timestamp) && stamp.contains(name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    #[test]
    fn what_is_signed_is_covered_and_nothing_else() {
        let covered = |content: &str| {
            let text = format!(
                "header = \"S\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\npartial = true\n\
                 content = \"{content}\"\n"
            );
            let scheme = read(&text, Scheme::read).expect("valid");
            let places = ["/a", "form:a", "query:a", "header:a"];
            places.map(|place| scheme.covers(&Place::parse(place).expect("a place")))
        };
        assert_eq!(covered("{body}"), [true, true, false, false]);
        assert_eq!(covered("{crc32}"), [false; 4]);
        assert_eq!(covered("{form_sorted}"), [false, true, false, false]);
        assert_eq!(covered("{form:a}{form:b}"), [false, true, false, false]);
        assert_eq!(covered("{url}"), [false, false, true, false]);
        assert_eq!(covered("{query:a}"), [false, false, true, false]);
        assert_eq!(covered("{header:a}"), [false, false, false, true]);
        assert_eq!(covered("{/a}"), [true, false, false, false]);
        assert_eq!(covered("{/b}{query:b}{header:b}{form:b}"), [false; 4]);
    }
}
