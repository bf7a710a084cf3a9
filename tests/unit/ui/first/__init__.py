"""The parts of the page that need no browser."""
