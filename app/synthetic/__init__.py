"""A synthetic police force with an answer key."""
