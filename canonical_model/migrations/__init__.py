"""How the database came to the shape it has: one step a file, in ``versions``."""
