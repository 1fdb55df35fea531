"""A synthetic police force with an answer key."""

from app.synthetic.generation import Summary, generate

__all__ = ["Summary", "generate"]
