"""Unit tests of candlecast.evaluation."""
