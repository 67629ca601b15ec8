//! The command line.

use crate::{check, dev, discard, list, offers, replay, send, show, switch, verify};
use clap::{Parser, Subcommand};

/// Webhooks that arrive, stay, and are handled.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What the command can do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run everything on this machine, in memory: receiver, processor, reconciler.
    Dev(dev::Arguments),
    /// Check holdfast.toml: every problem with its line.
    Check(check::Arguments),
    /// Sign a sample event of a source and post it.
    Send(send::Arguments),
    /// Say whether requests are believed, and why not: one of yours, or a corpus of them.
    Verify(verify::Arguments),
    /// List the events that are open, waiting, parked or dead.
    List(list::Arguments),
    /// Show one event: its life so far, where it is, what happens next.
    Show(show::Arguments),
    /// Bring dead events back.
    Replay(replay::Arguments),
    /// Let dead events go: they count as finished, with a reason.
    Discard(discard::Arguments),
    /// Turn a source, a kind or a destination off or on; alone, list what is off.
    Switch(switch::Arguments),
    /// Show the secrets that a provider offered to a source at a handshake (Asana, Notion).
    Offers(offers::Arguments),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_the_readme_types_is_understood() {
        for line in [
            "holdfast dev",
            "holdfast dev --port 9000 --config a.toml --secrets s.json",
            "holdfast check --config a.toml",
            "holdfast send stripe",
            "holdfast send stripe --url http://127.0.0.1:8787/hooks/stripe --secret whsec_x --count 3",
            "holdfast send acme --kind order.paid --secrets s.json",
            "holdfast send acme --body order.json --secrets s.json",
            "holdfast verify --vectors a.jsonl b.jsonl",
            "holdfast verify --vectors a.jsonl --generic",
            "holdfast verify --source stripe --headers h.txt --body b.json --secrets s.json",
            "holdfast verify --source a --headers h.txt --method GET --url https://h/a?b --at 17",
            "holdfast verify --source stripe --har a.har --entry 3 --secret whsec_x",
            "holdfast list --dead --source stripe --limit 5 --stack holdfast",
            "holdfast show stripe/evt_1 --stack holdfast",
            "holdfast replay stripe/evt_1 stripe/evt_2 --force",
            "holdfast replay stripe/evt_1 --force --config holdfast.toml",
            "holdfast discard stripe/evt_1 stripe/evt_2 --reason obsolete --stack holdfast",
            "holdfast switch",
            "holdfast switch --stack holdfast",
            "holdfast switch off source stripe",
            "holdfast switch on kind stripe invoice.created",
            "holdfast switch off destination billing --stack holdfast",
            "holdfast offers notion --stack holdfast",
            "holdfast offers notion --forget",
        ] {
            let parsed = Arguments::try_parse_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {:?}", parsed.err());
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for line in [
            "holdfast",
            "holdfast send stripe --secret a --secrets b",
            "holdfast send stripe --kind a --body b",
            "holdfast send stripe --count 0",
            "holdfast show",
            "holdfast show stripe",
            "holdfast replay",
            "holdfast replay stripe/evt_1 --config holdfast.toml",
            "holdfast discard stripe/evt_1",
            "holdfast discard --reason obsolete",
            "holdfast verify",
            "holdfast verify --source stripe",
            "holdfast verify --headers h.txt",
            "holdfast verify --vectors a.jsonl --source stripe",
            "holdfast verify --source stripe --headers h.txt --har a.har",
            "holdfast switch off",
            "holdfast switch off source",
            "holdfast switch off source stripe github",
            "holdfast switch off kind stripe",
            "holdfast switch off kind stripe invoice.*",
            "holdfast switch off destination Billing",
            "holdfast switch source stripe",
            "holdfast list --dead --waiting",
        ] {
            assert!(Arguments::try_parse_from(line.split(' ')).is_err(), "{line}");
        }
    }
}
