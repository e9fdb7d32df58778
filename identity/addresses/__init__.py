"""Where is where: addresses as people write them, to the UPRNs of the gazetteer."""
