//! Shipments: what sails together under one booking.
//!
//! A shipment comes with its order and changes with it. Papers about the voyage have it as their subject. It never calls a plugin.

pub mod table;
