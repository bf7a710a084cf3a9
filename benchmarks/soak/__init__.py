"""Does the whole stack hold for days, under readers and faults? See docs/soak.md."""
