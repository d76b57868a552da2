//! The words of the console: one file a language, every text under a key. A page speaks one language; which one, the reader's cookie says,
//! else the browser's `Accept-Language`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

impl Language {
    pub(super) const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// As packs and the cookie name it.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// As a page names it (BCP 47), so that a screen reader pronounces it and a browser takes the right glyphs.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// Its name, in itself.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    pub(super) fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The language that a browser would rather have (RFC 9110, 12.5.4); English when it names none of ours.
    pub(super) fn asked(accept: &str) -> Self {
        let wish = |part: &str| {
            let (tag, parameter) = part.split_once(';').unwrap_or((part, ""));
            let language = Self::of_code(tag.trim().split('-').next()?.to_ascii_lowercase().as_str())?;
            Some((language, weight(parameter)))
        };
        let mut best = (Self::English, 0);
        for (language, weight) in accept.split(',').filter_map(wish) {
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// Its words.
    pub(super) fn words(self) -> &'static Words {
        static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("locale/en.toml")));
        static CHINESE: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("locale/zh.toml")));
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

/// `q=0.8` in thousandths; 1 000 when it is not there or cannot be read.
fn weight(parameter: &str) -> u32 {
    let Some((whole, rest)) = parameter.trim().strip_prefix("q=").map(|q| q.split_once('.').unwrap_or((q, ""))) else {
        return 1_000;
    };
    let thousandths = format!("{rest:0<3}");
    let read = |text: &str| text.parse::<u32>().ok();
    match (read(whole), thousandths.get(..3).and_then(read)) {
        (Some(whole), Some(thousandths)) => whole * 1_000 + thousandths,
        _ => 1_000,
    }
}

/// The texts of one language.
#[derive(Debug)]
pub(super) struct Words(BTreeMap<String, String>);

impl Words {
    /// Reads a locale file: tables of tables of texts, a key being the path with dots.
    fn read(text: &str) -> Self {
        let mut words = BTreeMap::new();
        match text.parse::<toml::Table>() {
            Ok(table) => flatten("", table, &mut words),
            // The files are part of the program, and a test reads them.
            Err(error) => tracing::error!(error = &error as &dyn std::error::Error, "a locale file of the console is no TOML"),
        }
        Self(words)
    }

    /// A text as it stands in the file.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A text with its parameters filled in. A parameter is never read as a text again.
    pub(super) fn say(&self, key: &str, parameters: &[(String, String)]) -> Option<String> {
        self.get(key).map(|text| roro_pack::fill(text, parameters))
    }

    /// A text about a number of things: `key.one` where the language has one and it is one, else `key.other`.
    pub(super) fn count(&self, key: &str, count: u64, mut parameters: Vec<(String, String)>) -> Option<String> {
        parameters.push(("count".to_owned(), grouped(&count.to_string())));
        let one = (count == 1).then(|| self.say(&format!("{key}.one"), &parameters)).flatten();
        one.or_else(|| self.say(&format!("{key}.other"), &parameters))
    }

    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn flatten(prefix: &str, table: toml::Table, words: &mut BTreeMap<String, String>) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::String(text) => drop(words.insert(key, text)),
            toml::Value::Table(below) => flatten(&key, below, words),
            other => {
                tracing::error!(key, kind = other.type_str(), "a locale file of the console holds something that is no text")
            }
        }
    }
}

/// Digits in groups of three, as both languages write them: `4991000.50` is `4,991,000.50`.
pub(super) fn grouped(number: &str) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("\u{2212}", rest));
    let (whole, decimals) = rest.split_once('.').map_or((rest, None), |(whole, decimals)| (whole, Some(decimals)));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(decimals) = decimals {
        text.push('.');
        text.push_str(decimals);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_highest_weight_is_taken() {
        for (accept, expected) in [
            ("", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en-GB,en;q=0.9,zh;q=0.8", Language::English),
            ("fr-FR,fr;q=0.9,zh-TW;q=0.3,en;q=0.2", Language::Chinese),
            ("fr", Language::English),
            ("zh;q=0", Language::English),
            ("en;q=0.05, zh;q=0.5", Language::Chinese),
            ("zh;q=x;;,,", Language::Chinese),
        ] {
            assert_eq!(Language::asked(accept), expected, "{accept}");
        }
    }

    #[test]
    fn digits_are_grouped_from_the_right() {
        for (number, expected) in
            [("0", "0"), ("999", "999"), ("4991000", "4,991,000"), ("1234.5", "1,234.5"), ("-100000.00", "\u{2212}100,000.00")]
        {
            assert_eq!(grouped(number), expected);
        }
    }
}
