"""Events that the app tells. Needs the grant `events` in plugin.toml."""

from wit_world.imports.events import Error_BadName, Error_BadPayload, Error_TooMany, tell

__all__ = ["Error_BadName", "Error_BadPayload", "Error_TooMany", "tell"]
