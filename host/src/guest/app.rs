//! `roro:app`: an app is called, and what it reads, plans and proposes is collected.

use std::sync::Arc;

use roro_engine::bindings::app::exports::roro::app::app as wire;
use roro_engine::{HostFault, ImportResult};

use super::answers::Answers;
use super::records::Seen;
use crate::action::port::Fetches;
use crate::action::{Action, Description, Desk, Effects, FetchRequest, Layout, Target, View, Wanted};
use crate::kernel::id::OrderId;
use crate::plugin::manifest::FieldKind;

/// What one call of an app has beside its answers.
pub(super) struct AppCall {
    pub(super) desk: Arc<dyn Desk>,
    pub(super) fetches: Arc<Fetches>,
    pub(super) may_plan: bool,
    pub(super) plans: Vec<FetchRequest>,
    pub(super) effects: Effects,
    /// The records of this call.
    pub(super) seen: Vec<Seen>,
    /// The orders of this call, by the number of their handles.
    pub(super) opened: Vec<OrderId>,
    /// Where plans and effects go when the call ends.
    pub(super) out: Arc<std::sync::Mutex<(Vec<FetchRequest>, Effects)>>,
}

impl Drop for AppCall {
    fn drop(&mut self) {
        let mut out = self.out.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *out = (std::mem::take(&mut self.plans), std::mem::take(&mut self.effects));
    }
}

impl Answers {
    /// What belongs to an app's call.
    pub(super) fn call(&mut self) -> ImportResult<&mut AppCall> {
        self.app.as_deref_mut().ok_or_else(|| HostFault::new("an import of apps was called by what is none").into())
    }

    pub(super) fn desk(&self) -> ImportResult<Arc<dyn Desk>> {
        let app = self.app.as_deref().ok_or_else(|| HostFault::new("an import of apps was called by what is none"))?;
        Ok(Arc::clone(&app.desk))
    }
}

fn titles(texts: Vec<wire::Text>) -> roro_pack::compile::Titles {
    texts.into_iter().map(|one| (one.language, one.text)).collect()
}

const fn kind(kind: wire::FieldKind) -> FieldKind {
    match kind {
        wire::FieldKind::Text => FieldKind::Text,
        wire::FieldKind::Integer => FieldKind::Integer,
        wire::FieldKind::Decimal => FieldKind::Decimal,
        wire::FieldKind::Boolean => FieldKind::Boolean,
        wire::FieldKind::Choice => FieldKind::Choice,
        wire::FieldKind::Date => FieldKind::Date,
        wire::FieldKind::Reference => FieldKind::Reference,
    }
}

fn input(input: wire::Input) -> Wanted {
    let wire::Input { key, kind: what, title, required, choices } = input;
    Wanted { key, kind: kind(what), title: titles(title), required, choices }
}

fn action(action: wire::Action) -> Action {
    let target = match action.target {
        wire::Target::Firm => Target::Firm,
        wire::Target::Order => Target::Order,
        wire::Target::RecordOf(collection) => Target::Record(collection),
    };
    Action { name: action.name, title: titles(action.title), target, inputs: action.inputs.into_iter().map(input).collect() }
}

fn view(view: wire::View) -> View {
    let layout = match view.layout {
        wire::Layout::Table(columns) => Layout::Table { columns },
        wire::Layout::Board((by, card)) => Layout::Board { by, card },
    };
    View { name: view.name, title: titles(view.title), collection: view.collection, layout, index: view.index as usize }
}

/// A description as the noun knows it.
pub(super) fn description(wire: wire::Description) -> Description {
    Description { actions: wire.actions.into_iter().map(action).collect(), views: wire.views.into_iter().map(view).collect() }
}

/// A description's call reads nothing: it has no grants, and so no desk that could answer.
pub(super) struct Empty;

#[async_trait::async_trait]
impl Desk for Empty {
    async fn record(&self, _: &str, _: crate::kernel::id::RecordId) -> Result<crate::record::Stored, crate::action::DeskError> {
        Err(crate::record::Refused::NoRecord.into())
    }
    async fn records(&self, _: &str, _: crate::record::Query) -> Result<crate::record::Page, crate::action::DeskError> {
        Err(crate::record::Refused::NoRecord.into())
    }
    async fn order(&self, _: OrderId) -> Result<Option<(i64, Arc<crate::order::Snapshot>)>, crate::action::DeskError> {
        Ok(None)
    }
    async fn orders(&self, _: Option<OrderId>, _: u64) -> Result<Vec<(OrderId, i64, String)>, crate::action::DeskError> {
        Ok(Vec::new())
    }
    async fn cached(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
    async fn cache(&self, _: &str, _: Vec<u8>, _: u32) {}
    async fn uncache(&self, _: &str) {}
    fn new_record(&self) -> crate::kernel::id::RecordId {
        crate::kernel::id::Id::from_bits(0)
    }
}
