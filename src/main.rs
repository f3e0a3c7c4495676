//! Parse arguments, run, turn the outcome into an exit status; nothing else.
fn main() {}
