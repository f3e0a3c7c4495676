//! The whole line from bytes to every form of the report: no panic, sound JSON, the same for any windows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use why401::analysis::{Options, analyze};
use why401::report::sink::FORMS;
use why401::report::text::Style;

fn forms(bytes: &[u8], block: usize) -> Option<Vec<String>> {
    let options = Options { block, sequence: true, ..Options::default() };
    let run = analyze("fuzz", bytes, &options).ok()?;
    let style = Style { verbose: true, ..Style::default() };
    FORMS.iter().map(|(form, ..)| form.write(&run.report, &run.blocks, style).ok()).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some(whole) = forms(data, 1 << 20) else { return };
    for ((_, name, _), text) in FORMS.iter().zip(&whole) {
        if matches!(*name, "json" | "sarif" | "gitlab") {
            assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{name}: {text}");
        }
    }
    assert_eq!(Some(whole), forms(data, 97));
});
