use std::path::Path;

use serde_json::Value;

use super::*;
use crate::report::{text::Style, to_json};

fn samples(ending: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut all: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    all.retain(|p| p.to_string_lossy().ends_with(ending));
    all.sort();
    all.iter().map(|p| std::fs::read(p).unwrap()).collect()
}

fn report(format: &'static Format, facts: &Facts, options: &Options) -> String {
    let mut run = Run::new(options);
    run.add_judged("x", format.name, judge(facts, options));
    to_json(&run.report).unwrap() + &crate::report::render(&run.report, &run.blocks, Style::default())
}

/// Cut into far shorter stretches than real files are, the report must not change by a byte.
fn same(bytes: &[u8], stretches: [u64; 2]) {
    let options = Options { full: true, ..Options::default() };
    let (format, whole) = super::super::read(bytes, &options).unwrap();
    let want = report(format, &whole, &options);
    let path = std::env::temp_dir().join(format!("why401-stretches-{}-{}", std::process::id(), format.name));
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    for (threads, block, stretch) in [(1, 4096, stretches[0]), (2, 1 << 20, stretches[1])] {
        let plan = Parallel { threads, block, stretch, least: 0 };
        let mut all = Facts::default();
        let of = (&file, bytes.len() as u64);
        let n = feed_parallel(of, format, &options.reading, plan, Facts::default, |f| all.absorb(f)).unwrap();
        assert!(n > 5, "{n} stretches of {} bytes", bytes.len());
        assert!(report(format, &all, &options) == want, "{} {threads} {block} {stretch}", format.name);
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn stretches_change_no_byte_of_the_report_on_a_har() {
    let mut entries: Vec<Value> = Vec::new();
    for bytes in samples(".har") {
        let har: Value = serde_json::from_slice(&bytes).unwrap();
        entries.extend(har["log"]["entries"].as_array().unwrap().iter().cloned());
    }
    let har =
        serde_json::json!({"log": {"version": "1.2", "creator": {"name": "n", "version": "1"}, "entries": entries}});
    same(&serde_json::to_vec(&har).unwrap(), [40_000, 15_000]);
    same(&serde_json::to_vec_pretty(&har).unwrap(), [70_000, 25_000]);
}

#[test]
fn stretches_change_no_byte_of_the_report_on_a_log() {
    let all: Vec<u8> = samples(".log").concat();
    same(&all.repeat(30), [9000, 4000]);
}
