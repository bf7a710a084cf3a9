"""Jobs that run by themselves: which, when, and what became of them."""
