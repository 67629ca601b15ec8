//! A provider's way of signing, as data. Read from a definition or from `holdfast.toml`; never
//! chosen or changed by a request.

use super::carrier::Carrier;
use super::challenge::Challenge;
use super::content::{Content, Piece};
use super::header::Format;
use super::key::{Key, KeyFormat};
use super::key_name::KeyName;
use super::key_page::KeyPlace;
use super::mac::{Algorithm, Encoding};
use super::proof::Proof;
use super::second;
use super::stamp::Stamp;
use super::token;
use crate::expression::Place;
use crate::headers::Headers;
use crate::json::Pointer;
use crate::reading::Table;
use crate::secret::Secret;
use crate::time::Span;
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// A signature scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(super) carrier: Carrier,
    pub(super) proof: Proof,
    pub(super) key: KeyFormat,
    pub(super) format: Format,
    /// What is signed: one of these.
    pub(super) contents: Vec<Content>,
    pub(super) key_name: Option<KeyName>,
    pub(super) id: Vec<String>,
    pub(super) timestamp: Option<Stamp>,
    pub(super) public_url: Option<String>,
    /// Whether the URL may also have been signed with its standard port.
    pub(super) url_ports: bool,
    /// Where a signed URL carries the hash of a body that is no form.
    pub(super) body_hash: Option<Place>,
    /// The list whose every item is signed on its own.
    pub(super) each: Option<Pointer>,
    /// Where keys lie that no secret holds.
    pub(super) keys: Option<KeyPlace>,
    /// Characters whose escapes in the URL are undone before it is signed.
    pub(super) unescaped: String,
    /// Whether it is known that the signature does not cover the body.
    pub(super) partial: bool,
    /// Whose codes anybody can have.
    given_away: Vec<Challenge>,
    /// What a request has to be proved by as well: by keys that lie elsewhere, and so without a
    /// secret. It has no second proof of its own.
    pub(super) also: Option<Box<Self>>,
}

impl Scheme {
    /// The tolerances that a timestamp may be given, in seconds: up to a week.
    pub const TOLERANCE_SECS: RangeInclusive<i64> = 1..=7 * 86_400;

    /// Reads a scheme's table; `None` after reporting what is wrong.
    pub fn read(table: &mut Table<'_>) -> Option<Self> {
        let scheme = Self::read_one(table);
        let also = second::read(table).map(Box::new);
        let scheme = scheme?;
        if also.is_some() && scheme.keys.is_some() {
            table.problem("`also` is for a scheme whose own keys are secrets of the source");
        }
        Some(Self { also, ..scheme })
    }

    /// Reads one proof, whatever else there has to be.
    pub(super) fn read_one(table: &mut Table<'_>) -> Option<Self> {
        let carrier = Carrier::read(table);
        let proof = Proof::read(table);
        let key = table.optional_one_of("key", &KeyFormat::WORDS).unwrap_or_default();
        let format = Format {
            separator: table.optional_string("separator"),
            prefix: table.optional_string("prefix").unwrap_or_default(),
            timestamp_prefix: table.optional_string("timestamp_prefix"),
            timestamp_first: false,
        };
        let format = Format { timestamp_first: table.boolean("timestamp_first", false), ..format };
        let format = if format.timestamp_first {
            Format { timestamp_prefix: Some(String::new()), ..format }
        } else {
            format
        };
        let key_name = KeyName::read(table);
        let id = lower(table.one_or_more("id"));
        let content_line = table.line_of("content");
        let signs = proof.as_ref().is_none_or(Proof::signs);
        if signs && !table.has("content") {
            table.problem("`content` is missing: what is signed");
        }
        let templates = if signs { table.one_or_more("content") } else { vec![String::new()] };
        let timestamp = Stamp::read(table, &format);
        let url_ports = table.boolean("url_ports", false);
        let partial = table.boolean("partial", false);
        let body_hash = place(table, "body_hash");
        let each = place(table, "each").and_then(|place| place.pointer().cloned());
        let keys = KeyPlace::read(table);
        let unescaped = table.optional_string("url_unescaped").unwrap_or_default();
        let mut contents = Vec::new();
        for template in &templates {
            match Content::parse(template) {
                Ok(content) => contents.push(content),
                Err(why) => table.problem_on_line(content_line, format!("`content`: {why}")),
            }
        }
        if contents.is_empty() || contents.len() != templates.len() {
            return None;
        }
        let scheme = Self {
            carrier: carrier?,
            proof: proof?,
            key,
            format,
            contents,
            key_name,
            id,
            timestamp,
            public_url: None,
            url_ports,
            body_hash,
            each,
            keys,
            unescaped,
            partial,
            given_away: Vec::new(),
            also: None,
        };
        scheme.contradictions().for_each(|why| table.problem_on_line(content_line, why));
        Some(scheme)
    }

