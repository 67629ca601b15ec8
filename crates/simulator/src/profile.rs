//! What kind of world a seed is: how many events, how much goes wrong, and in which ways. Each kind of
//! fault is left out of some worlds, so that no fault always hides behind another.

use crate::dice::Dice;
use holdfast_domain::time::Span;

/// How often a call goes wrong, in ten thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// Throttled or broken before its effect.
    pub(crate) refused: u64,
    /// Its answer is lost.
    pub(crate) lost: u64,
    /// The SDK makes it twice, because the first answer was lost.
    pub(crate) repeated: u64,
    /// Given up by the caller, and it takes effect later nevertheless.
    pub(crate) late: u64,
    /// It takes seconds.
    pub(crate) slow: u64,
    /// Its process dies before it, or before it hears of it.
    pub(crate) crash: u64,
}

/// A kind of world.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    /// How many events happen at the providers.
    pub(crate) events: usize,
    /// Within what time.
    pub(crate) within: Span,
    /// How often calls go wrong.
    pub(crate) rates: Rates,
    /// Clocks are as wrong as this, in either direction.
    pub(crate) skew_millis: u64,
    /// Whether clocks are wrong, and processes stall, by more than the leases allow for: then two
    /// workers may run at once, and a late send may pass for a redrive. All the rest has to hold.
    pub(crate) wild: bool,
    /// How many writes in a hundred the index hears of late.
    pub(crate) index_lags: u64,
    /// After how many receives a ticket is moved.
    pub(crate) max_receives: u32,
    /// How many batches run at once at most.
    pub(crate) batches: usize,
    /// How many in a hundred receives are throttled; delivered twice; not deleted when acked; lost.
    pub(crate) throttled: u64,
    pub(crate) doubled: u64,
    pub(crate) undeleted: u64,
    pub(crate) mislaid: u64,
    /// How many events in a hundred cannot be delivered until somebody mends what they meet.
    pub(crate) poison: u64,
    /// How many runs in a hundred fail for some reason or other.
    pub(crate) failing: u64,
    /// How many in a hundred requests or answers between providers and the receiver are lost.
    pub(crate) network: u64,
    /// How many deploys there are.
    pub(crate) deploys: u64,
    /// How many orders operators give.
    pub(crate) orders: u64,
    /// How often something is switched off for a while.
    pub(crate) switches: u64,
    /// For how many days nothing happens in the middle.
    pub(crate) quiet_days: u64,
    /// How many events a page of the provider's list has.
    pub(crate) page: usize,
}

impl Profile {
    /// The world of these dice. More events take more time to happen.
    pub(crate) fn draw(dice: &Dice, events: Option<usize>) -> Self {
        let events = events.unwrap_or_else(|| 20 + dice.index(41));
        let minutes = dice.between(4, 12).max(events as u64 / 40);
        let wild = dice.percent(12);
        let often = |choices: &[u64]| if dice.percent(60) { dice.one_of(choices) } else { 0 };
        const CALLS: [u64; 4] = [20, 60, 150, 400];
        const SOME: [u64; 4] = [1, 3, 8, 20];
        Self {
            events,
            within: Span::from_mins(minutes),
            rates: Rates {
                refused: often(&CALLS),
                lost: often(&CALLS),
                repeated: often(&CALLS),
                late: often(&CALLS),
                slow: often(&CALLS),
                crash: often(&[10, 30, 80, 150]),
            },
            skew_millis: dice.one_of(if wild {
                &[10_000, 40_000, 100_000]
            } else {
                &[0, 1000, 1000]
            }),
            wild,
            index_lags: often(&[5, 20, 60]),
            max_receives: dice.one_of(&[5, 8, 25]),
            batches: 1 + dice.index(5),
            throttled: often(&SOME),
            // What may run twice at once should now and then.
            doubled: if wild { 30 } else { often(&SOME) },
            undeleted: often(&SOME),
            mislaid: often(&[1, 2, 5]),
            poison: often(&[3, 10, 25]),
            failing: often(&[5, 15, 40]),
            network: often(&[2, 10, 25]),
            deploys: dice.below(4),
            orders: dice.below(12) * (1 + events as u64 / 60),
            switches: dice.below(3),
            quiet_days: if dice.percent(6) { dice.one_of(&[31, 50, 70, 100]) } else { 0 },
            page: 2 + dice.index(5),
        }
    }
}
