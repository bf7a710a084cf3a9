"""What the page of the settings is made of."""
