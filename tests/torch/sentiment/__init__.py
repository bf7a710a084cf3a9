"""Mirrors candlecast/sentiment where it needs torch."""
