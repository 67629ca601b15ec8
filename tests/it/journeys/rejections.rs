//! What is not a signed webhook of a configured source gets a 4xx that tells a stranger nothing,
//! and leaves nothing behind.

use super::journey::Journey;
use super::signed::{Webhook, github, stripe};
use super::world::{Setting, World};
use bytes::Bytes;

/// A stack of its own: nobody else writes there while items are counted.
#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let stripe_source =
        "max_body_bytes = 2000\n[sources.dropbox]\nprovider = \"dropbox\"".to_owned();
    let world =
        World::deploy("rejections", Setting { stripe: stripe_source, ..Setting::default() });
    let journey = &Journey::through(&world).await;

    let answer = async |method: &str, path: &str, webhook: &Webhook| {
        journey.request(method, path, &webhook.headers, webhook.body.clone()).await
    };
    let unauthorized = (401, "unauthorized".to_owned());
    let genuine = stripe();
    for (what, path, webhook) in [
        ("an unknown source", "nowhere", genuine.clone()),
        ("a name that is none", "Str%20ipe", genuine.clone()),
        ("no signature", "stripe", without_headers(&genuine)),
        ("another's signature", "stripe", Webhook { headers: stripe().headers, ..genuine.clone() }),
        ("a changed body", "stripe", Webhook { body: "{}".into(), ..genuine.clone() }),
        ("garbage for a signature", "stripe", resigned(&genuine, "t=zz,v1=%%%,,v1")),
        ("a stale timestamp", "stripe", resigned(&genuine, "t=1,v1=00")),
        ("a signature for another source", "github", genuine.clone()),
        ("an empty request", "github", without_headers(&github("text/plain", Bytes::new()))),
    ] {
        assert_eq!(answer("POST", path, &webhook).await, unauthorized, "{what}");
    }

    let large = Webhook { body: vec![b' '; 2001].into(), ..genuine.clone() };
    assert_eq!(answer("POST", "stripe", &large).await.0, 413, "too large");
    for method in ["GET", "PUT", "DELETE"] {
        let refused = (405, "method not allowed".to_owned());
        assert_eq!(answer(method, "stripe", &genuine).await, refused, "{method}");
    }
    // No route but /hooks/{source}: the gateway itself refuses.
    let (status, _) = answer("POST", "a/b", &genuine).await;
    assert!([403, 404].contains(&status), "{status}");
    // What some providers ask before they send anything.
    let nothing = without_headers(&github("text/plain", Bytes::new()));
    let greeted = answer("GET", "dropbox?challenge=a%2Bb", &nothing).await;
    assert_eq!(greeted, (200, "a+b".to_owned()));

    for output in ["TableName", "BodiesTableName"] {
        assert_eq!(journey.items(output).await, 0, "{output} is empty");
    }
    journey.post_accepted(&genuine).await;
    journey.wait_until_processed(&genuine.key).await;
    assert_eq!(journey.items("BodiesTableName").await, 1, "the count counts");
}

fn without_headers(webhook: &Webhook) -> Webhook {
    Webhook { headers: Vec::new(), ..webhook.clone() }
}

fn resigned(webhook: &Webhook, signature: &str) -> Webhook {
    let signature = ("stripe-signature".to_owned(), signature.to_owned());
    let others =
        webhook.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(&signature.0));
    let headers = others.cloned().chain([signature.clone()]).collect();
    Webhook { headers, ..webhook.clone() }
}
