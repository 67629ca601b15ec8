//! A captured request: from files, or an entry of a HAR (HTTP Archive 1.2, as browsers and proxies
//! save it).

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use serde_json::Value;

/// Makes a request of a text of headers and a body. A request line before the headers is taken for
/// method and path; `method` and `url` count more.
///
/// # Errors
/// The number of the line that is no header.
pub fn of_files(
    headers: &str,
    body: Vec<u8>,
    method: Option<&str>,
    url: Option<&str>,
) -> Result<Inbound> {
    let mut inbound = Inbound::post("/", Headers::new(), Bytes::from(body));
    for (number, line) in headers.lines().enumerate() {
        // As `curl --verbose` prints them.
        let line = line.strip_prefix("> ").unwrap_or(line).trim_end();
        if line.is_empty() || line == ">" {
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        if let ([verb, target, version], true) = (words.as_slice(), number == 0)
            && version.starts_with("HTTP/")
        {
            inbound.method = (*verb).to_owned();
            locate(&mut inbound, target);
            continue;
        }
        let named = line.split_once(':').filter(|(name, _)| !name.is_empty());
        let (name, value) = named
            .with_context(|| format!("line {} of the headers is no `Name: value`", number + 1))?;
        inbound.headers.add(name.trim(), value.trim());
    }
    if let Some(method) = method {
        inbound.method = method.to_ascii_uppercase();
    }
    if let Some(url) = url {
        locate(&mut inbound, url);
    }
    Ok(inbound)
}

/// The requests of a HAR.
///
/// # Errors
/// When the text is no HAR, or has no such entry.
pub fn of_har(text: &str, entry: usize) -> Result<Inbound> {
    let har: Value = serde_json::from_str(text).context("the file is no JSON")?;
    let entries = har.pointer("/log/entries").and_then(Value::as_array);
    let entries = entries.context("the file has no /log/entries")?;
    let request = entries.get(entry.saturating_sub(1)).and_then(|one| one.get("request"));
    let Some(request) = request else {
        bail!("there is no entry {entry}: the file has {}", entries.len())
    };
    let text_at = |pointer: &str| request.pointer(pointer).and_then(Value::as_str);
    let body = text_at("/postData/text").unwrap_or_default();
    let encoding = text_at("/postData/encoding").or_else(|| text_at("/postData/_encoding"));
    let body = match encoding {
        Some("base64") => STANDARD.decode(body).context("the entry's body is not base64")?,
        _ => body.as_bytes().to_vec(),
    };
    let mut inbound = Inbound::post("/", Headers::new(), Bytes::from(body));
    for header in request.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let part = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
        // HTTP/2 has its request line among the headers.
        if !part("name").is_empty() && !part("name").starts_with(':') {
            inbound.headers.add(part("name"), part("value"));
        }
    }
    inbound.method = text_at("/method").unwrap_or("POST").to_owned();
    locate(&mut inbound, text_at("/url").unwrap_or("/"));
    Ok(inbound)
}

/// Takes path and query from a URL or a request's target.
fn locate(inbound: &mut Inbound, url: &str) {
    let rest = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"));
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (inbound.path, inbound.query) = (path.to_owned(), query.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_tools_print_them() {
        let text = "> POST /hooks/a?x=%20 HTTP/1.1\n> Host: h\n> X-Sig: a:b \n>\n";
        let read = of_files(text, b"{}\n".to_vec(), None, None).unwrap();
        assert_eq!((read.method.as_str(), read.query.as_str()), ("POST", "x=%20"));
        assert_eq!(read.headers.get("x-sig"), Some(&b"a:b"[..]));
        assert_eq!(read.body, &b"{}\n"[..]);
        let read = of_files("", vec![], Some("get"), Some("https://h.example/a/b?c#d")).unwrap();
        assert_eq!((read.method.as_str(), read.path.as_str(), &*read.query), ("GET", "/a/b", "c"));
        let problem = of_files("A: b\nnonsense\n", vec![], None, None).unwrap_err();
        assert_eq!(problem.to_string(), "line 2 of the headers is no `Name: value`");
    }

    #[test]
    fn entries_of_a_har() {
        let text = r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://h/"}},
            {"request":{"method":"POST","url":"https://h/hooks/a?b=c","headers":[
            {"name":":method","value":"POST"},{"name":"X-Sig","value":"s"}],
            "postData":{"text":"e30=","encoding":"base64"}}}]}}"#;
        let read = of_har(text, 2).unwrap();
        assert_eq!((read.path.as_str(), read.query.as_str()), ("/hooks/a", "b=c"));
        assert_eq!(read.headers.get("x-sig"), Some(&b"s"[..]));
        assert_eq!(read.body, &b"{}"[..]);
        assert_eq!(of_har(text, 1).unwrap().method, "GET");
        assert_eq!(of_har(text, 3).unwrap_err().to_string(), "there is no entry 3: the file has 2");
        assert!(of_har("{}", 1).is_err() && of_har("x", 1).is_err());
    }
}
