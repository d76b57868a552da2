#![allow(warnings)]
use std::time::Instant;
use sha2::{Digest, Sha256};
fn main() {
    let path = std::env::args().nth(1).unwrap();
    for _ in 0..3 {
    let t = Instant::now();
    let b = std::fs::read(&path).unwrap();
    println!("read {} {:?}", b.len(), t.elapsed());
    let t = Instant::now();
    let d = Sha256::digest(&b);
    println!("sha {:?} {:?}", t.elapsed(), d[0]);
    let mut c = wasmtime::Config::new();
    let t = Instant::now();
    let copy = b.clone();
    println!("copy {:?}", t.elapsed());
    }
}
