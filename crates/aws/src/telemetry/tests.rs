use super::*;
use crate::clients::{Clients, Pace};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was logged.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Answers one request of SQS, and hands back what it was.
fn answer_one(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().unwrap();
    let request = read(&mut stream);
    let answer = r#"{"MessageId":"the-answer"}"#;
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all(format!("{head}{answer}").as_bytes()).unwrap();
    request
}

/// A request up to the end of its JSON.
fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"}") {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).unwrap();
        assert!(count > 0, "the request ended early");
        bytes.extend_from_slice(&some[..count]);
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn no_filter_makes_the_sdk_tell_bodies_or_credentials() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let credentials = Credentials::new("the-id", "the-key", Some("the-token".into()), None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(&endpoint);
    let sqs = Clients::new(&config.build(), Pace::Working).sqs;
    let server = std::thread::spawn(move || answer_one(&listener));

    let lines = Lines::default();
    let sink = lines.clone();
    let filter = "trace,aws_smithy_runtime=trace,hyper=trace,aws=trace";
    let guard = tracing::subscriber::set_default(log(filter, move || sink.clone()).unwrap());
    let send = sqs.send_message().queue_url(format!("{endpoint}/1/orders"));
    send.message_body("the-body").send().await.unwrap();
    tracing::trace!("a line of our own");
    drop(guard);

    let request = server.join().unwrap();
    let text = lines.text();
    for told in ["the-body", "the-token", "Signature="] {
        assert!(request.contains(told), "{request}");
        assert!(!text.contains(told), "{told}: {text}");
    }
    for told in ["the-key", "the-answer"] {
        assert!(!text.contains(told), "{told}: {text}");
    }
    // The SDK was heard, and we are heard in full.
    assert!(text.contains("beginning attempt #1"), "{text}");
    assert!(text.contains("a line of our own"), "{text}");
}

#[test]
fn a_filter_is_read_as_it_was() {
    for filter in ["info", "trace", "holdfast_pipeline=debug,warn", "aws_smithy_runtime=trace"] {
        assert!(log(filter, std::io::sink).is_ok(), "{filter}");
    }
    assert!(matches!(log("holdfast=loud", std::io::sink), Err(ParseError { .. })));
}
