//! Filling templates: one minijinja environment a finish, made for one call.
//!
//! The finish of the document decides how every value is written, whatever file the value stands in; `escape` holds those rules.
//! The environment starts empty and is given only what is listed in `builtins` and `filters`: a filter that could hand a value through
//! unescaped is simply not there. It never looks at a value's meaning.

mod builtins;
mod date;
mod escape;
mod filters;
mod money;
mod number;
mod qr;
mod volume;
mod words;

use std::sync::Arc;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, context};

pub(crate) use date::civil_date;
pub(crate) use escape::{MARK, typst_literal};

use crate::{Error, Job, Sources};

/// Includes, macros and loops nested deeper than this are an error of the template.
const NESTING_MAX: usize = 64;

/// How a value is written and what the filled template becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Typst,
    Csv,
    Html,
    Xml,
    Json,
}

impl Finish {
    const ALL: [(&'static str, Self); 5] = [
        (".typ.j2", Self::Typst),
        (".csv.j2", Self::Csv),
        (".html.j2", Self::Html),
        (".xml.j2", Self::Xml),
        (".json.j2", Self::Json),
    ];

    /// Chosen by the last extensions of a template's path.
    pub(crate) fn of(path: &str) -> Result<Self, Error> {
        let known = Self::ALL.iter().find(|(extension, _)| path.ends_with(extension));
        known.map(|(_, finish)| *finish).ok_or_else(|| {
            Error::Template(format!(
                "{path}: the name of a template ends in .typ.j2, .csv.j2, .html.j2, .xml.j2 or .json.j2: rename the file"
            ))
        })
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Typst => "application/pdf",
            Self::Csv => "text/csv",
            Self::Html => "text/html",
            Self::Xml => "application/xml",
            Self::Json => "application/json",
        }
    }
}

/// The compiled templates of one finish.
pub(crate) struct Templates {
    finish: Finish,
    environment: Environment<'static>,
}

impl Templates {
    pub(crate) fn new(finish: Finish, sources: Arc<dyn Sources>) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_recursion_limit(NESTING_MAX);
        // Gives errors the text of the template, which is where the name of an undefined field comes from.
        environment.set_debug(true);
        // Anything but `None` makes minijinja treat what a macro or block wrote as finished text. The escaping itself is the
        // formatter's, which does not ask for this setting: `{% autoescape false %}` changes nothing.
        environment.set_auto_escape_callback(|_| AutoEscape::Custom("finish".into()));
        environment.set_formatter(move |out, _, value| escape::write(finish, out, value));
        environment.set_loader(move |path| load(sources.as_ref(), path));
        builtins::add(&mut environment);
        filters::add(&mut environment, finish);
        Self { finish, environment }
    }

    pub(crate) fn finish(&self) -> Finish {
        self.finish
    }

    /// The template's text with its values in it.
    pub(crate) fn fill(&self, job: &Job, data: &serde_json::Value) -> Result<String, Error> {
        let template = self.environment.get_template(&job.template).map_err(|error| refused(&job.template, &error))?;
        let scope =
            context! { document_title => job.title.as_str(), language => job.language.as_str(), ..Value::from(Serde(data)) };
        template.render(scope).map_err(|error| refused(&job.template, &error))
    }
}

fn load(sources: &dyn Sources, path: &str) -> Result<Option<String>, minijinja::Error> {
    let Some(bytes) = sources.read(path) else { return Ok(None) };
    let text = String::from_utf8(bytes)
        .map_err(|_| minijinja::Error::new(ErrorKind::SyntaxError, "the file is not UTF-8: save it as UTF-8"))?;
    Ok(Some(text))
}

/// Reads a job's data and refuses numbers with a fraction: they would print as whatever a float makes of them.
pub(crate) fn read_data(bytes: &[u8]) -> Result<serde_json::Value, Error> {
    let data: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| Error::Template(format!("the document's data is not JSON ({error}): send an object")))?;
    if !data.is_object() {
        return Err(Error::Template("the document's data is not a JSON object: wrap it in one".to_owned()));
    }
    if let Some(place) = first_fraction(&data) {
        return Err(Error::Template(format!(
            "the data holds a number with a fraction at {place}: send minor units, a decimal as mantissa and scale, or text"
        )));
    }
    Ok(data)
}

/// The JSON pointer of the first number that is not whole.
fn first_fraction(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Number(number) if !number.is_i64() && !number.is_u64() => Some(String::new()),
        serde_json::Value::Array(items) => {
            let mut numbered = items.iter().enumerate();
            numbered.find_map(|(index, item)| first_fraction(item).map(|rest| format!("/{index}{rest}")))
        }
        serde_json::Value::Object(fields) => {
            fields.iter().find_map(|(name, field)| first_fraction(field).map(|rest| format!("/{name}{rest}")))
        }
        _ => None,
    }
}

/// A template error as one sentence: file, line, what is wrong, and the expression that it is about.
fn refused(path: &str, error: &minijinja::Error) -> Error {
    let error = innermost(error);
    if error.kind() == ErrorKind::TemplateNotFound && error.name().is_none() {
        return Error::UnknownTemplate(path.to_owned());
    }
    let file = error.name().unwrap_or(path);
    let line = error.line().map(|line| format!(":{line}")).unwrap_or_default();
    let reason = error.detail().map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
    let tag = error.template_source().zip(error.range()).and_then(|(source, range)| enclosing_tag(source, range.start));
    let place = tag.map(|tag| format!(", at `{tag}`")).unwrap_or_default();
    let fix = match error.kind() {
        ErrorKind::UndefinedError => ": give the field in the data, or write `| default(\"\")` where it may be missing",
        _ => "",
    };
    Error::Template(format!("{file}{line}: {reason}{place}{fix}"))
}

/// The whole `{{ … }}` or `{% … %}` around a place: minijinja may point at no more than a filter's name.
fn enclosing_tag(source: &str, at: usize) -> Option<&str> {
    let before = source.get(..at)?;
    let start = before.rfind("{{").max(before.rfind("{%"))?;
    let rest = source.get(start..)?;
    let end = rest.find("}}").into_iter().chain(rest.find("%}")).min()?;
    rest.get(..end + 2)
}

/// An error inside an included part is wrapped once for each file around it; the innermost one names the place to mend.
fn innermost(error: &minijinja::Error) -> &minijinja::Error {
    let mut inner = error;
    while let Some(source) = std::error::Error::source(inner).and_then(|source| source.downcast_ref::<minijinja::Error>()) {
        inner = source;
    }
    inner
}