    /// The scheme of Standard Webhooks v1 (`standard-webhooks.md`, symmetric signatures), with
    /// which deliveries are signed too.
    pub fn standard_webhooks() -> Self {
        let header = |name: &str| vec![name.to_owned()];
        let text = |text: &str| Piece::Text(text.to_owned());
        Self {
            carrier: Carrier::header("webhook-signature"),
            proof: Proof::Mac(Algorithm::Sha256, Encoding::Base64),
            key: KeyFormat::Whsec,
            format: Format {
                separator: Some(" ".to_owned()),
                prefix: "v1,".to_owned(),
                timestamp_prefix: None,
                timestamp_first: false,
            },
            contents: vec![Content::of(vec![
                Piece::Id,
                text("."),
                Piece::Timestamp,
                text("."),
                Piece::Body,
            ])],
            key_name: None,
            id: header("webhook-id"),
            timestamp: Some(Stamp::in_seconds("webhook-timestamp")),
            public_url: None,
            url_ports: false,
            body_hash: None,
            each: None,
            keys: None,
            unescaped: String::new(),
            partial: false,
            given_away: Vec::new(),
            also: None,
        }
    }

    /// The same scheme for a provider whose handshakes make codes for anybody.
    #[must_use]
    pub(crate) fn giving_away(mut self, challenges: Vec<Challenge>) -> Self {
        self.given_away = challenges;
        self
    }

    /// Whether anybody can have the code of a content.
    pub(super) fn is_given_away(&self, pieces: &[Cow<'_, [u8]>]) -> bool {
        if self.given_away.is_empty() {
            return false;
        }
        let content = pieces.concat();
        self.given_away.iter().any(|one| one.is(&content))
    }

    /// Its proofs: its own, and the second where it has one.
    pub(super) fn proofs(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.also.as_deref())
    }

    /// The seconds that may be chosen as its tolerance; `None` for a scheme that judges no age,
    /// neither of a timestamp nor of a token (`issued_within_secs`).
    pub fn tolerances(&self) -> Option<RangeInclusive<i64>> {
        let of = |one: &Self| match &one.proof {
            _ if one.timestamp.is_some() => Some(Self::TOLERANCE_SECS),
            Proof::Jwt(jwt) if jwt.judges_age() => Some(token::AGE_SECS),
            _ => None,
        };
        self.proofs().find_map(of)
    }

    /// The same scheme with another tolerance, if it has a timestamp at all.
    #[must_use]
    pub fn with_tolerance(mut self, tolerance: Span) -> Self {
        self.also = self.also.map(|also| Box::new(also.with_tolerance(tolerance)));
        if let Some(stamp) = &mut self.timestamp {
            stamp.window.tolerance = tolerance;
            stamp.judged = true;
        }
        if let Proof::Jwt(jwt) = &mut self.proof {
            jwt.tolerate(tolerance);
        }
        self
    }

    /// The same scheme for a source that is known to its provider under this URL. A query in it is
    /// left out: that of each request is the one that must have been signed.
    #[must_use]
    pub fn with_public_url(mut self, url: impl Into<String>) -> Self {
        let url = url.into();
        self.also = self.also.map(|also| Box::new(also.with_public_url(url.as_str())));
        self.public_url = Some(url.split('?').next().unwrap_or_default().to_owned());
        self
    }

    /// Whether the signature covers the URL, so that a source must configure it.
    pub fn needs_public_url(&self) -> bool {
        self.proofs().any(|one| {
            let claimed = matches!(&one.proof, Proof::Jwt(jwt) if jwt.needs_public_url());
            claimed || one.contents.iter().any(Content::covers_url)
        })
    }

    /// Whether a source has to have a secret: not where the keys lie elsewhere, unless what is
    /// signed has a text of the source's own in it.
    pub fn needs_secret(&self) -> bool {
        self.proofs().any(Self::takes_secret)
    }

    /// The same of one proof alone.
    pub(super) fn takes_secret(&self) -> bool {
        let elsewhere = self.keys.is_some() && self.proof.takes_key_text();
        !elsewhere || self.any_contains(&Piece::Secret)
    }

