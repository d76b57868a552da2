"""The tables of the packs. Needs the grant `tables` in plugin.toml."""

from wit_world.imports.tables import packs

__all__ = ["packs"]
