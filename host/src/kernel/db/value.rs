//! How the house's own types become columns. Text for what has a written form, 64-bit numbers for instants: the same on both
//! engines, and sorted the same on both.

/// Lets a type that has `Display` and `FromStr` be a text column, a primary key part and a parameter of a query.
#[macro_export]
macro_rules! text_column {
    ($type:ty) => {
        impl From<$type> for ::sea_orm::Value {
            fn from(value: $type) -> Self {
                ::std::string::ToString::to_string(&value).into()
            }
        }

        impl From<&$type> for ::sea_orm::Value {
            fn from(value: &$type) -> Self {
                ::std::string::ToString::to_string(value).into()
            }
        }

        impl ::sea_orm::sea_query::ValueType for $type {
            fn try_from(value: ::sea_orm::Value) -> ::std::result::Result<Self, ::sea_orm::sea_query::ValueTypeErr> {
                let text = <::std::string::String as ::sea_orm::sea_query::ValueType>::try_from(value)?;
                text.parse().map_err(|_| ::sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> ::std::string::String {
                ::std::stringify!($type).to_owned()
            }

            fn array_type() -> ::sea_orm::sea_query::ArrayType {
                ::sea_orm::sea_query::ArrayType::String
            }

            fn column_type() -> ::sea_orm::sea_query::ColumnType {
                ::sea_orm::sea_query::ColumnType::Text
            }
        }

        impl ::sea_orm::TryGetable for $type {
            fn try_get_by<I: ::sea_orm::ColIdx>(
                row: &::sea_orm::QueryResult,
                index: I,
            ) -> ::std::result::Result<Self, ::sea_orm::TryGetError> {
                let text = <::std::string::String as ::sea_orm::TryGetable>::try_get_by(row, index)?;
                text.parse().map_err(|error| ::sea_orm::DbErr::Type(::std::format!("{error}")).into())
            }
        }

        impl ::sea_orm::sea_query::Nullable for $type {
            fn null() -> ::sea_orm::Value {
                <::std::string::String as ::sea_orm::sea_query::Nullable>::null()
            }
        }

        impl ::sea_orm::TryFromU64 for $type {
            fn try_from_u64(_: u64) -> ::std::result::Result<Self, ::sea_orm::DbErr> {
                Err(::sea_orm::DbErr::ConvertFromU64(::std::stringify!($type)))
            }
        }

        impl ::sea_orm::IntoActiveValue<$type> for $type {
            fn into_active_value(self) -> ::sea_orm::ActiveValue<$type> {
                ::sea_orm::ActiveValue::Set(self)
            }
        }
    };
}

/// A closed set of words as a text column: the enum, its `as_str`, `ALL`, `Display`, `FromStr`, serde and the column.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* $visibility:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $($(#[$variant_meta])* $variant),+
        }

        impl $name {
            /// Every one of them, in the order of the code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word that is stored and shown to programs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::kernel::db::UnknownWord;

            fn from_str(word: &str) -> ::std::result::Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::kernel::db::UnknownWord { word: word.to_owned(), known: &[$($word),+] }),
                }
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                <::std::string::String as ::serde::Deserialize>::deserialize(deserializer)?.parse().map_err(::serde::de::Error::custom)
            }
        }

        $crate::text_column!($name);
        $crate::text_schema!($name, stringify!($name), { "type": "string", "enum": [$($word),+] });
    };
}

/// A word that a closed set does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not one of: {}", known.join(", "))]
pub struct UnknownWord {
    /// What was given.
    pub word: String,
    /// What is allowed.
    pub known: &'static [&'static str],
}

mod instant {
    use crate::kernel::time::{Day, Instant, Zone};
    use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr};
    use sea_orm::{ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryFromU64, TryGetError, TryGetable, Value};

    crate::text_column!(Day);
    crate::text_column!(Zone);

    impl From<Instant> for Value {
        fn from(instant: Instant) -> Self {
            instant.micros().into()
        }
    }

    impl ValueType for Instant {
        fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
            Self::from_micros(<i64 as ValueType>::try_from(value)?).ok_or(ValueTypeErr)
        }

        fn type_name() -> String {
            "Instant".to_owned()
        }

        fn array_type() -> ArrayType {
            ArrayType::BigInt
        }

        fn column_type() -> ColumnType {
            ColumnType::BigInteger
        }
    }

    impl TryGetable for Instant {
        fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
            let micros = <i64 as TryGetable>::try_get_by(row, index)?;
            Self::from_micros(micros).ok_or_else(|| DbErr::Type(format!("{micros} is no instant in microseconds")).into())
        }
    }

    impl Nullable for Instant {
        fn null() -> Value {
            <i64 as Nullable>::null()
        }
    }

    impl TryFromU64 for Instant {
        fn try_from_u64(_: u64) -> Result<Self, DbErr> {
            Err(DbErr::ConvertFromU64("Instant"))
        }
    }

    impl IntoActiveValue<Instant> for Instant {
        fn into_active_value(self) -> ActiveValue<Instant> {
            ActiveValue::Set(self)
        }
    }
}
