//! roro-benches
