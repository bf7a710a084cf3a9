"""Is everything well, and if not: what mends it? Looks, and changes nothing."""
