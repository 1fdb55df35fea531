"""One file a comparison, found by discovery; a file's stem is its comparison's id."""
