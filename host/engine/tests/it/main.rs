//! The engine against guests that attack it and guests that behave.

mod attacks;
mod calls;
mod handmade;
mod loading;
mod support;
mod world;
