//! Key presses: each a thing to try. Without a terminal, lines are read; at the end of the input
//! nothing more happens.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{IsTerminal, Read};
use tokio::sync::mpsc;

/// A terminal that hands over each key at once, and is put back when this is dropped.
pub(super) struct KeyMode(Option<Termios>);

impl KeyMode {
    /// Changes standard input, if it is a terminal. Ctrl-C keeps its meaning.
    pub(super) fn enter() -> Self {
        let stdin = std::io::stdin();
        if !stdin.is_terminal() {
            return Self(None);
        }
        let Ok(before) = tcgetattr(&stdin) else { return Self(None) };
        let mut mode = before.clone();
        mode.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        let changed = tcsetattr(&stdin, OptionalActions::Now, &mode).is_ok();
        Self(changed.then_some(before))
    }
}

impl Drop for KeyMode {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // Nothing better can be done for a terminal that is gone.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// The keys as they are pressed. The thread that reads them ends with the input, or with the
/// process.
pub(super) fn pressed() -> mpsc::UnboundedReceiver<char> {
    let (send, receive) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for byte in std::io::stdin().lock().bytes() {
            let Ok(byte) = byte else { break };
            if send.send(char::from(byte)).is_err() {
                break;
            }
        }
    });
    receive
}
