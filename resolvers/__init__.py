"""Who is who. Pure: knows no database, no graph, no HTTP."""
