"""One file a comparison: ordered comparison levels of one feature."""
