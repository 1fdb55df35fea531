"""Raw attribute values to features."""
