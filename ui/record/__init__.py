"""What the page of the track record is made of: whose record, its figures, its charts and its rows."""
