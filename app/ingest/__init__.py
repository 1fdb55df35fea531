"""The way in: source mappings, readers of files, and validation of what is pushed."""

from app.ingest.mapping import Mapping, load_mapping
from app.ingest.problem import BadInput, FileError, IngestError, MappingError, Problem, Rejected
from app.ingest.reading import DryRun, Reading, dry_run, read

__all__ = [
    "BadInput",
    "DryRun",
    "FileError",
    "IngestError",
    "Mapping",
    "MappingError",
    "Problem",
    "Reading",
    "Rejected",
    "dry_run",
    "load_mapping",
    "read",
]
