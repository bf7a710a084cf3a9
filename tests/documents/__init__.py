"""What the documents tell to type, and how each part of it is checked."""
