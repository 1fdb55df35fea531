"""What is worth a look and why: one file a pattern."""
