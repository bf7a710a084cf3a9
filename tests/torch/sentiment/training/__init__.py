"""Mirrors candlecast/sentiment/training where it needs torch."""
