"""A command of `kith` run in a test's own folder, with a file of people and its mapping."""

from collections.abc import Callable

PEOPLE = """nr,first,last,born,phone
1,Rosalind,Quillfeather,1984-03-14,07700 900418
2,Rosalind,Quillfeather,1984-03-14,07700 900418
3,Dexter,Harrowgate,1979-11-02,07700 900777
"""
MAPPING = """mapping: 1
source: {value: crm}
id: nr
record:
  name: {columns: {given: first, family: last}}
  date_of_birth: born
  phone: phone
"""

Run = Callable[..., tuple[int, str, str]]
"""Runs a command: status, stdout, stderr."""
