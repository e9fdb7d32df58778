"""What a council's housing data is: tables, code lists, migrations and the queries that read them."""
