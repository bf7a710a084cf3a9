"""What each venue does in its own way, one file a venue."""
