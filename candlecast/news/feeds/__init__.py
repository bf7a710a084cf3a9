"""Adapters of news feeds: one file a format, same verbs."""
