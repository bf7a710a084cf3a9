"""Why does the model lean this way? The features of a forecast in plain words."""
