//! The types of expressions.

use crate::table::Kind;

/// What an expression gives. Everything may also be none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// `none`, or something that is already reported: it fits everything.
    Any,
    Text,
    Integer,
    Decimal,
    Date,
    Boolean,
    Money,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Any => "none",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Boolean => "boolean",
            Self::Money => "money",
        }
    }

    pub(super) fn is_number(self) -> bool {
        matches!(self, Self::Any | Self::Integer | Self::Decimal)
    }

    pub(super) fn is_amount(self) -> bool {
        self.is_number() || self == Self::Money
    }

    pub(super) fn has_order(self) -> bool {
        self.is_amount() || self == Self::Date
    }

    /// Whether a value of this type fits where the other is wanted.
    pub(super) fn fits(self, wanted: Self) -> bool {
        self == wanted || self == Self::Any || wanted == Self::Any
    }

    /// The type that both fit; integers widen to decimals.
    pub(super) fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, known) | (known, Self::Any) => Some(known),
            (one, two) if one == two => Some(one),
            (Self::Integer, Self::Decimal) | (Self::Decimal, Self::Integer) => Some(Self::Decimal),
            _ => None,
        }
    }
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Integer => Self::Integer,
            Kind::Decimal => Self::Decimal,
            Kind::Date => Self::Date,
            Kind::Boolean => Self::Boolean,
            Kind::Money => Self::Money,
        }
    }
}
