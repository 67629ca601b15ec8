//! The processes of a stack, as Linux shows them.
#![cfg(target_os = "linux")]

use super::stack::{binary, send_signal};
use super::world::World;
use std::fs;
use std::path::{Path, PathBuf};

/// `kill -9` of every processor of a world; how many there were.
pub(crate) fn kill_processors(world: &World) -> usize {
    let processor = fs::metadata(binary("processor")).expect("it is built").len();
    let of_this_world = world.deployment.folder.canonicalize().expect("the stack's folder");
    // All three functions are unpacked as `bootstrap`.
    let is_processor = |program: &Path| {
        program.starts_with(&of_this_world)
            && fs::metadata(program).is_ok_and(|found| found.len() == processor)
    };
    let programs = processes()
        .filter_map(|(pid, folder)| Some((pid, fs::read_link(folder.join("exe")).ok()?)));
    let running: Vec<u32> =
        programs.filter(|(_, program)| is_processor(program)).map(|(pid, _)| pid).collect();
    running.iter().for_each(|pid| send_signal("KILL", *pid));
    running.len()
}

/// Whatever still runs that a stack in this folder started: the emulator and the functions have
/// the folder in their environment.
pub(crate) fn running_in(folder: &Path) -> Vec<u32> {
    let folder = folder.as_os_str().as_encoded_bytes().to_vec();
    let is_of_it = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.windows(folder.len()).any(|part| part == folder)
    };
    processes().filter(|(_, process)| is_of_it(process)).map(|(pid, _)| pid).collect()
}

/// All processes that we may look at: numbers and folders under `/proc`.
fn processes() -> impl Iterator<Item = (u32, PathBuf)> {
    let entries = fs::read_dir("/proc").expect("Linux").filter_map(Result::ok);
    entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
}
