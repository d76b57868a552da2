"""Work that the app puts off. Needs the grant `tasks` in plugin.toml."""

from wit_world.imports.tasks import Error_BadName, Error_TooLarge, Error_TooMany, later

__all__ = ["Error_BadName", "Error_TooLarge", "Error_TooMany", "later"]
