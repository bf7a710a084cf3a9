"""Unit tests of candlecast.models."""
