"""A small made-up world for the browser: two findings, a person of three records, a doubtful match, a hub."""

from typing import Any

import httpx

SOURCES = ("hr", "vetting", "payroll", "custody", "housing", "complaints")

OFFICER: dict[str, dict[str, Any]] = {
    "hr": {
        "name": [{"given": "Rosalind", "family": "Quillfeather"}],
        "date_of_birth": "1984-03-14",
        "staff_number": "S77310",
        "phone": "07700 900418",
        "unit": "Northway Station",
    },
    "vetting": {
        "name": [{"given": "Rosalind", "middle": "Jane", "family": "Quillfeather"}],
        "date_of_birth": "1984-03-14",
        "staff_number": "S77310",
        "email": "r.quillfeather@police.example",
    },
    "payroll": {
        "name": [{"full": "Quillfeather, Rosalind"}],
        "date_of_birth": "1984-03-14",
        "staff_number": "S77310",
        "address": [{"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2021-04-01"}],
    },
}
OTHERS: dict[tuple[str, str], dict[str, Any]] = {
    ("custody", "N1"): {
        "name": [{"given": "Dexter", "family": "Harrowgate"}],
        "date_of_birth": "1979-11-02",
        "phone": "07700 900555",
        "address": [{"line": "14 Alder Close, Northway", "postcode": "ZZ9 7AB", "valid_from": "2022-01-01"}],
    },
    ("custody", "N2"): {
        "name": [{"given": "Imelda", "family": "Sparrowhawk"}],
        "date_of_birth": "1990-05-21",
        "phone": "07700 900555",
        "vehicle": "KX19 VRT",
    },
    ("housing", "H7"): {
        "name": [{"full": "I Sparowhawk"}],
        "date_of_birth": "1990-05-21",
        "address": [{"line": "3 Quarry Rise, Northway", "postcode": "ZZ9 8CD", "valid_from": "2020-02-01"}],
    },
}
OTHERS |= {
    ("custody", "N3"): {
        "name": [{"given": "Fergus", "family": "Underhollow"}],
        "date_of_birth": "1988-12-09",
        "phone": "07700 900777",
    },
    ("hr", "9"): {
        "name": [{"given": "Genevieve", "family": "Marlowick"}],
        "date_of_birth": "1981-08-30",
        "staff_number": "S1009",
        "phone": "07700 900777",
        "unit": "Northway Station",
    },
}
DOUBTFUL = (
    {"name": [{"full": "Daphne Oakhanger"}], "date_of_birth": "1975-05-16"},
    {"name": [{"full": "Delphine Oakengate"}], "date_of_birth": "1975-05-16"},
    {"name": [{"full": "D Oakhangar"}], "date_of_birth": "1975-05-16"},
    {"name": [{"full": "Mark Oakhanger"}], "date_of_birth": "1975-05-15"},
)
"""Records ever less like a colleague's: whatever the model's weights, one of them is left to a human."""

COLLEAGUES = ("Ambrose Tidewater", "Bettina Lockridge", "Cornelius Fenwright", "Delphine Oakhanger")


def fill(api: httpx.Client) -> None:
    """Push the world, the officer's records last, so that the finding is raised by a push."""
    for source in SOURCES:
        _put(api, f"/v1/sources/{source}", {})
    for (source, source_id), attributes in OTHERS.items():
        _put(api, f"/v1/records/{source}/{source_id}", {"attributes": attributes})
    for number, name in enumerate(COLLEAGUES, 2):
        given, _, family = name.partition(" ")
        attributes = {
            "name": [{"given": given, "family": family}],
            "date_of_birth": f"19{70 + number}-0{number}-1{number}",
            "staff_number": f"S100{number}",
            "unit": "Northway Station",
        }
        _put(api, f"/v1/records/hr/{number}", {"attributes": attributes})
    for number, attributes in enumerate(DOUBTFUL, 1):
        _put(api, f"/v1/records/complaints/{number}", {"attributes": attributes})
    for source_id in ("N1", "N3"):
        custody = {
            "kind": "custody",
            "from": "2024-05-03T21:00:00Z",
            "to": "2024-05-04T06:00:00Z",
            "participants": [{"source": "custody", "source_id": source_id, "role": "detained"}],
        }
        _put(api, f"/v1/events/custody/D-{source_id}", custody)
    for source, attributes in OFFICER.items():
        _put(api, f"/v1/records/{source}/1", {"attributes": attributes})


def _put(api: httpx.Client, path: str, body: dict[str, Any]) -> None:
    answer = api.put(path, json=body)
    assert answer.status_code == 200, answer.text
