"""What is asked of Kith, one file a subject: the read side that routes, page and commands share."""