    /// The place of the keys that no secret holds. At most one of its proofs has such keys.
    pub(super) fn key_place(&self) -> Option<&KeyPlace> {
        self.proofs().find_map(|one| one.keys.as_ref())
    }

    /// The pointers whose values it needs before anything is proved; none for most schemes, which
    /// then read no JSON before.
    pub(super) fn pointers(&self) -> impl Iterator<Item = &Pointer> {
        let version = match &self.proof {
            Proof::Rsa(hash, _) => hash.place(),
            _ => None,
        };
        let signed = self.contents.iter().flat_map(Content::places);
        let places = self.carrier.places.iter().chain(signed).chain(version);
        let keys = self.keys.as_ref().and_then(KeyPlace::pointer);
        places.filter_map(Place::pointer).chain(keys)
    }

    /// Whether a secret has the format of this scheme's keys. Says nothing about its being right.
    pub fn can_use(&self, secret: &Secret) -> bool {
        self.key_of(secret).is_some()
    }

    pub(super) fn key_of<'s>(&self, secret: &'s Secret) -> Option<Key<'s>> {
        let fits = self.proof != Proof::Basic || secret.expose().contains(':');
        let text = match self.key_name {
            Some(_) => KeyName::split(secret.expose()).1,
            None => secret.expose(),
        };
        self.key.key(text).filter(|_| fits)
    }

    /// The name of a secret's key, where the scheme has such names.
    pub(super) fn key_name_of<'s>(&self, secret: &'s Secret) -> Option<&'s str> {
        self.key_name.as_ref().and(KeyName::split(secret.expose()).0)
    }

    /// Whether a secret may be written as `name:key`.
    pub const fn names_keys(&self) -> bool {
        self.key_name.is_some()
    }

    /// The code of a text as the scheme writes it, for the answer to a handshake.
    pub(crate) fn code_of(&self, secret: &Secret, text: &[u8]) -> Option<String> {
        let Proof::Mac(algorithm, encoding) = &self.proof else { return None };
        let mut mac = algorithm.start(self.key_of(secret)?.bytes())?;
        mac.update(text);
        let code = mac.finish().encode(*encoding);
        match (&self.key_name, self.key_name_of(secret)) {
            (Some(KeyName::Before(separator)), Some(name)) => {
                Some(format!("{name}{separator}{code}"))
            }
            _ => Some(code),
        }
    }

    pub(super) fn any_contains(&self, piece: &Piece) -> bool {
        self.contents.iter().any(|content| content.contains(piece))
    }

    pub(super) fn all_contain(&self, piece: &Piece) -> bool {
        self.contents.iter().all(|content| content.contains(piece))
    }

    /// Whether the parameters of a form are signed one by one.
    pub(super) fn signs_form(&self) -> bool {
        self.all_contain(&Piece::FormSorted) || self.all_contain(&Piece::FormSortedSome)
    }

    /// Whether the signature may stand in a header.
    pub fn looks_into(&self, header: &str) -> bool {
        let header = header.to_ascii_lowercase();
        self.proofs().flat_map(|one| &one.carrier.places).any(|place| match place {
            Place::Header(name) => match name.strip_suffix('*') {
                Some(stem) => header.starts_with(stem),
                None => *name == header,
            },
            _ => false,
        })
    }

    /// The word for its kind of proof in a definition; of its own, where it has a second.
    pub fn algorithm(&self) -> &'static str {
        self.proof.word()
    }

    /// Whether it is checked with a key that everybody may know.
    pub fn has_public_key(&self) -> bool {
        self.proofs().any(|one| {
            let alone = matches!(one.proof, Proof::Ed25519(_) | Proof::EcdsaP256(_));
            alone || one.proof.takes_key_text()
        })
    }

    /// The tolerance in force, if the scheme has a timestamp that is judged.
    pub fn tolerance(&self) -> Option<Span> {
        let judged = self.timestamp.as_ref().filter(|stamp| stamp.judged);
        judged.map(|stamp| stamp.window.tolerance)
    }
}

fn place(table: &mut Table<'_>, key: &'static str) -> Option<Place> {
    let line = table.line_of(key);
    let text = table.optional_string(key)?;
    let place = Place::parse(&text);
    if place.is_none() {
        let why = format!("`{key}` must be a place like \"/list\" or \"query:name\"");
        table.problem_on_line(line, why);
    }
    place
}

