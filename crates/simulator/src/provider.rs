//! Providers: what happens there, and how they tell of it. They post until they are answered with a
//! 2xx, or once and never again, or forget to post at all; and they post again what was answered.

use crate::world::{World, lock};
use holdfast_domain::outcome::Class;
use holdfast_domain::record::{Record, State};
use holdfast_domain::time::{Span, Timestamp};
use holdfast_testkit::world::Webhook;
use std::sync::Arc;

/// Something that happened at a provider.
#[derive(Clone, Debug)]
pub(crate) struct Happening {
    pub(crate) webhook: Webhook,
    /// What happened, in the provider's words.
    kind: String,
    pub(crate) at: Timestamp,
}

impl World {
    /// Lets events happen within a stretch of time that begins now.
    pub(crate) fn happen(self: &Arc<Self>, first: usize, count: usize, within: Span) {
        for number in first..first + count {
            // Some of them come in bursts.
            let burst = self.dice.percent(30);
            let at = self.now().plus(self.dice.millis(0, within.millis()));
            let at = if burst { whole(at, within) } else { at };
            self.later(at, move |world| {
                let happening = world.new_happening(number);
                let world = world.clone();
                tokio::task::spawn_local(async move { world.tell(happening).await });
            });
        }
    }

    fn new_happening(&self, number: usize) -> Happening {
        let dice = &self.dice;
        let at = self.now();
        let (id, created) = (format!("evt_{number}"), at.secs());
        let (source, kind) = match dice.below(100) {
            0..25 => ("stripe", "invoice.paid"),
            25..45 => ("stripe", "account.updated"),
            45..50 => ("stripe", "customer.created"),
            50..67 => ("github", "issues"),
            67..82 => ("polled", "charge.refunded"),
            82..92 => ("insistent", "invoice.paid"),
            _ => ("careful", "invoice.paid"),
        };
        // Versions of a few objects, so that some of them are overtaken.
        let object = format!("acct_{}", number % 3);
        let webhook = match source {
            "github" => Webhook::github(&id, kind),
            source => Webhook::stripe(&id, kind, &object, created).at(source),
        };
        if dice.percent(self.profile.poison) {
            self.poison(&id);
        }
        self.counts.one("events");
        Happening { webhook, kind: kind.to_owned(), at }
    }

    async fn tell(self: Arc<Self>, happening: Happening) {
        let source = happening.webhook.source;
        if source == "polled" {
            // The list is a little behind.
            let (listed, id) = (self.dice.millis(0, 20_000), happening.clone());
            self.later(self.now().plus(listed), move |world| world.listing.add(&id));
            if self.dice.percent(35) {
                self.counts.one("webhooks_never_sent");
                return;
            }
        }
        if source == "stripe" && self.dice.percent(4) {
            self.spawn_tries(other_event(&happening));
        }
        if self.dice.percent(10) {
            self.spawn_tries(happening.clone());
        }
        self.tries(&happening).await;
        if self.dice.percent(12) {
            // Somebody presses "resend".
            self.pass(self.dice.millis(1000, 40 * 60_000)).await;
            self.tries(&again(happening)).await;
        }
    }

    fn spawn_tries(self: &Arc<Self>, happening: Happening) {
        let world = self.clone();
        tokio::task::spawn_local(async move { world.tries(&happening).await });
    }

    /// Posts until it is told that it need not.
    async fn tries(self: &Arc<Self>, happening: &Happening) {
        let most = if happening.webhook.source == "github" { 1 } else { self.dice.between(2, 6) };
        let mut wait = self.dice.between(2000, 60_000);
        for _ in 0..most {
            self.pass(self.dice.millis(5, 400)).await;
            if self.is_calm() {
                return;
            }
            if !self.dice.percent(self.profile.network) {
                let status = self.post(happening).await;
                let heard = self.is_calm() || !self.dice.percent(self.profile.network);
                if heard && matches!(status, Some(200..=299)) {
                    return;
                }
            }
            self.counts.one("provider_retries");
            self.pass(Span::from_millis(wait)).await;
            wait *= 3;
        }
    }

    /// I1: a 2xx implies a record and its body.
    pub(crate) fn is_durable(&self, happening: &Happening) -> bool {
        match self.stored(happening) {
            Some(record) => {
                record.state == State::Processed
                    || self.has_body(&record)
                    || is_without_body(&record)
            }
            None => [happening.webhook.key(), happening.webhook.key_beside()]
                .iter()
                .any(|key| self.watch.is_forgotten(key)),
        }
    }

    /// The record of an event, under its own key or beside another one.
    pub(crate) fn stored(&self, happening: &Happening) -> Option<Record> {
        let is_it = |record: &Record| record.event.kind.as_str() == happening.kind;
        let beside = self.find(&happening.webhook.key_beside()).filter(is_it);
        beside.or_else(|| self.find(&happening.webhook.key()).filter(is_it))
    }

    /// What was answered with a 2xx so far.
    pub(crate) fn accepted_so_far(&self) -> Vec<Happening> {
        lock(&self.fleet.accepted).clone()
    }
}

/// The same event in another delivery.
fn again(happening: Happening) -> Happening {
    Happening { webhook: happening.webhook.delivered_again(), ..happening }
}

/// Another event under the same id, as no provider should send it.
fn other_event(happening: &Happening) -> Happening {
    let kind = "invoice.voided";
    let (id, at) = (&happening.webhook.id, happening.at);
    let webhook = Webhook::stripe(id, kind, "in_other", at.secs() + 7);
    Happening { webhook, kind: kind.to_owned(), at }
}

pub(crate) fn is_without_body(record: &Record) -> bool {
    record.death.as_ref().is_some_and(|death| death.failure.class == Class::BodyMissing)
}

/// A few moments for many events.
fn whole(at: Timestamp, within: Span) -> Timestamp {
    let step = i64::try_from(within.millis() / 3 + 1).unwrap_or(1);
    Timestamp::from_millis(at.millis() - at.millis().rem_euclid(step))
}
