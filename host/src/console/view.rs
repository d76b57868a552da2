//! Pages: templates, the frame around each, and the headers that say what a page may load.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::text::{Language, Words};
use crate::web::Problem;

/// The templates, by name.
pub(super) const TEMPLATES: [(&str, &str); 26] = [
    ("base.html.j2", include_str!("templates/base.html.j2")),
    ("marks.html.j2", include_str!("templates/marks.html.j2")),
    ("sign_in.html.j2", include_str!("templates/sign_in.html.j2")),
    ("orders.html.j2", include_str!("templates/orders.html.j2")),
    ("order.html.j2", include_str!("templates/order.html.j2")),
    ("price.html.j2", include_str!("templates/price.html.j2")),
    ("order_parts.html.j2", include_str!("templates/order_parts.html.j2")),
    ("document.html.j2", include_str!("templates/document.html.j2")),
    ("search.html.j2", include_str!("templates/search.html.j2")),
    ("packs.html.j2", include_str!("templates/packs.html.j2")),
    ("pack.html.j2", include_str!("templates/pack.html.j2")),
    ("plugins.html.j2", include_str!("templates/plugins.html.j2")),
    ("plugin.html.j2", include_str!("templates/plugin.html.j2")),
    ("plugin_parts.html.j2", include_str!("templates/plugin_parts.html.j2")),
    ("plugin_form.html.j2", include_str!("templates/plugin_form.html.j2")),
    ("trial.html.j2", include_str!("templates/trial.html.j2")),
    ("apps.html.j2", include_str!("templates/apps.html.j2")),
    ("app.html.j2", include_str!("templates/app.html.j2")),
    ("app_action.html.j2", include_str!("templates/app_action.html.j2")),
    ("docs.html.j2", include_str!("templates/docs.html.j2")),
    ("docs_noun.html.j2", include_str!("templates/docs_noun.html.j2")),
    ("docs_parts.html.j2", include_str!("templates/docs_parts.html.j2")),
    ("webhooks.html.j2", include_str!("templates/webhooks.html.j2")),
    ("webhook.html.j2", include_str!("templates/webhook.html.j2")),
    ("webhook_parts.html.j2", include_str!("templates/webhook_parts.html.j2")),
    ("problem.html.j2", include_str!("templates/problem.html.j2")),
];

/// The one stylesheet.
pub(super) const STYLESHEET: &str = include_str!("style.css");

/// What a page may do: load our stylesheet, show the inline pictures of the templates and our own PDFs in a frame, send forms to us. There
/// is no script at all, and nobody may frame a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-src 'self'; \
base-uri 'none'; frame-ancestors 'none'";

/// What a PDF shown in our own preview may do. `sandbox` would keep a browser's viewer from running, and the viewer of Chromium styles
/// its page inline.
pub(super) const PDF_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'";

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The templates in every language, and the stylesheet's address.
#[derive(Debug)]
pub(super) struct Pages {
    english: Environment<'static>,
    chinese: Environment<'static>,
    /// `console.<hash>.css`.
    pub(super) stylesheet: String,
}

/// What stands around every page.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Frame {
    /// The page's language, BCP 47.
    pub(super) language: &'static str,
    /// The languages to choose from.
    pub(super) languages: Vec<Choice>,
    /// Path and query of this page, to come back to.
    pub(super) here: String,
    /// Which entry of the navigation is the current one.
    pub(super) section: &'static str,
    /// Who looks; none before signing in, and on pages that say what went wrong.
    pub(super) person: Option<Person>,
    /// Whether there is a session, as far as the request says.
    pub(super) signed_in: bool,
    /// What every form of the session carries.
    pub(super) csrf: String,
    /// What the search box holds.
    pub(super) q: String,
    /// What has just happened.
    pub(super) notice: Option<Said>,
}

/// A language to choose.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Choice {
    code: &'static str,
    tag: &'static str,
    name: &'static str,
}

impl Choice {
    pub(super) fn all_but(language: Language) -> Vec<Self> {
        let others = Language::ALL.into_iter().filter(|other| *other != language);
        others.map(|other| Self { code: other.code(), tag: other.tag(), name: other.name() }).collect()
    }
}

/// Who looks.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) firm: String,
    pub(super) role: &'static str,
}

/// A sentence with its tone.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Said {
    /// `neutral`, `info`, `good`, `warning` or `bad`.
    pub(super) tone: &'static str,
    pub(super) text: String,
}

impl Pages {
    pub(super) fn new() -> Self {
        let hash = hex::encode(Sha256::digest(STYLESHEET)).chars().take(16).collect::<String>();
        let stylesheet = format!("console.{hash}.css");
        let of = |language| environment(language, &stylesheet);
        Self { english: of(Language::English), chinese: of(Language::Chinese), stylesheet }
    }

    fn of(&self, language: Language) -> &Environment<'static> {
        match language {
            Language::English => &self.english,
            Language::Chinese => &self.chinese,
        }
    }

    /// A page as text.
    pub(super) fn write(
        &self,
        language: Language,
        template: &str,
        frame: &Frame,
        page: impl Serialize + Send + Sync,
    ) -> Result<String, Error> {
        let template = self.of(language).get_template(template)?;
        template.render(context! { frame => Value::from(Serde(frame)), page => Value::from(Serde(&page)) })
    }

    /// A page as an answer.
    pub(super) fn show(
        &self,
        language: Language,
        status: StatusCode,
        template: &str,
        frame: &Frame,
        page: impl Serialize + Send + Sync,
    ) -> Result<Response, Problem> {
        let text = self.write(language, template, frame, page).map_err(|error| Problem::internal(&error))?;
        let mut response = (status, Html(text)).into_response();
        guard(&mut response, POLICY, "DENY");
        response.headers_mut().insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(frame.language));
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
        Ok(response)
    }
}

/// The headers of whatever a browser shows.
pub(super) fn guard(response: &mut Response, policy: &'static str, framing: &'static str) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static(framing));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

fn environment(language: Language, stylesheet: &str) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_syntax(syntax());
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    // Taken when they are first asked for: a template that does not parse is an error of its page, and of a test.
    environment.set_loader(|name| Ok(TEMPLATES.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())));
    let words = language.words();
    environment.add_function("t", move |key: &str, parameters: Kwargs| found(words.say(key, &named(&parameters)?), key));
    environment.add_function("tn", move |key: &str, count: u64, parameters: Kwargs| {
        found(words.count(key, count, named(&parameters)?), key)
    });
    environment.add_function("word", move |group: &str, value: &str| word(words, group, value));
    environment.add_global("stylesheet", format!("/assets/{stylesheet}"));
    environment
}

/// Block tags stand on lines of their own and leave none behind.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default()
}

fn named(parameters: &Kwargs) -> Result<Vec<(String, String)>, Error> {
    let one = |name: &str| Ok((name.to_owned(), parameters.get::<Value>(name)?.to_string()));
    parameters.args().map(one).collect()
}

fn found(text: Option<String>, key: &str) -> Result<String, Error> {
    text.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("no locale file has the key `{key}`")))
}

/// The word for a value of a closed list: a role, a severity, a state. A value that a newer pack brings is shown as it is.
fn word(words: &Words, group: &str, value: &str) -> String {
    words.get(&format!("{group}.{value}")).unwrap_or(value).to_owned()
}
