//! The web as `holdfast dev` sees it. The keys of its samples lie where the provider's own would: at
//! addresses that only samples name, and beside the keys of a provider that has one page for all
//! requests. Everything else is the web.

use crate::local_secrets::believed;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use holdfast_domain::configuration::{Configuration, Source};
use holdfast_domain::inbound::Inbound;
use holdfast_domain::signature::key_page_of;
use holdfast_domain::time::Timestamp;
use holdfast_pipeline::ports::Result;
use holdfast_pipeline::web::{Visit, Web};
use holdfast_providers::sample_keys;
use serde_json::{Value, json};
use std::collections::HashMap;

/// What samples call the page of their keys, where the request says which page it is.
const OF_SAMPLES: &str = "holdfast-sample.pem";

/// The web, with the keys of samples in it.
pub(super) struct LocalWeb<W> {
    web: W,
    pages: HashMap<String, Bytes>,
}

impl<W: Web> LocalWeb<W> {
    /// For the sources of a configuration.
    pub(super) fn new(web: W, configuration: &Configuration) -> Self {
        Self { web, pages: configuration.sources().filter_map(page).collect() }
    }

    async fn visit(&self, url: &str) -> Result<Visit> {
        let Some(own) = self.pages.get(url) else { return self.web.get(url).await };
        if url.ends_with(OF_SAMPLES) {
            return Ok(Visit::Page(own.clone()));
        }
        Ok(Visit::Page(match self.web.get(url).await {
            Ok(Visit::Page(theirs)) => both(&theirs, own),
            // Without a network, samples are believed all the same.
            Ok(Visit::None(_)) | Err(_) => own.clone(),
        }))
    }
}

impl<W: Web> Web for LocalWeb<W> {
    fn get<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Visit>> {
        Box::pin(self.visit(url))
    }
}

/// The page of a source's samples, and its address; `None` where its keys are secrets of its own.
fn page(source: &Source) -> Option<(String, Bytes)> {
    let page = believed(source.secret.as_str(), source.provider.scheme()).page?;
    let sample = source.provider.signed_sample(&sample_keys(), "", Timestamp::EPOCH);
    let sample = sample.map(|sample| (sample.headers.into_iter().collect(), sample.body));
    let (headers, body) = sample.unwrap_or_default();
    let address = key_page_of(&source.provider, &Inbound::post("/", headers, body)).ok()??;
    Some((address.url, page))
}

/// Two sets of keys in one.
fn both(theirs: &Bytes, own: &Bytes) -> Bytes {
    let keys = |page: &Bytes| match serde_json::from_slice::<Value>(page) {
        Ok(Value::Object(mut set)) => match set.remove("keys") {
            Some(Value::Array(keys)) => keys,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let all = [keys(theirs), keys(own)].concat();
    json!({ "keys": all }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::signature::{KeyPage, Known, verify_with};
    use holdfast_pipeline::memory::MemoryWeb;
    use holdfast_providers::Definitions;

    const SOURCES: &str = "[sources.topic]\nprovider = \"aws-sns\"\n\
        only = { \"/TopicArn\" = \"arn:aws:sns:eu-west-1:1:mine\" }\n\
        [sources.push]\nprovider = \"google-pubsub\"\n\
        only = { \"claim:aud\" = \"https://mine\", \"claim:email\" = \"me@example.com\" }\n\
        [destinations.d]\nkind = \"http\"\nurl = \"https://a.example/\"\n\
        [[routes]]\nfrom = \"push\"\nto = \"d\"\n[[routes]]\nfrom = \"topic\"\nto = \"d\"\n";
    const NOW: Timestamp = Timestamp::from_secs(1_780_286_655);
    const GOOGLE: &str = "https://www.googleapis.com/oauth2/v3/certs";

    #[tokio::test]
    async fn samples_of_providers_with_keys_of_their_own_are_believed() {
        let configuration = Configuration::read(SOURCES, &Definitions).expect("sound");
        let real = MemoryWeb::default();
        real.put(GOOGLE, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"theirs\"}]}");
        let web = LocalWeb::new(real, &configuration);
        for source in configuration.sources() {
            let provider = &source.provider;
            let sample = provider.signed_sample(&sample_keys(), "1", NOW).expect("signed");
            let headers = sample.headers.into_iter().collect();
            let inbound = Inbound::post("/", headers, sample.body);
            let url = key_page_of(provider, &inbound).expect("known").expect("a page").url;
            let Ok(Visit::Page(text)) = web.get(&url).await else { panic!("no page at {url}") };
            assert_eq!(url == GOOGLE, String::from_utf8_lossy(&text).contains("theirs"));
            let page = KeyPage { url, text };
            let known = Known { secrets: &[], keys: Some(&page) };
            let verified = verify_with(provider, &inbound, &known, NOW);
            assert!(verified.is_ok(), "{}: {:?}", source.name, verified.err());
        }
        let other = web.get("https://sns.eu-west-1.amazonaws.com/other.pem").await;
        assert!(!matches!(other, Ok(Visit::Page(_))));
    }
}
