"""What the page of the models is made of: the registry, one model, two beside each other, jobs."""
