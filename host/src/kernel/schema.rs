//! How values that are written as text look to a program: their JSON Schema, for the description of the HTTP door.

/// Describes a type whose JSON is text: `text_schema!(Zone, "Zone", { "type": "string", "examples": ["Asia/Tokyo"] })`.
#[macro_export]
macro_rules! text_schema {
    ($type:ty, $name:expr, $schema:tt) => {
        impl ::schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!($schema)
            }
        }
    };
}

mod time {
    use crate::kernel::time::{Day, Instant, Zone};

    crate::text_schema!(Day, "Day", { "type": "string", "format": "date" });
    crate::text_schema!(Instant, "Instant", { "type": "string", "format": "date-time" });
    crate::text_schema!(Zone, "Zone", { "type": "string", "description": "A time zone by its IANA name.", "examples": ["Asia/Tokyo"] });
}
