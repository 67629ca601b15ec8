//! Requests that carry a signature that holds, and say something else than what was signed: what a
//! stranger can have signed must not be read as an event.
#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test")]

use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;
use holdfast_domain::provider::{Mark, Provider, Terms};
use holdfast_domain::secret::Secret;
use holdfast_domain::signature::{
    KeyPage, Known, Message, Rejection, key_page_of, verify, verify_with,
};
use holdfast_domain::time::Timestamp;
use holdfast_providers::sample_keys;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
const MINE: &str = "arn:aws:sns:eu-west-1:111111111111:mine";
const THEIRS: &str = "arn:aws:sns:eu-west-1:222222222222:theirs";

fn provider(name: &str) -> Provider {
    holdfast_providers::find(name).expect("defined").clone()
}

fn listening_to(arn: &str) -> Provider {
    let mark = Mark::parse("/TopicArn").expect("a place");
    provider("aws-sns").with_only(vec![(mark, vec![arn.to_owned()])])
}

fn judged(sns: &Provider, body: &Value) -> Result<(), Rejection> {
    let inbound = Inbound::post("/", Headers::default(), body.to_string());
    let url = key_page_of(sns, &inbound)?.expect("a page").url;
    let text = sns.scheme().verified_by(&sample_keys()).page.expect("a key");
    let page = KeyPage { url, text };
    verify_with(sns, &inbound, &Known { secrets: &[], keys: Some(&page) }, NOW).map(drop)
}

/// SNS signs for everybody with the same keys, and its values stand on lines without escapes. Somebody
/// has a message to a topic of his own signed, whose text looks like the fields of another one, and
/// hides the real fields behind it in a value that nobody looks at.
#[test]
fn a_message_to_ones_own_topic_is_not_one_to_another() {
    let theirs = listening_to(THEIRS);
    let sample = theirs.signed_sample(&sample_keys(), "real", NOW).expect("signed");
    let template: Value = serde_json::from_slice(&sample.body).expect("JSON");
    let time = template["Timestamp"].as_str().expect("a time").to_owned();
    let end = format!("Timestamp\n{time}\nTopicArn\n{MINE}\nType\nNotification");
    // What SNS is given to sign: by its definition, with the text as a message.
    let published = {
        let mut body = template.clone();
        body["Message"] = json!(format!("forged\nMessageId\nm-1\n{end}"));
        body["Signature"] = json!("<signature>");
        signed(&theirs, &body)
    };
    assert_eq!(judged(&theirs, &published), Ok(()), "a message may have lines");
    assert_eq!(judged(&listening_to(MINE), &published), Err(Rejection::NotMeant));
    let hidden = format!(
        "Notification\nMessageId\nreal\nTimestamp\n{time}\nTopicArn\n{THEIRS}\nType\nNotification"
    );
    let mut forged = published.clone();
    for (name, value) in
        [("Message", "forged"), ("MessageId", "m-1"), ("TopicArn", MINE), ("Type", &hidden)]
    {
        forged[name] = json!(value);
    }
    assert_eq!(judged(&listening_to(MINE), &forged), Err(Rejection::Mismatch));
}

/// Signs a notification as SNS does, with the definition's own template less its line feeds' check.
fn signed(sns: &Provider, body: &Value) -> Value {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let names = ["Message", "MessageId", "Timestamp", "TopicArn", "Type"];
    let content: String = names.iter().map(|name| format!("{name}\n{}\n", text(name))).collect();
    let plain = Provider::from_toml(
        "name = \"plain\"\ntitle = \"Plain\"\n[scheme]\nheader = \"S\"\nalgorithm = \"rsa-sha256\"\n\
         encoding = \"base64\"\ncontent = \"{body}\"\n",
    )
    .expect("valid");
    let headers = Headers::default();
    let message = Message { id: "", at: NOW, headers: &headers, body: content.as_bytes() };
    let made = plain.sign(&sample_keys(), &message).expect("signed");
    let mut body = body.clone();
    body["Signature"] = json!(made.first().expect("a signature").1);
    assert_eq!(sns.name(), "aws-sns");
    body
}

/// What a stranger is told by an unsigned GET.
fn told(provider: &Provider, query: &str, secrets: &[Secret]) -> String {
    let mut inbound = Inbound::post("/", Headers::default(), "");
    (inbound.method, inbound.query) = ("GET".to_owned(), query.to_owned());
    let terms = Terms { secrets, ..Terms::default() };
    let reply = provider.greet(&inbound, &terms).expect("an answer to a challenge");
    String::from_utf8(reply.body).expect("text")
}

