use super::*;
use crate::format::{Listing, drive};

fn list(input: &[u8], block: usize) -> Listing {
    let mut sink = Listing::default();
    drive(&mut Har::default(), input, block, &mut sink);
    sink
}
