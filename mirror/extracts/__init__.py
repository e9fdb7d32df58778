"""Masked extracts: the landed batches under the mirror's masks, written back in each system's own technology."""
