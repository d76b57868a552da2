"""Randomness, the same for the same call. Needs the grant `random` in plugin.toml."""

from wit_world.imports.random import bytes

__all__ = ["bytes"]
