//! What an app offers: actions with their forms, and views of its collections. It comes from the app itself, when its package is brought in,
//! and must fit what its manifest declares.

use std::collections::BTreeSet;

use roro_pack::compile::Titles;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plugin::manifest::{Collection, FieldKind, Manifest, is_key, is_name};

/// The most actions of an app.
const ACTIONS_MAX: usize = 50;
/// The most views of an app.
const VIEWS_MAX: usize = 20;
/// The most inputs of an action.
const INPUTS_MAX: usize = 30;
/// The longest title, characters.
const TITLE_CHARS_MAX: usize = 120;

/// What an action is taken on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "on", content = "collection")]
#[schemars(rename = "ActionTarget")]
pub enum Target {
    /// The firm as a whole.
    Firm,
    /// An order.
    Order,
    /// A record of this collection.
    Record(String),
}

/// A field of an action's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ActionInput")]
pub struct Wanted {
    /// Its name for programs.
    pub key: String,
    /// What it is.
    pub kind: FieldKind,
    /// Its name by language.
    pub title: Titles,
    /// Whether the action cannot be taken without it.
    pub required: bool,
    /// The words of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

/// Something that people and programs can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// Its name for programs.
    pub name: String,
    /// Its name by language.
    pub title: Titles,
    /// What it is taken on.
    pub target: Target,
    /// What it asks for.
    pub inputs: Vec<Wanted>,
}

/// How a collection is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "layout")]
#[schemars(rename = "ViewLayout")]
pub enum Layout {
    /// A table.
    Table {
        /// Its columns, fields of the collection.
        columns: Vec<String>,
    },
    /// A board: a column for each word of a choice.
    Board {
        /// The field that is the choice.
        by: String,
        /// What a card shows.
        card: Vec<String>,
    },
}

/// A view of a collection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AppView")]
pub struct View {
    /// Its name for programs.
    pub name: String,
    /// Its name by language.
    pub title: Titles,
    /// What it shows.
    pub collection: String,
    /// How.
    #[serde(flatten)]
    pub layout: Layout,
    /// The index that sorts, by its place in the manifest, from 0; the place after the last sorts by age.
    pub index: usize,
}

/// What an app offers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "AppDescription")]
pub struct Description {
    /// What can be done.
    pub actions: Vec<Action>,
    /// What can be seen.
    pub views: Vec<View>,
}

impl Description {
    /// An action by its name.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        self.actions.iter().find(|action| action.name == name)
    }

    /// A view by its name.
    #[must_use]
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| view.name == name)
    }
}

/// Everything in a description that does not fit the manifest, or that could not be shown.
#[must_use]
pub fn fits(description: &Description, manifest: &Manifest) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut names = BTreeSet::new();
    if description.actions.len() > ACTIONS_MAX {
        wrong.push(format!("describe gives {} actions: at most {ACTIONS_MAX}", description.actions.len()));
    }
    if description.views.len() > VIEWS_MAX {
        wrong.push(format!("describe gives {} views: at most {VIEWS_MAX}", description.views.len()));
    }
    for action in description.actions.iter().take(ACTIONS_MAX) {
        let place = format!("action `{}`", short(&action.name));
        named(&place, &action.name, &mut names, &mut wrong);
        titled(&place, &action.title, &mut wrong);
        if let Target::Record(name) = &action.target
            && collection(manifest, name).is_none()
        {
            wrong.push(format!("{place}: plugin.toml declares no collection `{}`", short(name)));
        }
        inputs(&place, &action.inputs, &mut wrong);
    }
    let mut names = BTreeSet::new();
    for view in description.views.iter().take(VIEWS_MAX) {
        let place = format!("view `{}`", short(&view.name));
        named(&place, &view.name, &mut names, &mut wrong);
        titled(&place, &view.title, &mut wrong);
        match collection(manifest, &view.collection) {
            None => wrong.push(format!("{place}: plugin.toml declares no collection `{}`", short(&view.collection))),
            Some(collection) => shows(&place, view, collection, &mut wrong),
        }
    }
    wrong
}

fn inputs(place: &str, inputs: &[Wanted], wrong: &mut Vec<String>) {
    if inputs.len() > INPUTS_MAX {
        wrong.push(format!("{place}: it has {} inputs: at most {INPUTS_MAX}", inputs.len()));
    }
    let mut keys = BTreeSet::new();
    for input in inputs.iter().take(INPUTS_MAX) {
        let key = &input.key;
        if !is_key(key) || !keys.insert(key.as_str()) {
            let fix = "write 1 to 48 lower case letters, digits and underscores, each key once";
            wrong.push(format!("{place}: the input `{}` is no key: {fix}", short(key)));
        }
        titled(&format!("{place}, input `{}`", short(key)), &input.title, wrong);
        if (input.kind == FieldKind::Choice) == input.choices.is_empty() {
            wrong.push(format!("{place}: the input `{}`: a choice, and nothing else, has `choices`", short(key)));
        }
    }
}

fn shows(place: &str, view: &View, collection: &Collection, wrong: &mut Vec<String>) {
    let field = |key: &str| collection.fields.iter().find(|field| field.key == key);
    let shown = match &view.layout {
        Layout::Table { columns } => columns,
        Layout::Board { by, card } => {
            if field(by).is_none_or(|field| field.kind != FieldKind::Choice) {
                wrong.push(format!("{place}: `{}` is no choice of the collection, a board needs one", short(by)));
            }
            card
        }
    };
    if shown.is_empty() {
        wrong.push(format!("{place}: it shows nothing: name fields of the collection"));
    }
    for key in shown.iter().filter(|key| field(key).is_none()) {
        wrong.push(format!("{place}: the collection has no field `{}`", short(key)));
    }
    if view.index > collection.indexes.len() {
        wrong.push(format!("{place}: the collection has {} indexes, there is no index {}", collection.indexes.len(), view.index));
    }
}

fn collection<'a>(manifest: &'a Manifest, name: &str) -> Option<&'a Collection> {
    manifest.collections.iter().find(|one| one.name == name)
}

fn named<'a>(place: &str, name: &'a str, names: &mut BTreeSet<&'a str>, wrong: &mut Vec<String>) {
    if !is_name(name) || !names.insert(name) {
        wrong.push(format!("{place}: a name has 1 to 48 lower case letters, digits and single hyphens, and is there once"));
    }
}

fn titled(place: &str, title: &Titles, wrong: &mut Vec<String>) {
    let fit = |text: &str| {
        let count = text.chars().count();
        (1..=TITLE_CHARS_MAX).contains(&count) && !text.chars().any(char::is_control)
    };
    if !title.contains_key("en") {
        wrong.push(format!("{place}: it has no English title"));
    }
    for (language, _) in title.iter().filter(|(_, text)| !fit(text)) {
        wrong.push(format!("{place}: its title in `{}` has not 1 to {TITLE_CHARS_MAX} plain characters", short(language)));
    }
}

/// A name that a stranger has chosen, as a message quotes it.
fn short(text: &str) -> String {
    text.chars().filter(|one| !one.is_control()).take(60).collect()
}
