"""The values that travel between the rooms, and the tables that keep them."""
