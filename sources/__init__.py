"""Source mappings of the demo's systems, one YAML file each."""
