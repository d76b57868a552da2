//! Plugins as a firm meets them: what one asks for, how it travels, and who vouches for it.
//!
//! A plugin begins as a folder with `plugin.toml` ([`manifest`]). It travels as an OCI artifact, in a folder or in one file ([`package`]),
//! with the signatures of those who vouch for it ([`signature`]). Nothing here runs a plugin: the guest door does.

pub mod manifest;
pub mod package;
pub mod signature;
