//! The kernel's memory of one call: blocks that a guest and the host hand each other by offset, the input, the output, the error, variables.
//!
//! Extism keeps them in a WebAssembly memory and lets a guest read and write anywhere in it. Here each block is a piece of the host's memory,
//! and an offset that lies in no live block stops the guest. A block that is freed is gone at once; the one that holds the output or the
//! error stays until the call ends, because guests free what they have handed over. Every byte is counted by the meter before it is there.

use std::collections::BTreeMap;

use wasmtime::Memory;

use crate::failure::{FailureKind, Stop};
use crate::meter::Meter;

const NO_BLOCK: Stop = Stop::new(FailureKind::BadHandle, "the offset lies in no block of the kernel's memory");
const NO_OUTPUT: Stop = Stop::new(FailureKind::BadOutput, "the guest set no output");
const NO_VARS: Stop = Stop::new(FailureKind::OutOfMemory, "the variables together would be over 1 MiB");

/// Where the first block lies. Nothing lies at 0, which means "none".
const FIRST_OFFSET: u64 = 64;
/// Blocks begin at multiples of this, with a gap of as much at least behind each: a read across a block's end finds no neighbour.
const ALIGNMENT: u64 = 16;
/// What the host spends on a block beside its bytes.
const BLOCK_BYTES: u64 = 64;
/// All variables of a call together, names included; Extism has the same bound.
const VARS_BYTES_MAX: usize = 1024 * 1024;
/// What a variable counts beside its bytes.
const VAR_BYTES: usize = 48;

/// The kernel's state in one call. Empty and free of charge for components.
#[derive(Default)]
pub(crate) struct Kernel {
    /// The guest's own memory, where WASI finds what it is pointed at; none before the instance is whole.
    pub(crate) guest_memory: Option<Memory>,
    blocks: BTreeMap<u64, Vec<u8>>,
    next: u64,
    input: Range,
    output: Option<Range>,
    error: u64,
    vars: BTreeMap<String, Vec<u8>>,
    vars_bytes: usize,
}

/// Bytes from an offset on.
#[derive(Clone, Copy, Default)]
struct Range {
    offset: u64,
    length: u64,
}

