//! One click: the eight Latin papers of the ten-vehicle order, with checks and commit, in the sandbox; beside it the same pages rendered by
//! native Typst, and what lies between. The order whose papers are in Chinese stands apart: its fonts are large.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a bench prints its table and stops when it cannot start")]

use roro::command::Request;
use roro::config::Config;
use roro::document::hook::{Answer, Hooks, Job, Missing, Prepared, Rendered, Reply, Requirement};
use roro::document::{Assembled, Case, Means, Numbered, Numbering, assemble, issue};
use roro::finding::Finding;
use roro::guest::Dispatch;
use roro::kernel::font::Font;
use roro::kernel::id::OrderId;
use roro::pack::{self, Shelf};
use roro::plugin::manifest::HookName;
use roro::plugin::{self, Active};
use roro_benches::cases::{CHINESE, LATIN, case, dispatch, example, fonts, numbered, packs, read};
use roro_benches::store::Store;
use roro_benches::times::{Table, Times, figure, interleave, ratio, show};
use roro_renderer::{FontSource, Sources, render_jobs};
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Turns of each series, and calls a turn.
const ROUNDS: usize = 20;
const BLOCK: usize = 2;
/// Calls for each paper alone.
const ALONE: usize = 20;

/// The hooks, with the jobs of the last rendering kept for the native run.
struct Recorder<'a> {
    inner: &'a Dispatch,
    jobs: Mutex<Vec<Job>>,
}

#[async_trait::async_trait]
impl Hooks for Recorder<'_> {
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

    async fn ask(&self, case: &Case, plugin: &Arc<Active>, hook: HookName) -> Answer<Reply> {
        self.inner.ask(case, plugin, hook).await
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
struct Files(Case);

impl Sources for Files {
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

/// One order's papers, in the sandbox and natively.
struct Papers<'a> {
    server: &'a Runtime,
    dispatch: &'a Dispatch,
    case: Case,
    jobs: Vec<Job>,
    native: Vec<roro_renderer::Job>,
    sources: Arc<dyn Sources>,
    made: Assembled,
}

impl<'a> Papers<'a> {
    /// Makes the papers once in each way and asserts that the bytes are equal.
    fn new(server: &'a Runtime, dispatch: &'a Dispatch, name: &str) -> Self {
        let case = case(read(&example(name)));
        let hooks = Recorder { inner: dispatch, jobs: Mutex::default() };
        let made = server.block_on(assemble(&hooks, &case, &Plain)).expect("papers");
        let jobs = hooks.jobs.into_inner().expect("no panic");
        let native: Vec<_> = jobs
            .iter()
            .cloned()
            .map(|job| roro_renderer::Job { template: job.template, data: job.data, title: job.title, language: job.language })
            .collect();
        let sources: Arc<dyn Sources> = Arc::new(Files(case.clone()));
        let pages = render_jobs(&sources, &native).expect("papers");
        assert!(!pages.is_empty() && pages.len() == made.papers.len(), "{} papers, {} natively", made.papers.len(), pages.len());
        for (one, other) in pages.iter().zip(&made.papers) {
            assert!(one.bytes == other.bytes, "{} differs between sandbox and native", other.requirement.document);
        }
        Self { server, dispatch, case, jobs, native, sources, made }
    }

    /// Native Typst, its caches empty as in a fresh sandbox.
    fn natively(&self, jobs: &[roro_renderer::Job], count: usize) -> Vec<Duration> {
        timed(count, || {
            roro_renderer::forget();
            render_jobs(&self.sources, jobs).expect("papers")
        })
    }

    fn sandboxed(&self, jobs: &[Job], count: usize) -> Vec<Duration> {
        timed(count, || {
            self.server.block_on(self.dispatch.render(&self.case, jobs.to_vec())).expect("a rendering").0.expect("papers")
        })
    }

    fn assembled(&self, count: usize) -> Vec<Duration> {
        timed(count, || self.server.block_on(assemble(self.dispatch, &self.case, &Plain)).expect("papers"))
    }

    /// Each paper in a sandbox of its own, beside native Typst.
    fn one_by_one(&self) {
        let table = Table::of_pairs("each paper alone, in a fresh sandbox, beside native Typst");
        for ((job, native), paper) in self.jobs.iter().zip(&self.native).zip(&self.made.papers) {
            let (job, native) = (std::slice::from_ref(job), std::slice::from_ref(native));
            let times = interleave(
                ALONE / BLOCK,
                BLOCK,
                &mut [Box::new(|count| self.natively(native, count)), Box::new(|count| self.sandboxed(job, count))],
            );
            let [floor, sandboxed] = <[Times; 2]>::try_from(times).expect("two series");
            let pages = if paper.pages == 1 { "1 page".to_owned() } else { format!("{} pages", paper.pages) };
            table.pair(&format!("{}, {pages}", paper.requirement.document), &sandboxed, &floor);
        }
    }
}

fn timed<T>(count: usize, mut work: impl FnMut() -> T) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let started = Instant::now();
        drop(work());
        times.push(started.elapsed());
    }
    times
}

/// Stored orders whose documents nobody has issued yet.
struct Waiting<'a> {
    server: &'a Runtime,
    hooks: Arc<dyn Hooks>,
    plugins: plugin::Shelf,
    store: &'a Store,
    shelf: Shelf,
    fonts: Arc<[Font]>,
    orders: std::vec::IntoIter<OrderId>,
    papers: usize,
}

