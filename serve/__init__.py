"""The Ray Serve application: the HTTP API and its deployments."""
