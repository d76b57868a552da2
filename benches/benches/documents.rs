//! One click: the eight Latin papers of the ten-vehicle order, checks included, in the sandbox; beside it the same pages rendered natively.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::document::hook::{Answer, Hooks, Job, Missing, Prepared, Rendered, Requirement};
use roro::document::{Case, Numbered, Numbering, assemble};
use roro::finding::Finding;
use roro::guest::Dispatch;
use roro_benches::{Times, case, dispatch, order, ratio};
use roro_renderer::{FontSource, Sources, render_jobs};
use std::sync::{Arc, Mutex};

/// The hooks, with the jobs of the last rendering kept for the native run.
struct Recorder {
    inner: Dispatch,
    jobs: Mutex<Vec<Job>>,
}

#[async_trait::async_trait]
impl Hooks for Recorder {
    async fn requirements(&self, case: &Case) -> Answer<Vec<Requirement>> {
        self.inner.requirements(case).await
    }

    async fn check(&self, case: &Case) -> Answer<Vec<Finding>> {
        self.inner.check(case).await
    }

    async fn prepare(&self, case: &Case, documents: &[String]) -> Answer<Result<Vec<Prepared>, Vec<Missing>>> {
        self.inner.prepare(case, documents).await
    }

    async fn render(&self, case: &Case, jobs: Vec<Job>) -> Answer<Result<Vec<Rendered>, (usize, String)>> {
        self.jobs.lock().expect("no panic").clone_from(&jobs);
        self.inner.render(case, jobs).await
    }

    fn components(&self) -> Vec<(String, String)> {
        self.inner.components()
    }
}

struct Plain;

#[async_trait::async_trait]
impl Numbering for Plain {
    async fn number(&self, document: &str, _data_sha256: &str) -> Result<Numbered, String> {
        Ok(Numbered { number: document.to_owned(), revision: 1 })
    }
}

/// Packs and fonts of a case, as the native renderer reads them.
struct Shelf(Case);

impl Sources for Shelf {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let (pack, file) = path.split_once('/')?;
        self.0.packs.iter().find(|known| known.id() == pack)?.template(file).map(<[u8]>::to_vec)
    }

    fn fonts(&self) -> Vec<FontSource> {
        self.0.fonts.iter().map(|font| FontSource { family: font.family.clone(), bytes: font.bytes.len() as u64 }).collect()
    }

    fn font_file(&self, index: usize) -> Option<Vec<u8>> {
        self.0.fonts.get(index).map(|font| font.bytes.to_vec())
    }
}

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let hooks = Recorder { inner: dispatch(), jobs: Mutex::new(Vec::new()) };
    println!("documents: one click, ten vehicles, fresh sandboxes, checks included, nothing stored");
    let case = case(order(10));
    let outcome = runtime.block_on(assemble(&hooks, &case, &Plain)).expect("papers");
    let click = Times::of(40, || drop(runtime.block_on(assemble(&hooks, &case, &Plain))))
        .print(&format!("{} papers, whole click", outcome.papers.len()));
    let jobs = hooks.jobs.lock().expect("no panic").clone();
    let sandboxed = Times::of(40, || drop(runtime.block_on(hooks.inner.render(&case, jobs.clone()))))
        .print("the same papers, rendering alone, sandboxed");
    let sources: Arc<dyn Sources> = Arc::new(Shelf(case));
    let native: Vec<roro_renderer::Job> = jobs
        .into_iter()
        .map(|job| roro_renderer::Job { template: job.template, data: job.data, title: job.title, language: job.language })
        .collect();
    let made = render_jobs(&sources, &native).expect("papers");
    let equal = made.iter().zip(&outcome.papers).all(|(one, other)| one.bytes == other.bytes);
    let fresh = Times::of(40, || {
        roro_renderer::forget();
        drop(render_jobs(&sources, &native));
    })
    .print("the same papers, rendering alone, native Typst");
    println!(
        "  ratio sandboxed to native {}   click to native {}   bytes equal: {equal}",
        ratio(sandboxed, fresh),
        ratio(click, fresh)
    );
}
