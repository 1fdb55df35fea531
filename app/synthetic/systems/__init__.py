"""One file a source system of the synthetic force: what it knows, in its own columns, with its own errors."""
