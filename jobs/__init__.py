"""Ray Jobs, each run as python -m jobs.<verb>, and the candlecast command."""
