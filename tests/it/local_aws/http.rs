//! As much of HTTP as the control interfaces of the local servers need.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// The body of the answer to a GET.
pub(super) fn get(port: u16, path: &str) -> Result<String> {
    ask(port, "GET", path, "", "")
}

/// The body of the answer to a request with a JSON body, and perhaps an AWS operation it is for.
/// Everything but a 2xx is an error.
pub(super) fn ask(
    port: u16,
    method: &str,
    path: &str,
    operation: &str,
    json: &str,
) -> Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = json.len();
    write!(
        stream,
        "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nX-Amz-Target: {operation}\r\n\
         Content-Type: application/x-amz-json-1.0\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{json}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or(ErrorKind::UnexpectedEof)?;
    let is_fine = head.split(' ').nth(1).is_some_and(|status| status.starts_with('2'));
    if is_fine { Ok(body.to_owned()) } else { Err(Error::other(answer)) }
}
