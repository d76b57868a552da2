//! Traces over OTLP/HTTP: a collector of the test's own decodes what a real server sends.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use super::orders::{click, import, order};
use super::program::{Folder, Process, tenant};

/// How long spans may take to arrive.
const ARRIVAL_MAX: Duration = Duration::from_secs(30);

/// Takes traces as a collector does, and keeps them.
struct Collector {
    address: String,
    taken: Arc<Mutex<Vec<Span>>>,
    /// The heads of the requests.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (taken, heads) = (Arc::default(), Arc::default());
        let kept = (Arc::clone(&taken), Arc::clone(&heads));
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = (Arc::clone(&kept.0), Arc::clone(&kept.1));
                std::thread::spawn(move || serve(stream, &kept.0, &kept.1));
            }
        });
        Self { address, taken, heads }
    }

    /// Waits until a span of a name is there with an attribute, and gives all spans.
    fn with(&self, name: &str, attribute: (&str, &str)) -> (Span, Vec<Span>) {
        let started = Instant::now();
        loop {
            let spans = self.taken.lock().unwrap().clone();
            let wanted = |span: &&Span| span.name == name && text(span, attribute.0).as_deref() == Some(attribute.1);
            if let Some(span) = spans.iter().find(wanted) {
                return (span.clone(), spans.clone());
            }
            let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
            assert!(started.elapsed() < ARRIVAL_MAX, "no span `{name}` among {names:?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn serve(stream: TcpStream, taken: &Mutex<Vec<Span>>, heads: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let length =
            head.to_ascii_lowercase().split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let sent = ExportTraceServiceRequest::decode(body.as_slice()).unwrap();
        let spans = sent.resource_spans.into_iter().flat_map(|of| of.scope_spans).flat_map(|of| of.spans);
        taken.lock().unwrap().extend(spans);
        heads.lock().unwrap().push(head);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n").unwrap();
    }
}

fn text(span: &Span, key: &str) -> Option<String> {
    let value = span.attributes.iter().find(|one| one.key == key)?.value.clone()?.value?;
    Some(match value {
        Any::StringValue(text) => text,
        Any::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    })
}

fn settings(folder: &Folder, endpoint: &str) -> String {
    let file = folder.path().join("roro.toml");
    let text = format!(
        "[telemetry]\notlp_endpoint = \"{endpoint}\"\notlp_headers = \"x-team=exports\"\nwait_ms_max = 50\nexport_ms_max = 2000\n"
    );
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_traced_with_its_hook_calls_and_nothing_personal() {
    let folder = Folder::new();
    let token = tenant(&folder, &[]);
    assert!(folder.roro(&["pack", "install", "--all", "--tenant", "acme"]).output().unwrap().status.success());
    let collector = Collector::start();
    let server = Process::start(&folder, &["--config", &settings(&folder, &collector.address)]);
    let acme = server.client(&token);
    let id = import(&acme, "k-1", &order(1)).await.expect(201).id();
    click(&acme, &id).await.expect(201);

    let route = "/v1/orders/{id}/documents";
    let (request, _) = collector.with(&format!("POST {route}"), ("http.response.status_code", "201"));
    assert_eq!(text(&request, "http.route").as_deref(), Some(route));
    assert_eq!(request.kind, 2, "a server's span");
    let (_, spans) = collector.with("hook render", ("hook.outcome", "done"));
    for hook in ["check", "requirements", "prepare", "render"] {
        let called = spans.iter().find(|span| span.name == format!("hook {hook}") && span.trace_id == request.trace_id);
        let called = called.unwrap_or_else(|| panic!("no call of {hook} belongs to the request: {spans:#?}"));
        assert_eq!(text(called, "hook.outcome").as_deref(), Some("done"));
        let fuel: i64 = text(called, "hook.fuel").unwrap().parse().unwrap();
        assert!(fuel > 0 && text(called, "tenant.id").unwrap().starts_with("ten_"));
        assert_eq!(text(called, "plugin.digest").unwrap().len(), 64);
        assert!(["rulebook", "renderer"].contains(&text(called, "plugin.name").unwrap().as_str()));
    }
    collector.with("relay", ("event.kind", "order.imported"));
    assert_eq!(server.end(), Some(0));
    let heads = collector.heads.lock().unwrap().clone();
    assert!(heads.iter().all(|head| head.starts_with("POST /v1/traces ") && head.contains("x-team: exports")), "{heads:?}");
    // What people wrote, and who they are, is in no span.
    let all = format!("{:?}", collector.taken.lock().unwrap());
    let file = order(1);
    let personal = [&file["buyer"]["name"], &file["order"]["reference"], &file["vehicles"][0]["identity"]["number"]];
    for word in personal.iter().map(|value| value.as_str().unwrap()).chain([token.as_str(), "acme.example", "roro.db"]) {
        assert!(!all.contains(word), "{word} is in a span");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_gone_or_silent_stops_nothing() {
    // One address where nobody listens, and one that takes connections and never answers.
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in [gone, silent.local_addr().unwrap()] {
        let folder = Folder::new();
        let token = tenant(&folder, &[]);
        let server = Process::start(&folder, &["--config", &settings(&folder, &format!("http://{address}"))]);
        for _ in 0..50 {
            let started = Instant::now();
            server.client(&token).get("/v1/orders").await.expect(200);
            assert!(started.elapsed() < Duration::from_secs(2), "a request waited for the collector");
        }
        assert_eq!(server.end(), Some(0));
    }
}
