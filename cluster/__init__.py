"""The Ray cluster: connecting, submitting, and the whole stack on one machine."""
