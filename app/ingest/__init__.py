"""Readers and source mappings: from files and pushes to canonical records and events."""
