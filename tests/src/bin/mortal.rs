//! A node in a process of its own that dies at a write: see `tests::mortal`.

fn main() {
    tests::mortal::live();
}
