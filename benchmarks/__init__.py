"""Benchmarks: each measures the hub beside a named peer in one run and keeps its figures as JSON lines."""
