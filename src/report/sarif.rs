//! SARIF 2.1.0 (OASIS): one result a cause or warning, with the way from login to refusal as a code flow.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::build::Block;
use super::model::{Evidence, Report};
use super::text::location;
use crate::rule::{Rule, by_name};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Bytes of a path that stand in a URI as they are (RFC 3986, 3.3).
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~').remove(b'!');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'r> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'r>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'r> {
    tool: Tool,
    column_kind: &'static str,
    invocations: [Invocation; 1],
    artifacts: Vec<Artifact>,
    results: Vec<Outcome<'r>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: Level,
    properties: Tags,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Level {
    level: &'static str,
}

#[derive(Serialize)]
struct Tags {
    tags: Vec<String>,
    precision: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
}

#[derive(Serialize)]
struct Artifact {
    location: ArtifactLocation,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'r> {
    rule_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'r str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow>,
    partial_fingerprints: BTreeMap<&'static str, &'r str>,
    properties: Properties<'r>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'r> {
    confidence: &'r str,
    root_cause: bool,
    exchange: u64,
    refused: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: [ThreadFlow; 1],
}

#[derive(Serialize)]
struct ThreadFlow {
    locations: Vec<FlowLocation>,
}

#[derive(Serialize)]
struct FlowLocation {
    location: Location,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u64,
    start_column: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_length: Option<u64>,
}

/// The report as SARIF.
///
/// # Errors
/// None in practice: every key is a text.
pub fn render(report: &Report, blocks: &[Block]) -> Result<String, serde_json::Error> {
    let rules = rules(blocks);
    let index = |name: &str| rules.iter().position(|r| r.name == name);
    let results = blocks.iter().map(|b| outcome(b, index(&b.finding.rule))).collect();
    let driver = Driver {
        name: report.tool.name,
        semantic_version: report.tool.version,
        rules: rules.iter().map(|r| descriptor(r)).collect(),
    };
    let artifacts = report.captures.iter().map(|c| Artifact { location: artifact(&c.file) }).collect();
    let run = Run {
        tool: Tool { driver },
        column_kind: "unicodeCodePoints",
        invocations: [invocation(report)],
        artifacts,
        results,
    };
    serde_json::to_string_pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }).map(|s| s + "\n")
}

/// The rules that spoke, by name.
fn rules(blocks: &[Block]) -> Vec<&'static Rule> {
    let mut list: Vec<&'static Rule> = blocks.iter().filter_map(|b| by_name(&b.finding.rule)).collect();
    list.sort_by_key(|r| r.name);
    list.dedup();
    list
}

fn descriptor(rule: &'static Rule) -> Descriptor {
    let chapter = format!("{:?}", rule.chapter).to_lowercase();
    Descriptor {
        id: rule.name,
        short_description: Message::new(rule.summary),
        full_description: Message::new(rule.summary),
        help: Help {
            text: format!("{}; why401 explain {}", rule.summary, rule.name),
            markdown: rule.explain.to_owned(),
        },
        default_configuration: Level { level: rule.severity.word() },
        properties: Tags {
            tags: vec!["authentication".to_owned(), chapter],
            precision: match rule.confidence.word() {
                "certain" => "very-high",
                "strong" => "high",
                "likely" => "medium",
                _ => "low",
            },
        },
    }
}

fn outcome(b: &Block, rule_index: Option<usize>) -> Outcome<'_> {
    let f = &b.finding;
    let fix = if f.fix.text.is_empty() { String::new() } else { format!(". Fix: {}", f.fix.text) };
    let subject = f.evidence.iter().find(|e| e.exchange == f.exchange.index && e.line.is_some());
    let region = location(b).map(|(line, column)| region((line, column), subject));
    Outcome {
        rule_id: &f.rule,
        rule_index,
        level: &f.severity,
        message: Message::new(format!("{}{fix}.", f.message)),
        locations: vec![place(&b.file, region, None)],
        code_flows: flow(b).into_iter().collect(),
        partial_fingerprints: BTreeMap::from([("why401/v1", f.fingerprint.as_str())]),
        properties: Properties {
            confidence: &f.confidence,
            root_cause: f.root_cause,
            exchange: f.exchange.index,
            refused: f.explains_count,
        },
    }
}

/// The bytes are told only if they begin at that very place.
fn region((line, column): (u64, u64), e: Option<&Evidence>) -> Region {
    let bytes = e.filter(|e| (e.line, e.column) == (Some(line), Some(column))).and_then(|e| e.bytes);
    Region {
        start_line: line,
        start_column: column,
        byte_offset: bytes.map(|b| b[0]),
        byte_length: bytes.map(|b| b[1].saturating_sub(b[0])),
    }
}

/// The rows as steps, if they speak of more than one exchange.
fn flow(b: &Block) -> Option<CodeFlow> {
    let steps: Vec<&Evidence> = b.finding.evidence.iter().filter(|e| e.line.is_some()).collect();
    let first = steps.first()?.exchange;
    if steps.iter().all(|e| e.exchange == first) {
        return None;
    }
    let locations = steps
        .iter()
        .filter_map(|e| Some((e, (e.line?, e.column?))))
        .map(|(e, at)| {
            let why = if e.why.is_empty() { &e.part } else { &e.why };
            let message = Message::new(format!("#{}: {why}", e.exchange));
            FlowLocation { location: place(&e.file, Some(region(at, Some(e))), Some(message)) }
        })
        .collect();
    Some(CodeFlow { thread_flows: [ThreadFlow { locations }] })
}

fn place(file: &str, region: Option<Region>, message: Option<Message>) -> Location {
    Location { physical_location: Physical { artifact_location: artifact(file), region }, message }
}

fn artifact(file: &str) -> ArtifactLocation {
    ArtifactLocation { uri: utf8_percent_encode(&file.replace('\\', "/"), PATH).to_string() }
}

fn invocation(report: &Report) -> Invocation {
    let problems = report.captures.iter().flat_map(|c| {
        c.problems.iter().map(|p| {
            let region = (p.line > 0).then(|| region((p.line, p.column.max(1)), None));
            Notification {
                level: if c.format.is_some() { "warning" } else { "error" },
                message: Message::new(format!("{} expected; {}", p.expected, p.done)),
                locations: vec![place(&c.file, region, None)],
            }
        })
    });
    Invocation {
        execution_successful: report.captures.iter().all(|c| c.format.is_some()),
        tool_execution_notifications: problems.collect(),
    }
}
