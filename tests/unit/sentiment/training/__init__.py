"""Tests of training what needs no torch."""
