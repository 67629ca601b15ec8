//! What is signed: a template such as `v0:{timestamp}:{body}`, fed to the code piece by piece so
//! that no body is ever copied.

use super::rejection::{Rejection, SignedPart};
use crate::expression::{Facts, Place};
use crate::form;
use std::borrow::Cow;

/// A template of signed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Body,
    /// The CRC-32 of the body in decimal digits: a checksum, which anybody can meet with another body.
    Crc32,
    Timestamp,
    Id,
    Method,
    Url,
    /// What follows the host in the URL, its query included.
    Path,
    /// The same, its query escaped as one component and then everything once more.
    PathEscaped,
    /// The secret's own text, where it is an identifier rather than a key.
    Secret,
    /// A value of the request; `true` stands for nothing where it is absent.
    Place(Place, bool),
    /// A value of the request in lower case.
    Lower(Place),
    /// A value of the request without a line feed: where values stand on lines of their own, one with a
    /// line feed could be read as two, and the same signature would prove other values.
    Line(Place),
    /// A value of the request of ASCII letters, digits, hyphens and underscores alone: where it follows
    /// others without a sign that they cannot have, it could be read as their end.
    Word(Place),
    /// The parameters of a form: sorted, each name followed by its value, repetitions once.
    FormSorted,
    /// The parameters of a form, which must have some.
    FormSortedSome,
    /// Nothing, where there is no body at all.
    NoBody,
    /// The URL as configured, without the request's query.
    BaseUrl,
    /// The parameters of the query, decoded and sorted, as `name=value` with `&` between them.
    QuerySorted,
    /// The headers that a header lists, itself and that of the time among them: `name:value`,
    /// sorted, with semicolons between them.
    ListedHeaders(String),
    /// Pieces that are left out together when a value among them is absent.
    Group(Content),
}

/// The pieces that stand for the URL.
const URLS: [Piece; 4] = [Piece::Url, Piece::Path, Piece::PathEscaped, Piece::BaseUrl];

/// The values for a template. Bytes as they were sent: nothing is decoded or normalised.
#[derive(Clone, Copy)]
pub(super) struct Signed<'r> {
    pub(super) method: &'r str,
    /// As configured, without a query: the request's own is the one that must have been signed.
    pub(super) url: Option<&'r str>,
    pub(super) query: &'r str,
    /// Characters whose escapes in the URL are undone before it is signed.
    pub(super) unescaped: &'r str,
    pub(super) facts: &'r Facts<'r>,
    pub(super) timestamp: Option<&'r [u8]>,
    /// The header that the timestamp stands in.
    pub(super) timestamp_name: Option<&'r str>,
    pub(super) id: Option<&'r [u8]>,
    pub(super) body: &'r [u8],
    /// Whether the body is proved by its hash too, and so may be something else than a form.
    pub(super) body_hashed: bool,
    pub(super) secret: &'r [u8],
}

const ALLOWED: &str = "{body}, {crc32}, {timestamp}, {id}, {method}, {url}, {path}, {path_escaped}, {secret}, \
                       {form_sorted}, {form_sorted!}, {no_body}, {base_url}, {query_sorted}, \
                       {listed_headers:Name}, {header:Name}, {form:name}, \
                       {query:name} and {/json/pointer}; a `?` before the closing brace allows one \
                       of the last four to be absent, `lower:` before it takes it in lower case, `line:` demands \
                       that it has no line feed, `word:` that it has only letters, digits, `-` and `_`; \
                       what stands in [ ] is left out when a value in it is absent";

impl Content {
    /// Reads a template.
    pub(super) fn parse(template: &str) -> Result<Self, String> {
        let (mut pieces, mut rest) = (Vec::new(), template);
        while let Some(at) = rest.find('[') {
            let (before, after) = rest.split_at_checked(at).unwrap_or_default();
            let (inside, after) = after
                .get(1..)
                .and_then(|after| after.split_once(']'))
                .ok_or_else(|| format!("a `[` is not closed; allowed are {ALLOWED}"))?;
            pieces.extend(Self::parse_flat(before)?);
            pieces.push(Piece::Group(Self(Self::parse_flat(inside)?)));
            rest = after;
        }
        pieces.extend(Self::parse_flat(rest)?);
        Ok(Self(pieces))
    }

