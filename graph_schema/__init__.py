"""What the graph holds, declared once, and the stores that hold it."""
