//! Tables and index are as the adapters name them.

use super::reading::template;
use holdfast_aws::event_store::keys;
use serde_json::Value;

#[test]
fn tables_and_index_are_as_the_adapters_name_them() {
    let template = template();
    let table = |name: &str| template["Resources"][name]["Properties"].clone();
    for name in ["EventsTable", "BodiesTable"] {
        let table = table(name);
        assert_eq!(keys_of(&table), [(keys::PK, "HASH")], "{name}");
        assert_eq!(table["TimeToLiveSpecification"]["AttributeName"], keys::EXPIRES_AT, "{name}");
        assert_eq!(table["TimeToLiveSpecification"]["Enabled"], true, "{name}");
    }
    let events = table("EventsTable");
    let indexes = events["GlobalSecondaryIndexes"].as_array().expect("indexes");
    let [index] = &indexes[..] else { panic!("one index, not {}", indexes.len()) };
    assert_eq!(index["IndexName"], keys::OPEN_INDEX);
    assert_eq!(keys_of(index), [(keys::OPEN_SHARD, "HASH"), (keys::INDEX_AT, "RANGE")]);
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
    for definition in events["AttributeDefinitions"].as_array().expect("attributes") {
        let is_number = definition["AttributeName"] == keys::INDEX_AT;
        assert_eq!(definition["AttributeType"], if is_number { "N" } else { "S" }, "{definition}");
    }
}

fn keys_of(table: &Value) -> Vec<(&str, &str)> {
    let schema = table["KeySchema"].as_array().expect("a key").iter();
    schema
        .map(|key| {
            let name = key["AttributeName"].as_str().expect("a name");
            (name, key["KeyType"].as_str().expect("a type"))
        })
        .collect()
}
