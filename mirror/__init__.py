"""The test-environment mirror: the canonical model in a cluster of its own, everything real except the people."""
