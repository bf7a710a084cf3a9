"""Candles: what they are, where they come from, when they open and close."""
