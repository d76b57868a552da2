#![allow(warnings)]
#[path = "../tests/it/support.rs"]
mod support;
use std::time::{Duration, Instant};
use roro_engine::*;
use support::*;
fn stats(name: &str, mut v: Vec<Duration>) {
    v.sort();
    println!("{name}: p50 {:?} p90 {:?} p99 {:?} min {:?}", v[v.len()/2], v[v.len()*9/10], v[v.len()*99/100], v[0]);
}
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let resident: usize = std::env::var("RES").map_or(512*1024, |s| s.parse().unwrap());
    let t = Instant::now();
    let mut settings = EngineSettings::for_testing();
    settings.pool.memory_resident_bytes = resident;
    let engine = Engine::<Snapshot>::new(settings).unwrap();
    println!("engine new {:?}", t.elapsed());
    let t = Instant::now();
    let bytes = attackers();
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &bytes).unwrap();
    println!("load {:?}", t.elapsed());
    let t = Instant::now();
    let plugin = engine.load(PluginId::new("attackers", "0.0.0"), &bytes).unwrap();
    println!("load again {:?}", t.elapsed());
    if std::env::args().nth(1).is_some() {
        let path = std::env::args().nth(1).unwrap();
        let bytes = std::fs::read(path).unwrap();
        for _ in 0..3 { let t = Instant::now();
        let plugin = engine.load(PluginId::new("renderer", "0.0.0"), &bytes).unwrap();
        println!("renderer load {:?}", t.elapsed()); }
    }
    for (attack, n) in [("honest", 10u32), ("small", 1), ("small", 10), ("small", 100)] {
        let mut v = Vec::new(); let mut inner = Vec::new(); let mut cost = Cost::default();
        for _ in 0..5000 {
            let snap = Snapshot { vehicles: n, ..Snapshot::attack(attack) };
            let t = Instant::now();
            let r = engine.documents_check(&plugin, call(snap, Limits::rule(n))).await.unwrap();
            v.push(t.elapsed()); inner.push(r.1.duration); cost = r.1;
        }
        stats(&format!("hop  {attack} {n}"), v); stats(&format!("     inner {attack} {n}"), inner);
        println!("{cost:?}");
        let (e, p) = (engine.clone(), plugin.clone());
        let v = engine.on_guest_thread(async move { let mut v = Vec::new(); for _ in 0..5000 {
            let snap = Snapshot { vehicles: n, ..Snapshot::attack(attack) };
            let t = Instant::now();
            let r = e.documents_check(&p, call(snap, Limits::rule(n))).await.unwrap();
            v.push(t.elapsed());
        } v}).await.unwrap();
        stats(&format!("here {attack} {n}"), v);
    }
}
