"""One file a back end of the store contract."""
