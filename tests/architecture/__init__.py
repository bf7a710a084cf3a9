"""Import contracts and the shape of the tree."""
