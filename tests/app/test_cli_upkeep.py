"""The commands that keep and withhold: backup, restore, erase, restrict; and the version."""

import json
import shutil
from importlib.metadata import version
from pathlib import Path

from running_command import Run

from app.settings import Settings
from app.wiring import running


def test_the_version_is_told(run: Run) -> None:
    assert run("--version")[:2] == (0, f"kith {version('kith')}\n")


def test_a_backup_is_put_back_whole(run: Run, tmp_path: Path) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    before = run("rebuild")[2]
    assert run("backup", "copy")[0] == 0
    assert run("backup", "copy")[0] == 2
    shutil.rmtree(tmp_path / "kith-data")
    assert run("restore", "copy")[0] == 0
    assert run("rebuild")[2] == before
    with running(Settings(data=tmp_path / "kith-data")):
        status, _, err = run("restore", "copy")
    assert (status, "in use" in err) == (3, True)
    (tmp_path / "kith-data" / "kith.db").write_bytes(b"rubbish" * 1000)
    assert "--accept-rollback" in run("restore", "copy")[2]  # nobody can say what the backup lacks
    assert run("restore", "copy", "--accept-rollback")[0] == 0
    (tmp_path / "copy" / "kith.db").write_bytes(b"rubbish" * 1000)
    assert run("restore", "copy")[0] == 2
    assert run("rebuild")[2] == before
    assert not list(tmp_path.glob("*.restoring"))


def test_a_restore_that_would_lose_something_says_so(run: Run, tmp_path: Path) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    run("backup", "copy")
    run("erase", "crm|3")
    (tmp_path / "erased.txt").write_text(run("erase", "--keys")[1])
    status, _, err = run("restore", "copy")
    assert (status, "--accept-rollback" in err) == (2, True)
    assert run("erase", "crm|3")[0] == 2
    status, _, err = run("restore", "copy", "--accept-rollback", "--erasures", "erased.txt")
    assert (status, "Erased again" in err) == (0, True)
    assert run("erase", "crm|3")[0] == 2
    assert run("doctor")[0] == 0


def test_erase_prints_a_certificate_and_names_what_is_wrong(run: Run) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    status, out, err = run("erase", "crm|1", "--reason", "request")
    assert status == 0, err
    certificate = json.loads(out)
    assert certificate["counts"]["records"] == 1
    assert certificate["purged_at"]
    assert "Backups" in err
    assert json.loads(run("erase", "--list")[1]) == certificate
    assert run("erase", "--finish")[0] == 0
    assert "target 1" in run("erase", "crm|none")[2]
    status, _, err = run("erase", "crm|1")
    assert (status, certificate["certificate"] in err) == (2, True)
    assert [run("erase", *words)[0] for words in ((), ("crm|2", "--list"), ("crm|2", "--reason", "x"))] == [
        2
    ] * 3
    assert "1 of records that were erased" in run("ingest", "people.csv", "--mapping", "m.yaml")[2]
    assert run("doctor")[0] == 0


def test_restrict_withholds_lists_and_lifts(run: Run) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    status, out, err = run("restrict", "crm|1", "--reason", "objection")
    assert status == 0, err
    begun = json.loads(out)
    assert (begun["reason"], begun["records"], begun["lifted_at"]) == ("objection", 1, None)
    assert json.loads(run("restrict", "--list")[1]) == begun
    assert "restrict" in run("audit", "show")[1]
    assert run("doctor")[0] == 0
    lifted = json.loads(run("restrict", "--lift", begun["id"])[1])
    assert lifted["lifted_by"] == "kith restrict"
    wrong = ((), ("--lift", begun["id"]), ("crm|none",), ("crm|2", "--reason", "x"), ("crm|2", "--list"))
    assert [run("restrict", *words)[0] for words in wrong] == [2] * 5