fn size(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl Kernel {
    /// A new block of zeros; 0 for no bytes, as Extism has it.
    pub(super) fn alloc(&mut self, length: u64, meter: &mut Meter) -> Result<u64, Stop> {
        if length == 0 {
            return Ok(0);
        }
        meter.hold(length.saturating_add(BLOCK_BYTES))?;
        // Within the limit of memory, so it fits.
        Ok(self.place(vec![0; usize::try_from(length).unwrap_or(0)]))
    }

    /// A new block of these bytes; 0 for none.
    pub(super) fn keep(&mut self, bytes: Vec<u8>, meter: &mut Meter) -> Result<u64, Stop> {
        if bytes.is_empty() {
            return Ok(0);
        }
        meter.hold(size(&bytes).saturating_add(BLOCK_BYTES))?;
        Ok(self.place(bytes))
    }

    fn place(&mut self, bytes: Vec<u8>) -> u64 {
        let offset = self.next.max(FIRST_OFFSET);
        self.next = (offset + size(&bytes) + ALIGNMENT).next_multiple_of(ALIGNMENT);
        self.blocks.insert(offset, bytes);
        offset
    }

    /// Gives a block back. An offset that is no block's is none of Extism's business either.
    pub(super) fn free(&mut self, offset: u64, meter: &mut Meter) {
        let is_output = self.output.is_some_and(|output| self.start_of(output.offset) == Some(offset));
        if is_output || offset == self.error {
            return;
        }
        if let Some(bytes) = self.blocks.remove(&offset) {
            meter.release(size(&bytes) + BLOCK_BYTES);
            if offset == self.input.offset {
                self.input = Range::default();
            }
        }
    }

    /// The length of the block that begins here; 0 for an offset that is no block's.
    pub(super) fn length(&self, offset: u64) -> u64 {
        self.blocks.get(&offset).map_or(0, |bytes| size(bytes))
    }

    fn start_of(&self, offset: u64) -> Option<u64> {
        let (start, bytes) = self.blocks.range(..=offset).next_back()?;
        (offset - start < size(bytes)).then_some(*start)
    }

    /// The whole block that begins at `offset`, for an import that takes a block; no bytes for 0.
    pub(super) fn block(&self, offset: u64) -> Result<&[u8], Stop> {
        if offset == 0 { Ok(&[]) } else { self.blocks.get(&offset).map(Vec::as_slice).ok_or(NO_BLOCK) }
    }

    fn bytes(&self, offset: u64, length: u64) -> Result<&[u8], Stop> {
        let (start, bytes) = self.blocks.range(..=offset).next_back().ok_or(NO_BLOCK)?;
        let from = usize::try_from(offset - start).map_err(|_| NO_BLOCK)?;
        let to = from.saturating_add(usize::try_from(length).map_err(|_| NO_BLOCK)?);
        bytes.get(from..to).ok_or(NO_BLOCK)
    }

    /// `N` bytes at an offset. Fails with `bad-handle` when they do not lie in one live block.
    pub(super) fn load<const N: usize>(&self, offset: u64) -> Result<[u8; N], Stop> {
        self.bytes(offset, N as u64)?.try_into().map_err(|_| NO_BLOCK)
    }

    /// Writes bytes at an offset. Fails with `bad-handle` when they would not lie in one live block.
    pub(super) fn store(&mut self, offset: u64, bytes: &[u8]) -> Result<(), Stop> {
        let (start, block) = self.blocks.range_mut(..=offset).next_back().ok_or(NO_BLOCK)?;
        let from = usize::try_from(offset - start).map_err(|_| NO_BLOCK)?;
        block.get_mut(from..from.saturating_add(bytes.len())).ok_or(NO_BLOCK)?.copy_from_slice(bytes);
        Ok(())
    }

    /// `N` bytes of the input; zeros behind its end, as in Extism.
    pub(super) fn input<const N: usize>(&self, at: u64) -> [u8; N] {
        let is_inside = at.checked_add(N as u64).is_some_and(|end| end <= self.input.length);
        let found = is_inside.then(|| self.load(self.input.offset + at).ok()).flatten();
        found.unwrap_or([0; N])
    }

    pub(super) fn input_offset(&self) -> u64 {
        self.input.offset
    }

    pub(super) fn input_length(&self) -> u64 {
        self.input.length
    }

    pub(super) fn set_input(&mut self, input: Vec<u8>, meter: &mut Meter) -> Result<(), Stop> {
        let length = size(&input);
        self.input = Range { offset: self.keep(input, meter)?, length };
        Ok(())
    }

    /// Marks bytes as the output. Fails with `bad-handle` when they do not lie in one live block.
    pub(super) fn set_output(&mut self, offset: u64, length: u64) -> Result<(), Stop> {
        if length > 0 {
            self.bytes(offset, length)?;
        }
        self.output = Some(Range { offset, length });
        Ok(())
    }

    /// The output. Fails with `bad-output` when the guest set none.
    pub(super) fn output(&self) -> Result<&[u8], Stop> {
        match self.output {
            None => Err(NO_OUTPUT),
            Some(Range { length: 0, .. }) => Ok(&[]),
            Some(Range { offset, length }) => self.bytes(offset, length),
        }
    }

    /// Marks a block as the error's message; 0 takes the error back. Fails with `bad-handle` when no block begins there.
    pub(super) fn set_error(&mut self, offset: u64) -> Result<(), Stop> {
        self.block(offset)?;
        self.error = offset;
        Ok(())
    }

    pub(super) fn error_offset(&self) -> u64 {
        self.error
    }

    /// The error's message, if there is one.
    pub(super) fn error(&self) -> Option<&[u8]> {
        self.blocks.get(&self.error).map(Vec::as_slice)
    }

    pub(super) fn var(&self, name: &str) -> Option<&[u8]> {
        self.vars.get(name).map(Vec::as_slice)
    }

    /// Sets a variable, or removes it. Fails with `out-of-memory` when all together would be over their bound or the call's.
    pub(super) fn set_var(&mut self, name: String, value: Option<Vec<u8>>, meter: &mut Meter) -> Result<(), Stop> {
        let counted = |name: &str, value: &[u8]| name.len().saturating_add(value.len()).saturating_add(VAR_BYTES);
        let held = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(old) = self.vars.remove(&name) {
            let bytes = counted(&name, &old);
            self.vars_bytes = self.vars_bytes.saturating_sub(bytes);
            meter.release(held(bytes));
        }
        let Some(value) = value else { return Ok(()) };
        let bytes = counted(&name, &value);
        if self.vars_bytes.saturating_add(bytes) > VARS_BYTES_MAX {
            return Err(NO_VARS);
        }
        meter.hold(held(bytes))?;
        self.vars_bytes += bytes;
        self.vars.insert(name, value);
        Ok(())
    }

    /// Forgets every block, the input, the output and the error; variables stay.
    pub(super) fn reset(&mut self, meter: &mut Meter) {
        let held: u64 = self.blocks.values().map(|bytes| size(bytes) + BLOCK_BYTES).sum();
        meter.release(held);
        self.blocks.clear();
        (self.input, self.output, self.error) = (Range::default(), None, 0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::limits::Limits;
    use crate::ticker::Clock;

    fn meter(memory_bytes: u64) -> Meter {
        Meter::new(Limits { memory_bytes, ..Limits::rule(1) }, Arc::new(Clock::new()))
    }

    #[test]
    fn a_block_is_read_where_it_lies_and_nowhere_else() {
        let (mut kernel, mut meter) = (Kernel::default(), meter(1_000_000));
        let first = kernel.alloc(5, &mut meter).unwrap();
        let second = kernel.alloc(8, &mut meter).unwrap();
        kernel.store(first + 4, &[7]).unwrap();
        assert_eq!(kernel.load::<1>(first + 4), Ok([7]));
        for outside in [0, 1, first - 1, first + 5, second - 1, second + 8, u64::MAX] {
            assert_eq!(kernel.load::<1>(outside), Err(NO_BLOCK), "{outside}");
            assert_eq!(kernel.store(outside, &[1]), Err(NO_BLOCK), "{outside}");
        }
        for across in [first, first + 4, second + 1, u64::MAX - 3] {
            assert_eq!(kernel.load::<8>(across), Err(NO_BLOCK), "{across}");
        }
        assert_eq!((kernel.length(first), kernel.length(first + 1)), (5, 0));
    }

    #[test]
    fn what_is_freed_is_gone_and_its_bytes_are_given_back() {
        let (mut kernel, mut meter) = (Kernel::default(), meter(1_000));
        for _ in 0..100 {
            let block = kernel.alloc(800, &mut meter).unwrap();
            kernel.free(block, &mut meter);
            kernel.free(block, &mut meter);
            assert_eq!(kernel.load::<1>(block), Err(NO_BLOCK));
        }
        let block = kernel.alloc(800, &mut meter).unwrap();
        assert_eq!(kernel.alloc(800, &mut meter).unwrap_err().kind, FailureKind::OutOfMemory);
        assert_eq!(kernel.alloc(u64::MAX, &mut meter).unwrap_err().kind, FailureKind::OutOfMemory);
        kernel.set_output(block + 8, 4).unwrap();
        kernel.free(block, &mut meter);
        assert_eq!(kernel.output().map(<[u8]>::len), Ok(4), "an output outlives its block");
    }

    #[test]
    fn the_input_ends_in_zeros() {
        let (mut kernel, mut meter) = (Kernel::default(), meter(1_000));
        kernel.set_input(b"0123456789".to_vec(), &mut meter).unwrap();
        assert_eq!(kernel.input::<8>(2), *b"23456789");
        assert_eq!((kernel.input::<8>(3), kernel.input::<1>(10), kernel.input::<8>(u64::MAX)), ([0; 8], [0], [0; 8]));
        assert_eq!(kernel.load::<1>(kernel.input_offset() + 9), Ok([b'9']));
        kernel.free(kernel.input_offset(), &mut meter);
        assert_eq!((kernel.input_length(), kernel.input::<1>(0)), (0, [0]));
    }

    #[test]
    fn variables_are_bounded_and_may_be_replaced() {
        let (mut kernel, mut meter) = (Kernel::default(), meter(4 * 1024 * 1024));
        for _ in 0..10 {
            kernel.set_var("name".into(), Some(vec![1; 900_000]), &mut meter).unwrap();
        }
        assert_eq!(kernel.set_var("more".into(), Some(vec![1; 900_000]), &mut meter), Err(NO_VARS));
        kernel.set_var("name".into(), None, &mut meter).unwrap();
        kernel.set_var("more".into(), Some(vec![1; 900_000]), &mut meter).unwrap();
        assert_eq!((kernel.var("name"), kernel.var("more").map(<[u8]>::len)), (None, Some(900_000)));
    }
}
