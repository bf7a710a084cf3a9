"""What the dashboard shows: each panel as HTML text, made of answers of the API, every value from outside escaped."""
