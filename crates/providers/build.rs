//! Lists the definitions, so that adding a provider is adding a file.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("definitions");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    // By name: `adyen.toml` comes after `adyen-platform.toml`, but `adyen` before `adyen-platform`.
    files.sort_by_key(|path| path.file_stem().map(std::ffi::OsStr::to_owned));
    let mut list = String::from("[\n");
    for path in &files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(
            list,
            "    Entry::new({name:?}, include_str!({:?})),",
            path.display().to_string()
        )?;
    }
    list.push_str("]\n");
    let count = files.len();
    let code = format!("static ENTRIES: [Entry; {count}] = {list};\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("entries.rs"), code)?;
    Ok(())
}
