//! One method for each function of each hook.

use std::sync::Arc;

use wasmtime::component::Resource;

use crate::bindings::app::exports::roro::app::app;
use crate::bindings::contract::roro::types::types::Finding;
use crate::bindings::documents::Documents;
use crate::bindings::documents::exports::roro::documents::documents;
use crate::bindings::order_guard::OrderGuard;
use crate::bindings::pricing::Pricing;
use crate::bindings::pricing::exports::roro::pricing::pricing::Quote;
use crate::bindings::renderer::exports::roro::render::render;
use crate::engine::{Call, Engine, InSandbox, Outcome};
use crate::extism::{Extism, ReadOutput, findings, quote};
use crate::failure::{FailureKind, Stop};
use crate::guest::{Answers, Guest, ORDER};
use crate::plugin::{Hook, Plugin};

const NO_HOOK: Stop = Stop::new(FailureKind::Refused, "the plugin does not export this hook");

impl<S: Answers> Engine<S> {
    /// Which documents the order needs. The inner error is the plugin's own answer.
    pub async fn documents_requirements(
        &self,
        plugin: &Plugin<S>,
        call: Call<S>,
    ) -> Outcome<Result<Vec<documents::Requirement>, documents::Error>> {
        let pre = plugin.documents().cloned();
        self.run(plugin, call, Hook::DocumentsRequirements, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                let guest = pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?;
                guest.roro_documents_documents().call_requirements(store, Resource::new_borrow(ORDER)).await
            })
        })
        .await
    }

    /// What is wrong with the order. The inner error is the plugin's own answer.
    pub async fn documents_check(&self, plugin: &Plugin<S>, call: Call<S>) -> Outcome<Result<Vec<Finding>, documents::Error>> {
        if let Some(module) = plugin.extism() {
            let asked = self.ask_extism(plugin, module.clone(), call, Hook::DocumentsCheck, None, findings);
            return asked.await.map(|(findings, cost)| (Ok(findings), cost));
        }
        let pre = plugin.documents().cloned();
        self.run_guest(
            plugin,
            call,
            Hook::DocumentsCheck,
            |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, Documents> {
                Box::pin(async move { pre.ok_or(NO_HOOK)?.instantiate_async(store).await })
            },
            |guest: Arc<Documents>, store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
                Box::pin(async move { guest.roro_documents_documents().call_check(store, Resource::new_borrow(ORDER)).await })
            },
        )
        .await
    }

    /// The boxes of `documents`. The inner error is the plugin's own answer.
    pub async fn documents_prepare(
        &self,
        plugin: &Plugin<S>,
        call: Call<S>,
        documents: Vec<String>,
    ) -> Outcome<Result<Vec<documents::Prepared>, documents::Error>> {
        let pre = plugin.documents().cloned();
        self.run(plugin, call, Hook::DocumentsPrepare, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                let guest = pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?;
                guest.roro_documents_documents().call_prepare(store, Resource::new_borrow(ORDER), &documents).await
            })
        })
        .await
    }

    /// What speaks against a step of the order.
    pub async fn order_guard_check(&self, plugin: &Plugin<S>, call: Call<S>, step: String) -> Outcome<Vec<Finding>> {
        if let Some(module) = plugin.extism() {
            return self.ask_extism(plugin, module.clone(), call, Hook::OrderGuardCheck, Some(step), findings).await;
        }
        let pre = plugin.order_guard().cloned();
        self.run_guest(
            plugin,
            call,
            Hook::OrderGuardCheck,
            |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, OrderGuard> {
                Box::pin(async move { pre.ok_or(NO_HOOK)?.instantiate_async(store).await })
            },
            |guest: Arc<OrderGuard>, store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
                Box::pin(async move { guest.roro_guard_guard().call_check(store, &step, Resource::new_borrow(ORDER)).await })
            },
        )
        .await
    }

    /// What the order costs.
    pub async fn pricing_price(&self, plugin: &Plugin<S>, call: Call<S>) -> Outcome<Quote> {
        if let Some(module) = plugin.extism() {
            return self.ask_extism(plugin, module.clone(), call, Hook::PricingPrice, None, quote).await;
        }
        let pre = plugin.pricing().cloned();
        self.run_guest(
            plugin,
            call,
            Hook::PricingPrice,
            |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, Pricing> {
                Box::pin(async move { pre.ok_or(NO_HOOK)?.instantiate_async(store).await })
            },
            |guest: Arc<Pricing>, store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
                Box::pin(async move { guest.roro_pricing_pricing().call_price(store, Resource::new_borrow(ORDER)).await })
            },
        )
        .await
    }

    /// What an app offers.
    pub async fn app_describe(&self, plugin: &Plugin<S>, call: Call<S>) -> Outcome<app::Description> {
        let pre = plugin.app().cloned();
        self.run(plugin, call, Hook::AppDescribe, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?.roro_app_app().call_describe(store).await
            })
        })
        .await
    }

    /// Takes an action of an app.
    pub async fn app_act(&self, plugin: &Plugin<S>, call: Call<S>, what: app::Call) -> Outcome<Vec<Finding>> {
        let pre = plugin.app().cloned();
        self.run(plugin, call, Hook::AppAct, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?.roro_app_app().call_act(store, &what).await
            })
        })
        .await
    }

    /// Tells an app of an event.
    pub async fn app_on_event(&self, plugin: &Plugin<S>, call: Call<S>, event: app::Event) -> Outcome<Vec<Finding>> {
        let pre = plugin.app().cloned();
        self.run(plugin, call, Hook::AppEvent, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?.roro_app_app().call_on_event(store, &event).await
            })
        })
        .await
    }

    /// The turn of an entry of an app's timetable.
    pub async fn app_on_schedule(&self, plugin: &Plugin<S>, call: Call<S>, name: String) -> Outcome<Vec<Finding>> {
        let pre = plugin.app().cloned();
        self.run(plugin, call, Hook::AppSchedule, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?.roro_app_app().call_on_schedule(store, &name).await
            })
        })
        .await
    }

    /// The turn of a task that an app has put off.
    pub async fn app_on_task(&self, plugin: &Plugin<S>, call: Call<S>, name: String, payload: String) -> Outcome<Vec<Finding>> {
        let pre = plugin.app().cloned();
        self.run(plugin, call, Hook::AppTask, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                pre.ok_or(NO_HOOK)?
                    .instantiate_async(&mut *store)
                    .await?
                    .roro_app_app()
                    .call_on_task(store, &name, &payload)
                    .await
            })
        })
        .await
    }

    /// A hook of a guest of an Extism PDK, whose output `read` makes sense of.
    async fn ask_extism<T: Send + 'static>(
        &self,
        plugin: &Plugin<S>,
        module: Extism<S>,
        call: Call<S>,
        hook: Hook,
        step: Option<String>,
        read: ReadOutput<T>,
    ) -> Outcome<T> {
        let as_of = call.as_of;
        self.run(plugin, call, hook, move |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move { module.ask(store, hook, step.as_deref(), as_of, read).await })
        })
        .await
    }

    /// Makes every document of `jobs`. The inner error names the first one that cannot be made.
    pub async fn render(
        &self,
        plugin: &Plugin<S>,
        call: Call<S>,
        jobs: Vec<render::Job>,
    ) -> Outcome<Result<Vec<render::Rendered>, (u32, render::Error)>> {
        let pre = plugin.renderer().cloned();
        self.run(plugin, call, Hook::Render, |store: &mut wasmtime::Store<Guest<S>>| -> InSandbox<'_, _> {
            Box::pin(async move {
                let guest = pre.ok_or(NO_HOOK)?.instantiate_async(&mut *store).await?;
                guest.roro_render_render().call_render(store, &jobs).await
            })
        })
        .await
    }
}
