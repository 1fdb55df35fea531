"""HTTP, web page and command line over the other rooms; thin."""
