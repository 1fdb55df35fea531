"""Print the contract tests that passed per store and version; fail unless each store passed the same ones."""

import re
import sys
from xml.etree import ElementTree

from neo4j_server import VERSIONS


def passed(report: str, store: str) -> set[str]:
    """Return the contract tests of a JUnit report that passed on a store, named without the store."""
    tests = set()
    for case in ElementTree.parse(report).iter("testcase"):
        name, _, parameters = case.get("name", "").split("@")[0].partition("[")
        if ".contracts." not in case.get("classname", "") or len(case):
            continue
        words = re.split(r"[-\]]", parameters)
        if store in words:
            tests.add(f"{case.get('classname')}::{name}[{'-'.join(word for word in words if word != store)}")
    return tests


def main(lts: str, current: str) -> int:
    """Compare the runs; return the exit status."""
    runs = {
        "embedded": passed(lts, "embedded"),
        f"neo4j {VERSIONS['lts'].number}": passed(lts, "neo4j"),
        f"neo4j {VERSIONS['current'].number}": passed(current, "neo4j"),
    }
    everything = set().union(*runs.values())
    for run, tests in runs.items():
        print(f"{run:18} {len(tests):4} contract tests passed")
        for missing in sorted(everything - tests):
            print(f"  not passed here: {missing}")
    return 0 if everything and all(tests == everything for tests in runs.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
