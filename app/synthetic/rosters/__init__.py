"""Rosters of a synthetic force: who worked when, who volunteered, and what was arranged among them."""
