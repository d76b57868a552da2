//! Compiles components in a process of its own, with bounded processor time, memory and wall time.
//!
//! A component can be made so that compiling it takes hours or all memory; wasmtime does not count that as a fault of its own. So what
//! strangers upload is compiled by a child of this program, which limits itself before it reads a byte (`roro compile-component`), leaves a
//! sealed artifact in the folder that both share, and ends. One child at a time in each process: compiling takes a whole machine. A bomb ends its child and
//! nothing else.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use std::os::unix::process::ExitStatusExt as _;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::plugin::component::Unfit;

/// How much of what the child says is kept.
const SAID_BYTES_MAX: u64 = 4_096;
/// How often the parent looks whether the child has ended.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// The signal of a process that used up its processor time (SIGXCPU).
const OUT_OF_TIME: i32 = 24;
/// The largest artifact, bytes: what a child may write into one file.
const ARTIFACT_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What compiling may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Processor time of all threads together, seconds.
    pub cpu_s_max: u64,
    /// Memory, bytes.
    pub memory_bytes_max: u64,
}

impl Bounds {
    /// Enough for the shipped renderer, the largest component that we know: 60 s of processor time and 1 GiB.
    pub const DEFAULT: Self = Self { cpu_s_max: 120, memory_bytes_max: 2 * 1024 * 1024 * 1024 };

    /// Holds this process to the bounds, for good.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn apply(self) -> std::io::Result<()> {
        let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
        // One second more before the kill, so that the end says what it was.
        let cpu = Rlimit { current: Some(self.cpu_s_max), maximum: Some(self.cpu_s_max.saturating_add(1)) };
        setrlimit(Resource::Cpu, cpu)?;
        setrlimit(Resource::Data, limit(self.memory_bytes_max))?;
        setrlimit(Resource::Fsize, limit(ARTIFACT_BYTES_MAX))?;
        setrlimit(Resource::Core, limit(0))?;
        Ok(())
    }
}

/// Compiles in children. Clones share the one place.
#[derive(Debug, Clone)]
pub struct Compiler {
    program: PathBuf,
    data: PathBuf,
    bounds: Bounds,
    place: Arc<Mutex<()>>,
}

impl Compiler {
    /// A compiler that starts `program`, which is `roro`, on a data folder.
    #[must_use]
    pub fn new(program: &Path, data: &Path, bounds: Bounds) -> Self {
        Self { program: program.to_owned(), data: data.to_owned(), bounds, place: Arc::default() }
    }

    /// Compiles a component; its artifact lies in the shared folder afterwards. Blocks for as long as it takes.
    ///
    /// # Errors
    /// [`Unfit`] when it does not compile, or not within the bounds.
    pub fn compile(&self, bytes: &[u8]) -> Result<(), Unfit> {
        let _place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = |error: std::io::Error| Unfit(format!("the compiler could not be started ({error}); tell the operator"));
        let mut child = Command::new(&self.program)
            .arg("compile-component")
            .arg("--data")
            .arg(&self.data)
            .args(["--cpu-seconds", &self.bounds.cpu_s_max.to_string()])
            .args(["--memory-bytes", &self.bounds.memory_bytes_max.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(fault)?;
        let said = std::thread::scope(|scope| {
            let (input, errors) = (child.stdin.take(), child.stderr.take());
            // A child that ends before it has read everything is told about by its end.
            scope.spawn(move || input.map(|mut input| input.write_all(bytes)));
            let said = scope.spawn(move || {
                let mut text = String::new();
                if let Some(errors) = errors {
                    errors.take(SAID_BYTES_MAX).read_to_string(&mut text).ok();
                }
                text
            });
            let ended = self.wait(&mut child);
            (ended, said.join().unwrap_or_default())
        });
        let (ended, said) = said;
        self.judge(ended.map_err(fault)?, &said)
    }

    /// Waits for the end; none when it took too long and was killed.
    fn wait(&self, child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
        let began = Instant::now();
        // A machine that is busy with other things gives a child less than one core.
        let patience = Duration::from_secs(self.bounds.cpu_s_max.saturating_mul(4));
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if began.elapsed() > patience {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    fn judge(&self, ended: Option<ExitStatus>, said: &str) -> Result<(), Unfit> {
        let Bounds { cpu_s_max, memory_bytes_max } = self.bounds;
        let (seconds, mib) = (cpu_s_max, memory_bytes_max / (1024 * 1024));
        match ended {
            Some(status) if status.success() => Ok(()),
            Some(status) if status.code() == Some(i32::from(REFUSED)) => Err(Unfit(said.trim().to_owned())),
            Some(status) if matches!(status.signal(), Some(OUT_OF_TIME | 9)) => {
                Err(Unfit(format!("compiling the component takes more than {seconds} s of processor time: make it smaller")))
            }
            Some(_) => Err(Unfit(format!(
                "compiling the component takes more than {mib} MiB of memory, or breaks the compiler: make it smaller"
            ))),
            None => {
                Err(Unfit("compiling the component took too long on this machine: try again when it is less busy".to_owned()))
            }
        }
    }
}

/// The exit code of a child whose component is none: its reason stands in what it said.
pub const REFUSED: u8 = 2;
