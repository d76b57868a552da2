//! The sentences of the host's own findings. They stand in locale files of the same form as those of packs.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use roro_pack::Locale;

use crate::finding::Finding;
use crate::pack::Sentence;

const FILES: [(&str, &str); 2] = [("en", include_str!("locale/en.toml")), ("zh", include_str!("locale/zh.toml"))];

/// The findings that the host itself makes, each with the parameters of its sentence.
#[cfg(test)]
const FINDINGS: [(&str, &[&str]); 8] = [
    ("HOST-PACK-01", &["country"]),
    ("HOST-PACK-02", &["country"]),
    ("HOST-DATA-01", &["boxes"]),
    ("HOST-SIZE-01", &["vehicles", "bytes", "bytes_max", "fitting"]),
    ("HOST-PLUGIN-01", &["plugin", "hook", "code", "id"]),
    ("HOST-PLUGIN-02", &["plugin", "hook", "code", "id"]),
    ("HOST-PLUGIN-03", &["plugin", "hook", "code", "id"]),
    ("HOST-PRICE-01", &["charge", "amount", "currency"]),
];

fn locales() -> &'static BTreeMap<&'static str, Locale> {
    static LOCALES: OnceLock<BTreeMap<&'static str, Locale>> = OnceLock::new();
    // The files are part of the program; a test reads them.
    LOCALES
        .get_or_init(|| FILES.into_iter().filter_map(|(language, text)| Some((language, toml::from_str(text).ok()?))).collect())
}

/// A finding of the host in words; none when it is not one of the host's, or the language is not one of its languages.
pub(super) fn sentence(language: &str, finding: &Finding) -> Option<Sentence> {
    let parameters: Vec<(String, String)> = finding.parameters.iter().map(|one| (one.name.clone(), one.value.clone())).collect();
    let texts = roro_pack::sentence(locales().get(language)?, &finding.rule, &parameters)?;
    Some(Sentence { says: texts.says, why: texts.why, fix: texts.fix })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;

    #[test]
    fn every_finding_has_its_words_in_every_language_and_no_word_is_left_over() {
        for (language, text) in FILES {
            let locale: Locale = toml::from_str(text).unwrap();
            let mut known: Vec<&str> = FINDINGS.iter().map(|(rule, _)| *rule).collect();
            known.sort_unstable();
            assert_eq!(locale.keys().map(String::as_str).collect::<Vec<_>>(), known, "{language}");
            for (rule, names) in FINDINGS {
                let parameters: Vec<(&str, &str)> = names.iter().map(|name| (*name, "VALUE")).collect();
                let sentence = sentence(language, &Finding::of_host(rule, Severity::Warn, "", &parameters)).unwrap();
                // A parameter that nobody gives would stand there as a dash.
                let said = format!("{} {} {}", sentence.says, sentence.why, sentence.fix);
                assert!(
                    said.contains("VALUE") && !said.contains('—') && !sentence.why.is_empty() && !sentence.fix.is_empty(),
                    "{said}"
                );
            }
        }
    }
}
