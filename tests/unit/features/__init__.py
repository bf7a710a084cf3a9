"""Unit tests of candlecast.features."""
