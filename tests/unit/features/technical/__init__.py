"""Unit tests of candlecast.features.technical."""
