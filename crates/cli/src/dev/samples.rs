//! Signed sample events at the press of a key.

use super::door;
use super::life::say;
use super::world::World;
use crate::local_secrets::{is_signed_elsewhere, signing};
use holdfast_domain::inbound::Inbound;
use holdfast_pipeline::ports::{Ports, SecretStore};

/// Remembers the last sample, to send it again.
#[derive(Default)]
pub(super) struct Samples {
    last: Option<Inbound>,
}

impl Samples {
    /// Sends the sample of the source with that number, or the last one again; other keys do
    /// nothing.
    pub(super) async fn press(&mut self, world: &World, key: char) {
        if let Some(number) = key.to_digit(10).and_then(|digit| digit.checked_sub(1)) {
            match sample(world, number as usize).await {
                Ok(sample) => self.last = Some(sample),
                Err(problem) => return say(&format!("! {problem}")),
            }
        } else if key != 'd' {
            return;
        }
        match &self.last {
            Some(sample) => {
                let answer = door::receive(world, sample).await;
                say(&format!("→ sent to {}: answered {}", sample.path, answer.status()));
            }
            None => say("! nothing was sent yet"),
        }
    }
}

async fn sample(world: &World, number: usize) -> Result<Inbound, String> {
    let source = world.configuration.sources().nth(number).ok_or("no source has that number")?;
    let secrets = world.memory.secrets().load().await.map_err(|error| error.to_string())?;
    let values = secrets.get(source.secret.as_str()).cloned().unwrap_or_default();
    let scheme = source.provider.scheme();
    let values = signing(values, scheme, is_signed_elsewhere(&source.provider));
    let id = world.memory.random().nonce().as_str().to_owned();
    let sample = source
        .provider
        .signed_sample(&values, &id, world.memory.now())
        .map_err(|error| error.to_string())?;
    let headers = sample.headers.into_iter().collect();
    Ok(Inbound::post(format!("/hooks/{}", source.name), headers, sample.body))
}
