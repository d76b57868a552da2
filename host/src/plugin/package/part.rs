//! The parts of a package: each one layer of its manifest.

use super::limits::{COMPONENT_BYTES_MAX, PLUGIN_TOML_BYTES_MAX, TAR_BYTES_MAX};

/// The artifact type of a package.
pub const ARTIFACT_TYPE: &str = "application/vnd.roro.plugin.v1";

/// A part of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// plugin.toml.
    PluginToml,
    /// The component.
    Component,
    /// The pack's files.
    Pack,
    /// Assets and locales.
    Assets,
    /// Fixtures.
    Fixtures,
}

impl Part {
    /// Every part, in the order of the layers.
    pub const ALL: [Self; 5] = [Self::PluginToml, Self::Component, Self::Pack, Self::Assets, Self::Fixtures];

    /// The part of a layer; none for a layer that a package has not.
    #[must_use]
    pub fn of(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.media_type() == media_type)
    }

    /// The media type of the layer.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::PluginToml => "application/vnd.roro.plugin.manifest.v1+toml",
            Self::Component => "application/wasm",
            Self::Pack => "application/vnd.roro.plugin.pack.v1.tar",
            Self::Assets => "application/vnd.roro.plugin.assets.v1.tar",
            Self::Fixtures => "application/vnd.roro.plugin.fixtures.v1.tar",
        }
    }

    /// The name of the layer as a file.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::PluginToml => "plugin.toml",
            Self::Component => "component.wasm",
            Self::Pack => "pack.tar",
            Self::Assets => "assets.tar",
            Self::Fixtures => "fixtures.tar",
        }
    }

    /// How large the layer may be.
    #[must_use]
    pub fn bytes_max(self) -> u64 {
        match self {
            Self::PluginToml => PLUGIN_TOML_BYTES_MAX,
            Self::Component => COMPONENT_BYTES_MAX,
            Self::Pack | Self::Assets | Self::Fixtures => TAR_BYTES_MAX,
        }
    }
}