#[test]
fn the_code_of_a_challenge_is_no_signature_of_an_event() {
    let (x, secrets) = (provider("x"), [Secret::new("consumer")]);
    for word in ["1", "true", "abc_1"] {
        let answer: Value =
            serde_json::from_str(&told(&x, &format!("crc_token={word}"), &secrets)).expect("JSON");
        let code = answer["response_token"].as_str().expect("a code").to_owned();
        let headers = [("x-twitter-webhooks-signature", code)].into_iter().collect();
        let inbound = Inbound::post("/", headers, word);
        assert_eq!(verify(&x, &inbound, &secrets, NOW).err(), Some(Rejection::Mismatch), "{word}");
    }
    let (braintree, secrets) = (provider("braintree"), [Secret::new("public:private")]);
    let challenge = "a".repeat(20);
    let code = told(&braintree, &format!("bt_challenge={challenge}"), &secrets).replace('|', "%7C");
    let form = |body: String| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        Inbound::post("/", [kind].into_iter().collect(), body)
    };
    for more in ["", "&junk=1", "&bt_payload=PGE%2B"] {
        let inbound = form(format!("bt_signature={code}&bt_payload={challenge}{more}"));
        assert!(verify(&braintree, &inbound, &secrets, NOW).is_err(), "{more}");
    }
}

/// Braintree's payloads end in a line end, which its libraries put back where it was lost: whoever
/// leaves it out has the signature of the same event.
#[test]
fn a_line_end_that_is_left_out_makes_no_other_event() {
    let (braintree, secrets) = (provider("braintree"), [Secret::new("public:private")]);
    let plain = Provider::from_toml(
        "name = \"plain\"\ntitle = \"Plain\"\n[scheme]\nheader = \"S\"\nalgorithm = \"sha1\"\n\
         encoding = \"hex\"\nkey = \"sha1\"\ncontent = \"{body}\"\n",
    )
    .expect("valid");
    let headers = Headers::default();
    let message = Message { id: "", at: NOW, headers: &headers, body: b"PGE+\n" };
    let made = plain.sign(&[Secret::new("private")], &message).expect("signed");
    let code = &made.first().expect("a signature").1;
    let key = |payload: &str| {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let body = format!("bt_signature=public%7C{code}&bt_payload={payload}");
        let inbound = Inbound::post("/", [kind].into_iter().collect(), body);
        verify(&braintree, &inbound, &secrets, NOW).expect("signed").identify(NOW).key
    };
    assert_eq!(key("PGE%2B%0A"), key("PGE%2B"));
}

#[test]
fn a_form_with_two_values_of_what_is_signed_is_refused() {
    let (braintree, secrets) = (provider("braintree"), [Secret::new("public:private")]);
    let sample = braintree.signed_sample(&secrets, "1", NOW).expect("signed");
    let headers: Headers = sample.headers.iter().map(|(name, value)| (name, value)).collect();
    let honest = Inbound::post("/", headers.clone(), sample.body.clone());
    assert!(verify(&braintree, &honest, &secrets, NOW).is_ok());
    let doubled = [&sample.body[..], b"&bt_payload=PGE%2B"].concat();
    let doubled = Inbound::post("/", headers, doubled);
    assert!(verify(&braintree, &doubled, &secrets, NOW).is_err());
}

/// Discord, SendGrid and Zendesk sign the time and the body with nothing between them: the same bytes,
/// divided elsewhere, would be another time and another body.
#[test]
fn no_byte_is_moved_between_time_and_body() {
    let keys = sample_keys();
    for (name, header) in [
        ("discord", "x-signature-timestamp"),
        ("sendgrid", "x-twilio-email-event-webhook-timestamp"),
        ("zendesk", "x-zendesk-webhook-signature-timestamp"),
    ] {
        let provider = provider(name);
        let known = provider.scheme().verified_by(&keys);
        let sample = provider.signed_sample(&keys, "real", NOW).expect("signed");
        let is_time = |one: &(String, String)| one.0.eq_ignore_ascii_case(header);
        let time = sample.headers.iter().find(|one| is_time(one)).expect("a time").1.clone();
        let body = String::from_utf8(sample.body.to_vec()).expect("text");
        let judged = |time: &str, body: &str| {
            let others = sample.headers.iter().filter(|one| !is_time(one)).cloned();
            let all = others.chain([(header.to_owned(), time.to_owned())]);
            let headers = all.collect::<Vec<_>>();
            let headers = headers.iter().map(|(name, value)| (name, value)).collect();
            let inbound = Inbound::post("/", headers, body.to_owned());
            verify(&provider, &inbound, &known.secrets, NOW).map(drop)
        };
        assert_eq!(judged(&time, &body), Ok(()), "{name}");
        let whole = format!("{time}{body}");
        assert!(judged("", &whole).is_err(), "{name}");
        for at in (1..whole.len()).filter(|at| *at != time.len()) {
            let (time, body) = whole.split_at(at);
            assert_eq!(judged(time, body), Err(Rejection::TimestampMalformed), "{name}: {time}");
        }
    }
}

