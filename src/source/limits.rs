//! How much is read at most: one place for every bound, with its default.

/// Bounds on what a hostile or broken input may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that all packed data of one input may unpack to (`--max-unpacked`).
    pub unpacked: u64,
    /// So many times its packed size may packed data become; looked at above [`Limits::RATIO_FROM`]. 0: any.
    pub ratio: u64,
    /// Members of one archive.
    pub members: usize,
    /// Packings around one capture (a `.har.gz` in a zip has two).
    pub nesting: u8,
    /// Bytes of an archive that cannot be read in place (from a pipe, or inside another one) and is kept in memory.
    pub kept_archive: u64,
}

impl Limits {
    /// Unpacked data up to so many bytes may have any ratio: a small capture of many like lines packs well.
    pub const RATIO_FROM: u64 = 16 << 20;

    /// The defaults, but for what the user said with `--max-unpacked`: who gives a size does not care for the ratio.
    #[must_use]
    pub fn with_unpacked(bytes: u64) -> Self {
        Self { unpacked: bytes, ratio: 0, ..Self::default() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked: 4 << 30, ratio: 500, members: 10_000, nesting: 2, kept_archive: 256 << 20 }
    }
}

/// Bytes from what a user typed: `1048576`, `512K`, `64MiB`, `2 GB` (all in steps of 1024).
///
/// # Errors
/// A sentence that says what is wrong and what is right.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no size; write a number of bytes, or one with K, M or G behind it (512M)");
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits).ok_or_else(wrong)?;
    let shift = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        "t" | "tb" | "tib" => 40,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

/// Bytes for people: `4 GiB`, `1.5 MiB`.
#[cfg(feature = "cli")]
pub(super) fn size(bytes: u64) -> String {
    let units = [(1_u64 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| bytes >= *unit) else {
        return format!("{bytes} bytes");
    };
    match bytes % unit {
        0 => format!("{} {name}", bytes / unit),
        rest => format!("{}.{} {name}", bytes / unit, rest / (unit / 10 + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("17"), Ok(17));
        assert_eq!(parse_size(" 64 MiB "), Ok(64 << 20));
        assert_eq!(parse_size("2g"), Ok(2 << 30));
        for bad in ["", "x", "-1", "1.5G", "99999999999G", "5 parsecs"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[cfg(feature = "cli")]
    #[test]
    fn sizes_for_people() {
        assert_eq!(size(4 << 30), "4 GiB");
        assert_eq!(size(3 << 19), "1.4 MiB");
        assert_eq!(size(12), "12 bytes");
    }
}
