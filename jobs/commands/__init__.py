"""Subcommands of the candlecast command, by topic."""
