"""The rents mainframe: account master, charges, calendar and postings."""
