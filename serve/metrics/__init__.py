"""What `/metrics` tells: how the stores stand, what every process counts, what Ray and Serve count."""
