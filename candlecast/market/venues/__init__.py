"""One file a venue, the same verbs in each."""
