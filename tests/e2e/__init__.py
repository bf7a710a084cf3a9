"""The stack as a user starts it."""
