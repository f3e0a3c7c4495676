//! Every form that a report can take, by name.

use super::build::Block;
use super::model::Report;
use super::text::Style;
use super::{github, gitlab, html, junit, markdown, ndjson, render, sarif, to_json};

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// For people.
    Text,
    /// The report, version 1.
    Json,
    /// The same in lines.
    Ndjson,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// GitHub workflow commands.
    Github,
    /// The job summary of GitHub Actions.
    GithubSummary,
    /// GitLab Code Quality.
    Gitlab,
    /// Markdown for a ticket.
    Markdown,
    /// A page.
    Html,
}

/// Every form: its name, and what it is for.
pub const FORMS: &[(Form, &str, &str)] = &[
    (Form::Text, "text", "for people"),
    (Form::Json, "json", "the report, version 1"),
    (Form::Ndjson, "ndjson", "the report in lines"),
    (Form::Sarif, "sarif", "SARIF 2.1.0, for code scanning"),
    (Form::Junit, "junit", "JUnit XML, a test a capture"),
    (Form::Github, "github", "workflow commands of GitHub Actions"),
    (Form::GithubSummary, "github-summary", "the job summary of GitHub Actions"),
    (Form::Gitlab, "gitlab", "GitLab Code Quality"),
    (Form::Markdown, "markdown", "for a ticket"),
    (Form::Html, "html", "one page, with the sequence of a single capture"),
];

impl Form {
    /// The form of this name.
    pub fn by_name(name: &str) -> Option<Self> {
        FORMS.iter().find(|f| f.1 == name).map(|f| f.0)
    }

    /// Writes a report in this form; `style` is for text.
    ///
    /// # Errors
    /// None in practice: every key of the machine formats is a text.
    pub fn write(self, report: &Report, blocks: &[Block], style: Style) -> Result<String, serde_json::Error> {
        Ok(match self {
            Self::Text => render(report, blocks, style),
            Self::Json => to_json(report)? + "\n",
            Self::Ndjson => ndjson::render(report)?,
            Self::Sarif => sarif::render(report, blocks)?,
            Self::Junit => junit::render(report, blocks),
            Self::Github => github::annotations(blocks),
            Self::GithubSummary => github::summary(report, blocks),
            Self::Gitlab => gitlab::render(blocks)?,
            Self::Markdown => markdown::render(report, blocks),
            Self::Html => html::render(report, blocks),
        })
    }
}