/// What a form ends in is the nonce, which any header may be.
#[test]
fn a_nonce_is_no_end_of_a_form() {
    let url = "https://hooks.example.com/hooks/plivo";
    let plivo = provider("plivo").with_public_url(url);
    let secrets = [Secret::new("token")];
    let plain = Provider::from_toml(
        "name = \"plain\"\ntitle = \"Plain\"\n[scheme]\nheader = \"S\"\nalgorithm = \"sha256\"\n\
         encoding = \"base64\"\ncontent = \"{body}\"\n",
    )
    .expect("valid");
    let signed = format!("{url}?From1Texta.bTo2.123");
    let nothing = Headers::default();
    let message = Message { id: "", at: NOW, headers: &nothing, body: signed.as_bytes() };
    let made = plain.sign(&secrets, &message).expect("signed");
    let code = &made.first().expect("a signature").1;
    let judged = |form: &'static str, nonce: &str| {
        let headers = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("x-plivo-signature-v3", code.as_str()),
            ("x-plivo-signature-v3-nonce", nonce),
        ];
        let inbound = Inbound::post("/", headers.into_iter().collect(), form);
        verify(&plivo, &inbound, &secrets, NOW).map(drop)
    };
    assert_eq!(judged("From=1&Text=a.b&To=2", "123"), Ok(()));
    assert_eq!(judged("From=1&Text=a", "bTo2.123"), Err(Rejection::Mismatch));
}

/// PayPal signs the body's CRC-32, which other bodies have too.
#[test]
fn a_checksum_signs_no_key() {
    assert!(!provider("paypal").key_is_signed());
    assert!(!provider("paypal").scheme().covers_body());
    let unsaid = "name = \"a\"\ntitle = \"A\"\n[scheme]\nheader = \"S\"\nalgorithm = \"sha256\"\n\
                  encoding = \"hex\"\ncontent = \"{crc32}\"\n";
    let why =
        Provider::from_toml(unsaid).expect_err("what is not signed has to be said").to_string();
    assert!(why.contains("`partial = true`"), "{why}");
    assert!(Provider::from_toml(&format!("{unsaid}partial = true\n")).is_ok());
}

/// A body that is no form adds nothing to what is signed of one: with the signature of a request
/// without any field, it could be whatever its sender likes.
#[test]
fn what_is_no_form_is_not_signed_as_one() {
    let text = "name = \"a\"\ntitle = \"A\"\n[scheme]\nheader = \"S\"\nalgorithm = \"sha256\"\n\
                encoding = \"hex\"\ncontent = \"-{form_sorted}\"\n";
    let fields = Provider::from_toml(text).expect("valid");
    let secrets = [Secret::new("s")];
    let nothing = Headers::default();
    let message = Message { id: "", at: NOW, headers: &nothing, body: b"" };
    let made = fields.sign(&secrets, &message).expect("signed");
    let code = &made.first().expect("a signature").1;
    let judged = |kind: &str, body: &str| {
        let headers = [("s", code.as_str()), ("content-type", kind)];
        let inbound = Inbound::post("/", headers.into_iter().collect(), body.to_owned());
        verify(&fields, &inbound, &secrets, NOW).map(drop)
    };
    const FORM: &str = "application/x-www-form-urlencoded";
    assert_eq!(judged(FORM, ""), Ok(()));
    assert_eq!(judged(FORM, "a=1"), Err(Rejection::Mismatch));
    for (kind, body) in [
        ("application/json", "{}"),
        ("multipart/form-data; boundary=x", "--x\r\n\r\n\r\n--x--"),
        (FORM, "&"),
        (FORM, &"a&".repeat(4_096)),
    ] {
        assert!(matches!(judged(kind, body), Err(Rejection::PartMissing(_))), "{kind}");
    }
}
