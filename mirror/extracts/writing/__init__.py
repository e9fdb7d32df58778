"""Masked rows in each system's own technology, by the writers of the made-up council. One file a technology."""
