"""A cache of the app's own. Needs the grant `cache` in plugin.toml."""

from wit_world.imports.cache import Error_BadKey, Error_TooLarge, get, put, remove

__all__ = ["Error_BadKey", "Error_TooLarge", "get", "put", "remove"]
