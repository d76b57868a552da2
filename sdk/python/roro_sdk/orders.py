"""Orders of the firm. Needs the grant `orders` in plugin.toml."""

from wit_world.imports.orders import Card, Error_BadNote, Error_TooMany, Error_Unknown, Page, newest, note, open

__all__ = ["Card", "Error_BadNote", "Error_TooMany", "Error_Unknown", "Page", "newest", "note", "open"]
