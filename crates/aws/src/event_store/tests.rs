//! What the contract suites cannot see from outside: how an item and an expression look.

use super::placeholders::Placeholders;
use super::{Item, changes, conditions, item};
use aws_sdk_dynamodb::types::AttributeValue;
use holdfast_domain::lifecycle::Update;
use holdfast_domain::lifecycle::operator::discard;
use holdfast_domain::record::Record;
use holdfast_domain::time::Span;
use holdfast_testkit::builders::{
    DEDUPE_WINDOW, NOW, attempts, dead, later, processed, processing, received, request, unique_key,
};

fn text(item: &Item, attribute: &str) -> Option<String> {
    item.get(attribute).and_then(|value| value.as_s().ok()).cloned()
}

fn number(item: &Item, attribute: &str) -> Option<String> {
    item.get(attribute).and_then(|value| value.as_n().ok()).cloned()
}

/// Bytes as DynamoDB counts them: names, UTF-8, numbers at about half a byte a digit, 3 bytes a
/// list or map and 1 for each element.
fn size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + size(value)).sum::<usize>(),
        AttributeValue::M(item) => 3 + item_size(item) + item.len(),
        other => panic!("no record has {other:?}"),
    }
}

fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size(value)).sum()
}

#[test]
fn an_open_record_is_listed_and_does_not_expire() {
    let record = received(&unique_key());
    let item = item::encode(&record);
    assert_eq!(text(&item, "pk").as_deref(), Some(record.key().as_str()));
    let shard = format!("open#{}", record.key().shard());
    assert_eq!(text(&item, "open_shard"), Some(shard));
    let index_at = later(Span::from_mins(2)).millis().to_string();
    assert_eq!(number(&item, "index_at"), Some(index_at));
    assert_eq!(item.get("expires_at"), None);
}

#[test]
fn a_processed_record_expires_and_is_not_listed() {
    let record = processed(&unique_key());
    let item = item::encode(&record);
    assert_eq!(item.get("open_shard"), None);
    assert_eq!(item.get("index_at"), None);
    let ended = record.processed.expect("it is processed");
    assert_eq!(number(&item, "expires_at"), Some(ended.expires_at.secs().to_string()));
}

/// A claim and a completion are billed by the kilobyte.
#[test]
fn a_common_record_is_smaller_than_a_kilobyte() {
    let common = Record { attempt_log: attempts(1), ..processing(&unique_key()) };
    for record in [received(&unique_key()), common, processed(&unique_key())] {
        let size = item_size(&item::encode(&record));
        assert!(size < 1024, "{size} bytes: {:?}", record.state);
    }
}

#[test]
fn each_missing_attribute_is_named() {
    let whole = item::encode(&dead(&unique_key()));
    for attribute in ["state", "token", "kind", "headers", "body_ref", "body_sha256", "class"] {
        let mut item = whole.clone();
        item.remove(attribute);
        let error = item::decode(&item).expect_err(attribute).to_string();
        assert!(error.contains(&format!("readable attribute {attribute}")), "{error}");
        assert!(error.contains("E#stripe#evt_"), "{error}");
    }
}

#[test]
fn each_odd_attribute_is_named_but_not_shown() {
    let whole = item::encode(&processing(&unique_key()));
    let odd = [
        ("state", AttributeValue::S("ODD".to_owned())),
        ("token", AttributeValue::N("-1".to_owned())),
        ("owner", AttributeValue::N("77".to_owned())),
        ("lease_until", AttributeValue::S("odd".to_owned())),
        ("body_ref", AttributeValue::S("odd:77".to_owned())),
        ("body_sha256", AttributeValue::S("odd".to_owned())),
        ("open_shard", AttributeValue::S("odd#1".to_owned())),
        ("headers", AttributeValue::L(vec![AttributeValue::S("odd".to_owned())])),
        ("attempt_log", AttributeValue::L(vec![AttributeValue::S("odd".to_owned())])),
    ];
    for (attribute, value) in odd {
        let mut item = whole.clone();
        item.insert(attribute.to_owned(), value);
        let error = item::decode(&item).expect_err(attribute).to_string();
        assert!(error.contains(&format!("readable attribute {attribute}")), "{error}");
        assert!(!error.to_lowercase().contains("odd"), "{error}");
    }
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let record = processing(&unique_key());
    let mut item = item::encode(&record);
    item.insert("added_later".to_owned(), AttributeValue::Bool(true));
    // A room whose number of shards has grown since.
    item.insert("open_shard".to_owned(), AttributeValue::S("open#15".to_owned()));
    assert_eq!(item::decode(&item).expect("readable"), record);
}

/// Condition, changes, and the values of `:v0`, `:v1` and so on.
fn rendered(update: &Update) -> (String, String, Vec<String>) {
    let mut holders = Placeholders::default();
    let condition = conditions::render(update.guard(), &mut holders);
    let changes = changes::render(update, &mut holders);
    let (names, values) = holders.into_parts();
    for (holder, name) in names.expect("names") {
        assert_eq!(holder, format!("#{name}"));
    }
    let values = values.expect("values");
    let value = |at: usize| match &values[&format!(":v{at}")] {
        AttributeValue::S(text) | AttributeValue::N(text) => text.clone(),
        other => panic!("not expected: {other:?}"),
    };
    (condition, changes, (0..values.len()).map(value).collect())
}

#[test]
fn a_claim_as_expressions() {
    let key = unique_key();
    let (condition, changes, values) = rendered(&request(&key, "worker").update());
    assert_eq!(
        condition,
        "(attribute_exists(#pk) AND ((#state = :v0 AND #next_attempt_at <= :v1) OR \
         (#state = :v2 AND #lease_until < :v3)))"
    );
    assert_eq!(
        changes,
        "SET #index_at = if_not_exists(#index_at, :v5), #last_sent_at = :v6, \
         #lease_until = :v7, #open_shard = :v8, #owner = :v9, #state = :v10 \
         ADD #attempts :v4, #token :v11"
    );
    let now = NOW.millis();
    let expected = [
        "RECEIVED".to_owned(),
        now.to_string(),
        "PROCESSING".to_owned(),
        now.to_string(),
        "1".to_owned(),
        "0".to_owned(),
        (now + 360_000).to_string(),
        (now + 35_000).to_string(),
        format!("open#{}", key.shard()),
        "worker".to_owned(),
        "PROCESSING".to_owned(),
        "1".to_owned(),
    ];
    assert_eq!(values, expected);
}

#[test]
fn a_discard_as_expressions() {
    let record = dead(&unique_key());
    let update = discard(&record, "a test", DEDUPE_WINDOW, NOW).expect("it is dead");
    let (condition, changes, values) = rendered(&update);
    assert_eq!(condition, "(attribute_exists(#pk) AND #state = :v0 AND #dead_at = :v1)");
    assert_eq!(
        changes,
        "SET #expires_at = :v2, #outcome = :v3, #processed_at = :v4, #processed_reason = :v5, \
         #state = :v6 REMOVE #index_at, #lease_until, #open_shard, #owner"
    );
    let expected = [
        "DEAD".to_owned(),
        NOW.minus(Span::from_mins(1)).millis().to_string(),
        NOW.plus(DEDUPE_WINDOW).secs().to_string(),
        "discarded".to_owned(),
        NOW.millis().to_string(),
        "a test".to_owned(),
        "PROCESSED".to_owned(),
    ];
    assert_eq!(values, expected);
}
