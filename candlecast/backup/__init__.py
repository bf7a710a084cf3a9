"""Everything that cannot be had again in one file: the database and the models that it names."""