impl<'a> Waiting<'a> {
    fn new(papers: &Papers<'a>, store: &'a Store, name: &str, count: usize) -> Self {
        let template = example(name);
        let import = async |number: usize| {
            let body = numbered(&template, number);
            let request = Request::new("POST /v1/orders/import", None, &[&body]);
            let answer = roro::order::import(&store.ctx, &store.actor, request, &body).await.expect("imported");
            let body: Value = serde_json::from_str(&answer.body).expect("JSON");
            body.pointer("/id").and_then(Value::as_str).and_then(|id| id.parse().ok()).expect("an id")
        };
        let shelf = Shelf::new(packs());
        let prepare = async {
            for pack in shelf.offered() {
                let request = Request::new("roro pack install", None, &[pack.digest().as_bytes()]);
                pack::install(&store.ctx, &store.actor, &shelf, request, Arc::clone(pack)).await.expect("installed");
            }
            let mut ids: Vec<OrderId> = Vec::with_capacity(count);
            for number in 0..count {
                ids.push(import(number).await);
            }
            ids
        };
        let orders = papers.server.block_on(prepare).into_iter();
        let (server, dispatch) = (papers.server, papers.dispatch);
        let settings = Config::from_layers(None, []).expect("settings").plugins;
        let plugins = plugin::Shelf::new(Arc::new(dispatch.runner().clone()), &settings).expect("a shelf");
        let hooks = Arc::new(dispatch.clone());
        Self { server, hooks, plugins, store, shelf, fonts: fonts(), orders, papers: papers.made.papers.len() }
    }

    /// The whole click, for the next orders: read, checked, numbered, rendered, stored.
    fn issue(&mut self, count: usize) -> Vec<Duration> {
        let mut times = Vec::with_capacity(count);
        for order in self.orders.by_ref().take(count) {
            let request = Request::new("POST /v1/orders/{id}/documents", None, &[order.to_string().as_bytes()]);
            let store = self.store;
            let started = Instant::now();
            let click = async {
                let packs = pack::active(&store.ctx, &store.actor, &self.shelf).await.expect("packs");
                let plugins = plugin::active(&store.ctx, &store.actor, &self.plugins).await.expect("plugins").into();
                let means = Means { hooks: Arc::clone(&self.hooks), packs, plugins, fonts: Arc::clone(&self.fonts) };
                issue(&store.ctx, &store.actor, &means, request, order).await
            };
            let answer = self.server.block_on(click).expect("issued");
            times.push(started.elapsed());
            let body: Value = serde_json::from_str(&answer.body).expect("JSON");
            let issued = body.pointer("/documents").and_then(Value::as_array).map_or(0, Vec::len);
            assert!(answer.status == 201 && issued == self.papers, "{}: {issued} papers: {}", answer.status, answer.body);
        }
        assert_eq!(times.len(), count, "an order for each click");
        times
    }
}

fn pack_of(server: &Runtime, dispatch: &Dispatch, stores: &[Store], name: &str, (rounds, goal): (usize, &str)) {
    let papers = Papers::new(server, dispatch, name);
    let count = papers.made.papers.len();
    let mut waiting: Vec<Waiting<'_>> =
        stores.iter().map(|store| Waiting::new(&papers, store, name, (rounds + 1) * BLOCK)).collect();
    let mut series: Vec<Box<dyn FnMut(usize) -> Vec<Duration> + '_>> = vec![
        Box::new(|count| papers.natively(&papers.native, count)),
        Box::new(|count| papers.sandboxed(&papers.jobs, count)),
        Box::new(|count| papers.assembled(count)),
    ];
    for orders in &mut waiting {
        series.push(Box::new(|count| orders.issue(count)));
    }
    let all = interleave(rounds, BLOCK, &mut series);
    drop(series);
    let Some(([native, sandboxed, assembled], clicks)) = all.split_first_chunk() else { return };
    let pages: u32 = papers.made.papers.iter().map(|paper| paper.pages).sum();
    let table = Table::new(&format!("{name}: {count} papers, {pages} pages"), Some(("native Typst, rendering alone", native)));
    table.row("sandboxed, rendering alone", sandboxed);
    table.row("sandboxed, with the rulebook's three calls", assembled);
    let (short, each) = (format!("{count} papers of {name}"), |times: &Times| times.p50() / u32::try_from(count).unwrap_or(1));
    for (store, times) in stores.iter().zip(clicks) {
        table.row(&format!("the whole click, committed, {}", store.name), times);
        let value = format!("{} / {} ({} a paper)", show(times.p50()), show(times.p99()), show(each(times)));
        figure(&format!("one click, {short}, {}: p50 / p99", store.name), &value, goal);
        let value = ratio(times.p50(), native.p50());
        figure(&format!("one click, {short}, {}: ratio to native rendering", store.name), &value, "");
    }
    figure(&format!("rendering, {short}: sandboxed to native Typst"), &ratio(sandboxed.p50(), native.p50()), "");
    papers.one_by_one();
}

fn main() {
    let server = Runtime::new().expect("a runtime");
    println!("documents: one click, a fresh sandbox a call");
    let dispatch = dispatch();
    let stores = server.block_on(Store::all());
    pack_of(&server, &dispatch, &stores, LATIN, (ROUNDS, "p50 ≤ 100 ms"));
    for store in stores {
        server.block_on(store.end());
    }
    let stores = vec![server.block_on(Store::sqlite())];
    pack_of(&server, &dispatch, &stores, CHINESE, (ROUNDS / 2, ""));
    for store in stores {
        server.block_on(store.end());
    }
}
