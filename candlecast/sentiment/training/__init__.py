"""How the shipped transformer is made from labelled texts; needs the torch extra."""
