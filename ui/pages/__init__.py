"""The pages of the UI."""
