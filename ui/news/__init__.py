"""What the page of the news is made of: what is wanted, what was found, and how both are shown."""
