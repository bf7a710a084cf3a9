"""News: what was told, by whom, when we knew it, and which symbols it is about."""
