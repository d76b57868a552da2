//! Vehicles: the physical cars of orders.
//!
//! A vehicle comes with its order, reaches milestones, and is archived when a later version of the order no longer has it. Its identity is
//! a VIN, a frame number or another one; a wrong check digit is a pack's finding, never a refusal here.

pub mod table;