pub(super) fn lower(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
}

/// The first of several headers that is there and not empty.
pub(super) fn first_header<'h>(headers: &'h Headers, names: &[String]) -> Option<&'h [u8]> {
    names.iter().find_map(|name| headers.get(name).filter(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Problems, read};

    fn scheme(text: &str) -> Result<Scheme, Problems> {
        read(text, Scheme::read)
    }

    #[test]
    fn the_example_of_the_documentation() {
        let text = r#"
            header = "X-Acme-Signature"
            algorithm = "sha256"
            encoding = "hex"
            prefix = "sha256="
            content = "{timestamp}.{body}"
            timestamp = "X-Acme-Timestamp"
            tolerance_secs = 60
        "#;
        let scheme = scheme(text).expect("valid");
        assert_eq!(scheme.carrier, Carrier::header("x-acme-signature"));
        assert_eq!(scheme.tolerance(), Some(Span::from_secs(60)));
        let unjudged = format!("{text}timestamp_judged = false\n");
        let unjudged = self::scheme(&unjudged).expect("valid");
        assert_eq!(unjudged.tolerance(), None);
        assert_eq!(
            unjudged.with_tolerance(Span::from_secs(7)).tolerance(),
            Some(Span::from_secs(7))
        );
        assert!(scheme.covers(&Place::Header("x-acme-timestamp".to_owned())));
        assert!(!scheme.covers(&Place::Header("x-acme-id".to_owned())));
        assert!(!scheme.needs_public_url());
    }

    #[test]
    fn all_that_is_wrong_is_said() {
        let text =
            "algorithm = \"sha-256\"\nencoding = \"base32\"\ncontent = \"{boddy}\"\nalgoritm = 1\n";
        let found = scheme(text).expect_err("problems").to_string();
        for expected in [
            "line 1: `header` is missing",
            "line 1: `algorithm` must be one of sha1, sha256, sha512, ed25519, ecdsa-p256, token, basic, rsa, rsa-sha256, jwt-hs256, jwt-rs256, jwt-es256, not \"sha-256\", did you mean \"sha256\"?",
            "line 2: `encoding` must be one of hex, hex-any-case, base64, base64url",
            "line 3: `content`: `{boddy}` is unknown",
            "line 4: unknown key `algoritm`, did you mean `algorithm`?",
        ] {
            assert!(found.contains(expected), "missing {expected:?} in:\n{found}");
        }
    }

    #[test]
    fn contradictions_are_refused() {
        let base = "header = \"S\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\n";
        for (text, expected) in [
            ("content = \"{method}\"", "must contain {body}"),
            ("content = \"{timestamp}{body}\"", "say where it stands"),
            ("content = \"{body}\"\ntimestamp = \"T\"", "proves nothing"),
            ("content = \"{id}{body}\"", "name its header"),
            ("content = \"{body}\"\nid = \"I\"", "does not contain {id}"),
            ("content = \"{timestamp}{body}\"\ntimestamp = \"/t\"", "stands in the body"),
            ("content = \"{body}\"\ntolerance_secs = 5", "need a `timestamp`"),
            (
                "content = \"{timestamp}{body}\"\ntimestamp = \"T\"\ntimestamp_prefix = \"t=\"\nseparator = \",\"",
                "exclude each other",
            ),
            ("content = \"{timestamp}{body}\"\ntimestamp_prefix = \"t=\"", "needs a `separator`"),
            (
                "content = \"{timestamp}{body}\"\ntimestamp_prefix = \"v1=\"\nprefix = \"v1\"\nseparator = \",\"",
                "told apart",
            ),
            (
                "content = \"{timestamp}{body}\"\ntimestamp = \"T\"\ntolerance_secs = 0",
                "must be an integer from 1",
            ),
        ] {
            let found = scheme(&format!("{base}{text}")).expect_err(text).to_string();
            assert!(found.contains(expected), "{text:?} gave:\n{found}");
        }
    }

    #[test]
    fn contents_that_cannot_be_read_contradict_nothing() {
        let base = "header = \"S\"\nalgorithm = \"sha256\"\nencoding = \"hex\"\n";
        let text = format!("{base}content = [\"{{id}}{{body}}\", \"{{boddy}}\"]\n");
        let found = scheme(&text).expect_err("a piece that nobody knows").to_string();
        assert!(found.contains("`{boddy}` is unknown"), "{found}");
        assert!(!found.contains("name its header"), "{found}");
    }
}
