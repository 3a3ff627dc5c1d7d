//! Rebuilds the crate when a template, text or asset changes: they are embedded.

fn main() {
    println!("cargo::rerun-if-changed=../../templates");
}
