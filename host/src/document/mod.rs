//! Documents: the papers that an order's route, terms and goods call for.
//!
//! A document is required by a pack, prepared from the order, checked together with all others, numbered, rendered in the sandbox and kept
//! with the hash that is printed on it. Unchanged data keeps its number and revision. A document is never edited: it is voided and
//! replaced. Nothing here interprets a template or a rule.

mod assemble;
pub mod hook;
mod issue;
pub mod report;
pub mod routes;
pub mod table;

pub use assemble::{Assembled, Case, Error, Numbered, Numbering, Paper, assemble, check};
pub(crate) use issue::initials;
pub use issue::{Card, File, IssueError, file, findings, issue, list};

use crate::finding::Finding;
use crate::pack::Sentence;

/// The sentences of the host's own findings.
pub(crate) fn host_sentence(language: &str, finding: &Finding) -> Option<Sentence> {
    let value = |name: &str| finding.parameters.iter().find(|one| one.name == name).map_or("", |one| one.value.as_str());
    let texts = match (finding.rule.as_str(), language) {
        ("HOST-PACK-01", "zh") => [
            format!(
                "没有为 {} 安装{}规则包：该国的规则没有检查",
                value("country"),
                if value("direction") == "export" { "出口" } else { "进口" }
            ),
            "没有规则包的国家，其法规不在检查之列。".to_owned(),
            "安装该国的规则包，或请当地报关行核对。".to_owned(),
        ],
        ("HOST-PACK-01", _) => [
            format!("no {} pack for {} takes part: that country's rules were not checked", value("direction"), value("country")),
            "A country without a pack has rules that nobody looked at.".to_owned(),
            "Install the country's pack, or have a local broker check the order.".to_owned(),
        ],
        ("HOST-DATA-01", "zh") => [
            format!("缺少这些栏目需要的内容：{}", value("boxes")),
            "没有它，这些单证不完整。".to_owned(),
            "补上该字段。".to_owned(),
        ],
        ("HOST-DATA-01", _) => [
            format!("missing, and needed for {}", value("boxes")),
            "Without it the documents would be incomplete.".to_owned(),
            "Fill the field in.".to_owned(),
        ],
        _ => return None,
    };
    let [says, why, fix] = texts;
    Some(Sentence { says, why, fix })
}