    fn parse_flat(template: &str) -> Result<Vec<Piece>, String> {
        let mut pieces = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after
                .split_once('}')
                .ok_or_else(|| format!("a `{{` is not closed; allowed are {ALLOWED}"))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::named(name)?);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(pieces)
    }

    pub(super) const fn of(pieces: Vec<Piece>) -> Self {
        Self(pieces)
    }

    /// The places it is made of.
    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.flat().filter_map(|piece| match piece {
            Piece::Place(place, _)
            | Piece::Lower(place)
            | Piece::Line(place)
            | Piece::Word(place) => Some(place),
            _ => None,
        })
    }

    pub(super) fn contains(&self, wanted: &Piece) -> bool {
        self.flat().any(|piece| piece == wanted)
    }

    /// Whether it covers the time: by itself, or in a list of headers.
    pub(super) fn covers_timestamp(&self) -> bool {
        self.flat().any(|piece| matches!(piece, Piece::Timestamp | Piece::ListedHeaders(_)))
    }

    /// Whether it covers the body, or a form's every parameter.
    pub(super) fn covers_body(&self) -> bool {
        let whole = |piece: &Piece| {
            matches!(piece, Piece::Body | Piece::FormSorted | Piece::FormSortedSome | Piece::NoBody)
        };
        self.flat().any(whole)
    }

    /// Whether it covers the URL.
    pub(super) fn covers_url(&self) -> bool {
        self.flat().any(|piece| URLS.contains(piece))
    }

    fn flat(&self) -> impl Iterator<Item = &Piece> {
        self.0.iter().flat_map(|piece| match piece {
            Piece::Group(group) => group.0.as_slice(),
            piece => std::slice::from_ref(piece),
        })
    }

    /// Hands the signed bytes over in order, or says which part is missing before handing over any.
    pub(super) fn pieces<'p>(
        &'p self,
        signed: &Signed<'p>,
    ) -> Result<Vec<Cow<'p, [u8]>>, Rejection> {
        let mut bytes: Vec<Cow<'p, [u8]>> = Vec::with_capacity(self.0.len() + 1);
        for piece in &self.0 {
            if let Piece::Group(group) = piece {
                let query = signed.query.is_empty() && group.contains(&Piece::QuerySorted);
                let absent = query || group.places().any(|place| signed.facts.at(place).is_none());
                if !absent {
                    bytes.extend(group.pieces(signed)?);
                }
            } else {
                piece.write(signed, &mut bytes)?;
            }
        }
        Ok(bytes)
    }
}

