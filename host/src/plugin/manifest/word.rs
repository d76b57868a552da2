//! The closed lists of words that a manifest chooses from.

use std::time::Duration;

crate::words! {
    /// Which limits a component has. The engine has the same classes.
    pub enum Class {
        /// A compiled component that decides.
        Rule = "rule",
        /// A component that brings its interpreter along.
        Interpreted = "interpreted",
        /// A component that lays documents out.
        Renderer = "renderer",
    }
}

crate::words! {
    /// A place where the host asks plugins.
    pub enum HookName {
        /// Which documents an order needs, and what is wrong with it.
        Documents = "documents",
        /// Whether an order may go on.
        OrderGuard = "order-guard",
        /// What an order costs.
        Pricing = "pricing",
        /// Actions, events and a timetable, over data of its own.
        App = "app",
        /// How documents look.
        Render = "render",
    }
}

impl HookName {
    /// Whether the host has an answer of its own to go on with when a plugin fails.
    #[must_use]
    pub const fn has_default(self) -> bool {
        matches!(self, Self::Documents | Self::OrderGuard | Self::Pricing)
    }
}

crate::words! {
    /// What becomes of the order when the plugin fails.
    pub enum OnFailure {
        /// It is refused.
        Closed = "closed",
        /// It goes on with the hook's default.
        Open = "open",
        /// It waits for somebody to look.
        Park = "park",
    }
}

crate::words! {
    /// A write that a plugin may propose. The host decides whether it happens.
    pub enum Effect {
        /// A finding on the order.
        Finding = "finding",
        /// A charge on the order.
        Charge = "charge",
        /// A hold of a vehicle or a quantity.
        Hold = "hold",
        /// A note beside the order.
        Note = "note",
    }
}

crate::words! {
    /// Something that a plugin can be given.
    pub enum GrantName {
        /// Its own settings.
        Config = "config",
        /// The tables of packs.
        Tables = "tables",
        /// Orders beside the one that it is asked about.
        Orders = "orders",
        /// Its own collections.
        Records = "records",
        /// A cache of its own.
        Cache = "cache",
        /// Requests to the hosts that it names.
        Fetch = "fetch",
        /// Randomness, seeded by the host.
        Random = "random",
        /// Work for later.
        Tasks = "tasks",
        /// Being told of events.
        Events = "events",
        /// The secrets among its settings.
        Secrets = "secrets",
    }
}

crate::words! {
    /// What a setting is.
    pub enum SettingKind {
        /// Text.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// An exact decimal, written as text.
        Decimal = "decimal",
        /// `true` or `false`.
        Boolean = "boolean",
        /// One of a list.
        Choice = "choice",
        /// A civil date.
        Date = "date",
        /// Text that is never shown again.
        Secret = "secret",
    }
}

impl HookName {
    /// Whether the plugins of firms are asked through it. The renderer's is the host's own.
    #[must_use]
    pub const fn is_asked(self) -> bool {
        matches!(self, Self::Documents | Self::OrderGuard | Self::Pricing | Self::App)
    }

    /// Whether a plugin is asked through it about each order whose papers are made.
    #[must_use]
    pub const fn judges_orders(self) -> bool {
        matches!(self, Self::Documents | Self::OrderGuard)
    }
}

impl SettingKind {
    /// Whether its length in characters has a limit that the manifest may set.
    #[must_use]
    pub const fn has_length(self) -> bool {
        matches!(self, Self::Text | Self::Secret)
    }
}

crate::words! {
    /// What a field of a collection is.
    pub enum FieldKind {
        /// Text.
        Text = "text",
        /// A whole number.
        Integer = "integer",
        /// An exact decimal, written as text.
        Decimal = "decimal",
        /// `true` or `false`.
        Boolean = "boolean",
        /// One of a list.
        Choice = "choice",
        /// A civil date.
        Date = "date",
        /// The id of something in the house: an order, a party, a vehicle, another record.
        Reference = "reference",
    }
}

crate::words! {
    /// How often a plugin is called by the clock.
    pub enum Every {
        /// Four times an hour.
        QuarterHour = "15m",
        /// Twice an hour.
        HalfHour = "30m",
        /// Once an hour.
        Hour = "1h",
        /// Four times a day.
        SixHours = "6h",
        /// Twice a day.
        TwelveHours = "12h",
        /// Once a day.
        Day = "1d",
        /// Once a week.
        Week = "7d",
    }
}

impl Every {
    /// The time from one call to the next.
    #[must_use]
    pub const fn period(self) -> Duration {
        let minutes = match self {
            Self::QuarterHour => 15,
            Self::HalfHour => 30,
            Self::Hour => 60,
            Self::SixHours => 6 * 60,
            Self::TwelveHours => 12 * 60,
            Self::Day => 24 * 60,
            Self::Week => 7 * 24 * 60,
        };
        Duration::from_secs(minutes * 60)
    }
}
