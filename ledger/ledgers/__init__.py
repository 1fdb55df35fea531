"""One file a back end of the ledger contract."""
