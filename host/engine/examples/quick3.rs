#![allow(warnings)]
#[path = "../tests/it/support.rs"]
mod support;
use std::time::{Duration, Instant};
use roro_engine::*;
use support::*;
fn main() {
    let mut settings = EngineSettings::for_testing();
    let engine = Engine::<Snapshot>::new(settings).unwrap();
    let bytes = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
        for _ in 0..2 { let t = Instant::now();
        let plugin = engine.load(PluginId::new("renderer", "0.0.0"), &bytes).unwrap();
        println!("renderer load {:?}", t.elapsed()); 
        let t = Instant::now(); drop(plugin);
        println!("drop {:?}", t.elapsed()); 
        }
}
