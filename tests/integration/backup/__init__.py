"""Mirrors the source folder of the same name."""
