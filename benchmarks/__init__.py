"""How figures are measured: one file a question, ours and the baseline in one run."""