impl Piece {
    fn write<'p>(
        &'p self,
        signed: &Signed<'p>,
        bytes: &mut Vec<Cow<'p, [u8]>>,
    ) -> Result<(), Rejection> {
        let missing = |part| Rejection::PartMissing(part);
        match self {
            Self::Text(text) => piece_of(bytes, text.as_bytes()),
            Self::Body => piece_of(bytes, signed.body),
            Self::Crc32 => {
                bytes.push(Cow::Owned(crc32fast::hash(signed.body).to_string().into_bytes()));
            }
            Self::Method => piece_of(bytes, signed.method.as_bytes()),
            Self::Secret => piece_of(bytes, signed.secret),
            Self::Timestamp => {
                piece_of(bytes, signed.timestamp.ok_or(missing(SignedPart::Timestamp))?);
            }
            Self::Id => piece_of(bytes, signed.id.ok_or(missing(SignedPart::Id))?),
            Self::Place(place, optional) => match value_at(place, signed.facts) {
                Some(value) => piece_of(bytes, value),
                None if *optional && signed.facts.at(place).is_none() => {}
                None => return Err(missing(SignedPart::of(place))),
            },
            Self::Line(place) => {
                let value = value_at(place, signed.facts).ok_or(missing(SignedPart::of(place)))?;
                if value.contains(&b'\n') {
                    return Err(Rejection::Mismatch);
                }
                piece_of(bytes, value);
            }
            Self::Word(place) => {
                let value = value_at(place, signed.facts).ok_or(missing(SignedPart::of(place)))?;
                let of_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
                if !value.iter().all(of_word) {
                    return Err(Rejection::Mismatch);
                }
                piece_of(bytes, value);
            }
            Self::Lower(place) => {
                let value = value_at(place, signed.facts).ok_or(missing(SignedPart::of(place)))?;
                bytes.push(Cow::Owned(value.to_ascii_lowercase()));
            }
            // A body that is no form would add nothing to what is signed, and be believed whatever it is.
            Self::FormSorted
                if signed.facts.whole_form().is_empty()
                    && !signed.body.is_empty()
                    && !signed.body_hashed =>
            {
                return Err(missing(SignedPart::Value));
            }
            Self::FormSorted => bytes.push(Cow::Owned(sorted(signed.facts))),
            Self::FormSortedSome if signed.facts.whole_form().is_empty() => {
                return Err(missing(SignedPart::Value));
            }
            Self::FormSortedSome => bytes.push(Cow::Owned(sorted_repeated(signed.facts))),
            Self::NoBody if signed.body.is_empty() => {}
            Self::NoBody => return Err(missing(SignedPart::Value)),
            Self::BaseUrl => {
                let url = signed.url.ok_or(missing(SignedPart::Url))?;
                piece_of(bytes, url.as_bytes());
            }
            Self::QuerySorted => bytes.push(Cow::Owned(query_sorted(signed.query))),
            Self::ListedHeaders(list) => bytes.push(Cow::Owned(listed_headers(list, signed)?)),
            Self::Url => write_url(signed.url, signed, bytes)?,
            Self::Path => write_url(signed.url.map(path_of), signed, bytes)?,
            Self::PathEscaped => {
                let url = signed.url.ok_or(missing(SignedPart::Url))?;
                bytes.push(Cow::Owned(path_escaped(path_of(url), signed.query)));
            }
            Self::Group(_) => {}
        }
        Ok(())
    }
}

/// The value at a place; none where a form has two of that name, of which another reader could take
/// the one that is not signed.
fn value_at<'f>(place: &Place, facts: &'f Facts<'_>) -> Option<&'f [u8]> {
    let value = facts.at(place)?;
    let named =
        |name: &String| facts.form().iter().filter(|(one, _)| one == name.as_bytes()).count();
    match place {
        Place::Form(name) if named(name) > 1 => None,
        _ => Some(value),
    }
}

fn write_url<'p>(
    url: Option<&'p str>,
    signed: &Signed<'p>,
    bytes: &mut Vec<Cow<'p, [u8]>>,
) -> Result<(), Rejection> {
    piece_of(bytes, url.ok_or(Rejection::PartMissing(SignedPart::Url))?.as_bytes());
    if !signed.query.is_empty() {
        piece_of(bytes, b"?");
        if signed.unescaped.is_empty() {
            piece_of(bytes, signed.query.as_bytes());
        } else {
            bytes.push(Cow::Owned(unescape(signed.query, signed.unescaped)));
        }
    }
    Ok(())
}

/// Undoes the escapes of some characters and leaves all others as they are.
fn unescape(text: &str, characters: &str) -> Vec<u8> {
    let mut unescaped = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| hex::decode(after.get(..2)?).ok()?.pop())
            .flatten()
            .filter(|byte| characters.as_bytes().contains(byte));
        unescaped.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    unescaped
}

