//! Puts the course into the binary: its files in the order of their names, each compressed.

use std::env;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lz4_flex::block::compress;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=chapters");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = Vec::new();
    find(Path::new("chapters"), "", &mut files)?;
    files.sort();
    let mut table = String::from("&[\n");
    for (place, (name, path)) in files.iter().enumerate() {
        let text = fs::read(path)?;
        let packed = out.join(format!("{place}.lz4"));
        fs::write(&packed, compress(&text))?;
        let len = text.len();
        let _ = writeln!(table, "({name:?}, {len}, include_bytes!({packed:?})),");
    }
    table.push(']');
    fs::write(out.join("course.rs"), table)
}

/// What a run may ask for below a folder: chapters and tables, but not the teachers' manual.
fn find(folder: &Path, above: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{above}{name}");
        let kind = path.extension().unwrap_or_default();
        if path.is_dir() {
            find(&path, &format!("{name}/"), files)?;
        } else if (kind == "md" || kind == "toml") && name != "README.md" {
            files.push((name, path));
        }
    }
    Ok(())
}
