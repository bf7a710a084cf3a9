"""Ray actors that live as long as the cluster: ingestion and its supervisor."""