/// `encodeURI` of the path and of the query that `encodeURIComponent` made (ECMA-262 section 19.2.6).
fn path_escaped(path: &str, query: &str) -> Vec<u8> {
    const COMPONENT: &[u8] = b"-_.!~*'()";
    const URI: &[u8] = b"-_.!~*'();,/?:@&=+$#";
    let escape = |text: &[u8], safe: &[u8]| {
        text.iter().fold(Vec::with_capacity(text.len()), |mut out, byte| {
            if byte.is_ascii_alphanumeric() || safe.contains(byte) {
                out.push(*byte);
            } else {
                out.extend(format!("%{byte:02X}").into_bytes());
            }
            out
        })
    };
    let mut whole = path.as_bytes().to_vec();
    if !query.is_empty() {
        whole.push(b'?');
        whole.extend(escape(query.as_bytes(), COMPONENT));
    }
    escape(&whole, URI)
}

fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

/// More headers than any provider lists.
const MOST_LISTED: usize = 64;

fn listed_headers(list: &str, signed: &Signed<'_>) -> Result<Vec<u8>, Rejection> {
    let missing = Rejection::PartMissing(SignedPart::Header);
    let header = |name: &str| {
        let stamp = signed.timestamp.filter(|_| signed.timestamp_name == Some(name));
        stamp.or_else(|| signed.facts.at(&Place::Header(name.to_owned()))).ok_or(missing)
    };
    let named = std::str::from_utf8(header(list)?).map_err(|_| missing)?;
    let lower = |name: &str| name.trim().to_ascii_lowercase();
    let mut names: Vec<String> = named.split(',').take(MOST_LISTED).map(lower).collect();
    names.extend([list.to_owned()]);
    names.extend(signed.timestamp_name.map(str::to_owned));
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    let lines = names.iter().map(|name| {
        let value = header(name)?.trim_ascii();
        Ok([name.as_bytes(), b":", value].concat())
    });
    Ok(lines.collect::<Result<Vec<_>, Rejection>>()?.join(&b';'))
}

fn piece_of<'p>(pieces: &mut Vec<Cow<'p, [u8]>>, piece: &'p [u8]) {
    pieces.push(Cow::Borrowed(piece));
}

fn query_sorted(query: &str) -> Vec<u8> {
    let mut pairs = form::pairs(query.as_bytes());
    pairs.sort_unstable();
    let items: Vec<Vec<u8>> =
        pairs.into_iter().map(|(name, value)| [name, b"=".to_vec(), value].concat()).collect();
    items.join(&b'&')
}

/// As [`sorted`], with every repetition.
fn sorted_repeated(facts: &Facts<'_>) -> Vec<u8> {
    let mut pairs: Vec<_> = facts.whole_form().iter().collect();
    pairs.sort_unstable();
    pairs.into_iter().flat_map(|(name, value)| [name.as_slice(), value].concat()).collect()
}

fn sorted(facts: &Facts<'_>) -> Vec<u8> {
    let mut pairs: Vec<_> = facts.whole_form().iter().collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name.as_slice(), value].concat()).collect()
}

