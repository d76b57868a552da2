//! Programs: an expression as bytes in prefix order, read where it lies, without decoding it first.
//!
//! ```text
//! none true false clock as-of row        op
//! integer decimal text date field        op, then zigzag/varint, (mantissa, scale), (length, bytes), zigzag days, path index
//! not negate                             op, operand
//! = != < <= > >= + - *                   op, left, right
//! and or                                 op, left, length of right, right
//! if                                     op, condition, length, then, length, else
//! in                                     op, value, length of list, items
//! call                                   op, function, number of arguments, arguments
//! aggregate                              op, kind, scope, length of body, body
//! shared repeats decide                  op, index
//! ```
//! The lengths let the interpreter skip what it need not evaluate. A damaged program is a fault, never a panic.

use crate::table::Code;
use crate::value::Fault;

macro_rules! operations {
    ($($name:ident),* $(,)?) => {
        /// The first byte of every node.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Operation { $($name),* }

        impl Operation {
            const ALL: &'static [Operation] = &[$(Operation::$name),*];
        }
    };
}

operations! {
    None, True, False, Integer, Decimal, Text, Date, Field, Clock, AsOf, Row,
    Not, Negate, And, Or, If, In,
    Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, Add, Subtract, Multiply,
    Call, Aggregate, Shared, Repeats, Decide,
}

const DAMAGED: Fault = Fault::Table("a program is damaged");

/// Reads a program from front to back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'t> {
    rest: &'t [u8],
}

impl<'t> Reader<'t> {
    pub(crate) fn new(code: Code<'t>) -> Self {
        Self { rest: code }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Fault> {
        let (first, rest) = self.rest.split_first().ok_or(DAMAGED)?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn operation(&mut self) -> Result<Operation, Fault> {
        Operation::ALL.get(usize::from(self.byte()?)).copied().ok_or(DAMAGED)
    }

    pub(crate) fn unsigned(&mut self) -> Result<u128, Fault> {
        // Nearly every number fits one byte.
        if let Some((first, rest)) = self.rest.split_first().filter(|(first, _)| **first < 0x80) {
            self.rest = rest;
            return Ok(u128::from(*first));
        }
        let mut value = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            value |= u128::from(byte & 0x7f).checked_shl(shift).ok_or(DAMAGED)?;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(DAMAGED)
    }

    pub(crate) fn signed(&mut self) -> Result<i128, Fault> {
        let value = self.unsigned()?;
        let magnitude = i128::try_from(value >> 1).map_err(|_| DAMAGED)?;
        Ok(if value & 1 == 0 { magnitude } else { -magnitude - 1 })
    }

    pub(crate) fn index(&mut self) -> Result<usize, Fault> {
        if let Some((first, rest)) = self.rest.split_first().filter(|(first, _)| **first < 0x80) {
            self.rest = rest;
            return Ok(usize::from(*first));
        }
        usize::try_from(self.unsigned()?).map_err(|_| DAMAGED)
    }

    /// The next so many bytes, the number in front of them.
    pub(crate) fn block(&mut self) -> Result<Code<'t>, Fault> {
        let length = self.index()?;
        let (block, rest) = self.rest.split_at_checked(length).ok_or(DAMAGED)?;
        self.rest = rest;
        Ok(block)
    }

    pub(crate) fn text(&mut self) -> Result<&'t str, Fault> {
        std::str::from_utf8(self.block()?).map_err(|_| DAMAGED)
    }
}

/// Writing, for the compiler.
#[cfg(feature = "compile")]
pub(crate) mod write {
    use super::Operation;

    pub(crate) fn operation(code: &mut Vec<u8>, operation: Operation) {
        let number = Operation::ALL.iter().position(|known| *known == operation).and_then(|at| u8::try_from(at).ok());
        code.extend(number);
    }

    pub(crate) fn unsigned(code: &mut Vec<u8>, mut value: u128) {
        loop {
            let low = u8::try_from(value & 0x7f).unwrap_or_default();
            value >>= 7;
            if value == 0 {
                code.push(low);
                return;
            }
            code.push(low | 0x80);
        }
    }

    pub(crate) fn signed(code: &mut Vec<u8>, value: i128) {
        let folded = if value < 0 { (value.unsigned_abs() - 1) << 1 | 1 } else { value.unsigned_abs() << 1 };
        unsigned(code, folded);
    }

    pub(crate) fn block(code: &mut Vec<u8>, block: &[u8]) {
        unsigned(code, block.len() as u128);
        code.extend_from_slice(block);
    }
}
