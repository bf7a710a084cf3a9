"""No network, no Ray, no server: under 30 seconds."""