impl Piece {
    fn named(name: &str) -> Result<Self, String> {
        let unknown = || format!("`{{{name}}}` is unknown; allowed are {ALLOWED}");
        match name {
            "body" => Ok(Self::Body),
            "crc32" => Ok(Self::Crc32),
            "timestamp" => Ok(Self::Timestamp),
            "id" => Ok(Self::Id),
            "method" => Ok(Self::Method),
            "url" => Ok(Self::Url),
            "path" => Ok(Self::Path),
            "path_escaped" => Ok(Self::PathEscaped),
            "secret" => Ok(Self::Secret),
            "form_sorted" => Ok(Self::FormSorted),
            "form_sorted!" => Ok(Self::FormSortedSome),
            "no_body" => Ok(Self::NoBody),
            "base_url" => Ok(Self::BaseUrl),
            "query_sorted" => Ok(Self::QuerySorted),
            _ => match name.split_once(':') {
                Some(("lower", place)) => Place::parse(place).map(Self::Lower),
                Some(("line", place)) => Place::parse(place).map(Self::Line),
                Some(("word", place)) => Place::parse(place).map(Self::Word),
                Some(("listed_headers", list)) if !list.is_empty() => {
                    Some(Self::ListedHeaders(list.to_ascii_lowercase()))
                }
                _ => {
                    let (place, optional) =
                        name.strip_suffix('?').map_or((name, false), |place| (place, true));
                    Place::parse(place).map(|place| Self::Place(place, optional))
                }
            }
            .ok_or_else(unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Headers;
    use crate::inbound::Inbound;

    /// A request of which nothing is known but its facts.
    fn bare<'r>(facts: &'r Facts<'r>) -> Signed<'r> {
        Signed {
            method: "POST",
            url: None,
            query: "",
            unescaped: "",
            facts,
            timestamp: None,
            timestamp_name: None,
            id: None,
            body: b"",
            body_hashed: false,
            secret: b"",
        }
    }

    fn signed_content(template: &str, signed: &Signed<'_>) -> Result<Vec<u8>, Rejection> {
        let content = Content::parse(template).expect("a template");
        content.pieces(signed).map(|pieces| pieces.concat())
    }

    fn content(template: &str) -> Result<Vec<u8>, Rejection> {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let headers = [("X-A", "b"), form].into_iter().collect();
        let mut inbound = Inbound::post("/", headers, &b"b=2&a=+&b=1&b=2&B=%ff"[..]);
        inbound.query = "x=%20".to_owned();
        let facts = Facts::without_json(&inbound);
        let signed = Signed {
            url: Some("https://a.example/h"),
            query: &inbound.query,
            timestamp: Some(b"17"),
            timestamp_name: Some("t"),
            body: b"{\xff}",
            secret: b"s",
            ..bare(&facts)
        };
        signed_content(template, &signed)
    }

    #[test]
    fn pieces_in_order() {
        assert_eq!(content("v0:{timestamp}:{body}"), Ok(b"v0:17:{\xff}".to_vec()));
        assert_eq!(
            content("{method}{url}{header:x-a}"),
            Ok(b"POSThttps://a.example/h?x=%20b".to_vec())
        );
        assert_eq!(content("{form_sorted}"), Ok(b"B\xffa b1b2".to_vec()));
        assert_eq!(content("{query:x}{form:a}{form:z?}"), Ok(b"  ".to_vec()));
        assert_eq!(content(""), Ok(Vec::new()));
    }

    #[test]
    fn groups_and_made_up_pieces() {
        assert_eq!(content("[a:{header:x-a};][b:{header:x-b};]c"), Ok(b"a:b;c".to_vec()));
        assert_eq!(content("{path} {base_url}"), Ok(b"/h?x=%20 https://a.example/h".to_vec()));
        assert_eq!(content("[?{query_sorted}]{secret}"), Ok(b"?x= s".to_vec()));
        assert_eq!(content("{form_sorted!}"), Ok(b"B\xffa b1b2b2".to_vec()));
        assert_eq!(content("{crc32}"), Ok(b"443919952".to_vec()));
        assert_eq!(content("{no_body}"), Err(Rejection::PartMissing(SignedPart::Value)));
        let inbound = Inbound::post("/", Headers::default(), "");
        let facts = Facts::without_json(&inbound);
        assert_eq!(signed_content("{no_body}a", &bare(&facts)), Ok(b"a".to_vec()));
        assert_eq!(signed_content("{form_sorted}", &bare(&facts)), Ok(Vec::new()));
        let no_form = Signed { body: b"{}", ..bare(&facts) };
        let unsigned = Err(Rejection::PartMissing(SignedPart::Value));
        assert_eq!(signed_content("{form_sorted}", &no_form), unsigned);
        let hashed = Signed { body_hashed: true, ..no_form };
        assert_eq!(signed_content("{form_sorted}", &hashed), Ok(Vec::new()));
        let nothing = signed_content("{form_sorted!}", &bare(&facts));
        assert_eq!(nothing, Err(Rejection::PartMissing(SignedPart::Value)));
        assert_eq!(content("{lower:header:x-a}"), Ok(b"b".to_vec()));
    }

    #[test]
    fn what_could_be_read_as_something_else_is_no_content() {
        let missing = Err(Rejection::PartMissing(SignedPart::of(&Place::Form("b".to_owned()))));
        for template in ["{form:b}", "{form:b?}", "{lower:form:b}", "{line:form:b}", "[{form:b}]"] {
            assert_eq!(content(template), missing, "{template}: there are three");
        }
        assert_eq!(content("{line:form:a}"), Ok(b" ".to_vec()));
        let inbound = Inbound::post("/", Headers::default(), "");
        let inbound = Inbound { query: "x=a%0Ab".to_owned(), ..inbound };
        let facts = Facts::without_json(&inbound);
        let content = |template| signed_content(template, &bare(&facts));
        assert_eq!(content("{query:x}"), Ok(b"a\nb".to_vec()));
        assert_eq!(content("{line:query:x}"), Err(Rejection::Mismatch));
        let words = Inbound::post("/", Headers::default(), "");
        let words = Inbound { query: "x=a-Z_0&y=a.b&z=".to_owned(), ..words };
        let facts = Facts::without_json(&words);
        let content = |template| signed_content(template, &bare(&facts));
        assert_eq!(content("{word:query:x}"), Ok(b"a-Z_0".to_vec()));
        assert_eq!(content("{word:query:y}"), Err(Rejection::Mismatch));
        assert_eq!(content("{word:query:z}"), Ok(Vec::new()));
        let absent = Rejection::PartMissing(SignedPart::of(&Place::Query("w".to_owned())));
        assert_eq!(content("{word:query:w}"), Err(absent));
    }

    #[test]
    fn listed_headers_are_sorted_and_complete() {
        let list = |value: &str| {
            let headers = [("X-List", value), ("X-B", " 2 "), ("X-A", "1"), ("T", "17")];
            let inbound = Inbound::post("/", headers.into_iter().collect(), "");
            let facts = Facts::without_json(&inbound);
            let signed = Signed { timestamp_name: Some("t"), ..bare(&facts) };
            let content = signed_content("{listed_headers:X-List}", &signed)?;
            Ok(String::from_utf8(content).expect("text"))
        };
        assert_eq!(list("X-B,x-a").as_deref(), Ok("t:17;x-a:1;x-b:2;x-list:X-B,x-a"));
        assert_eq!(list("x-c"), Err(Rejection::PartMissing(SignedPart::Header)));
        assert!(Content::parse("{listed_headers:}").is_err(), "which one?");
    }

    #[test]
    fn a_query_is_escaped_twice() {
        assert_eq!(path_escaped("/a", "b=1&c=%20"), b"/a?b%253D1%2526c%253D%252520");
        assert_eq!(path_escaped("/\u{e9}", ""), b"/%C3%A9");
    }

    #[test]
    fn only_the_named_escapes_are_undone() {
        assert_eq!(unescape("a%3A%2f%25%3a%zz%", ":/"), b"a:/%25:%zz%");
    }

    #[test]
    fn missing_parts_are_named() {
        assert_eq!(content("{id}{body}"), Err(Rejection::PartMissing(SignedPart::Id)));
        assert_eq!(content("{header:z}"), Err(Rejection::PartMissing(SignedPart::Header)));
    }

    #[test]
    fn unknown_names_are_explained() {
        for template in ["{bodyy}", "{", "{}", "{header:}", "{body"] {
            let why = Content::parse(template).expect_err(template);
            assert!(why.contains("{timestamp}"), "{why}");
        }
    }
}
