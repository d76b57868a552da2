"""The tenant's settings for this plugin. Needs the grant `config` in plugin.toml."""

from wit_world.imports.config import get

__all__ = ["get"]
