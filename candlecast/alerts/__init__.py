"""Tells people when a figure crosses a threshold."""
