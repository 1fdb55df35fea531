"""The command line: each command on real files and a real ledger, its exit status and its words."""

import csv
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import apsw
import polars as pl
import pytest
from running_command import MAPPING, PEOPLE, Run

from app.cli.console import written_whole

SPLINK = Path(__file__).parents[1] / "golden" / "splink"


def test_link_says_who_is_one_person(run: Run, tmp_path: Path) -> None:
    status, _, err = run(
        "link", "people.csv", "--mapping", "m.yaml", "--output", "pred.csv", "--model", "default"
    )
    assert status == 0, err
    assert "3 records are 2 persons" in err
    rows = list(csv.DictReader((tmp_path / "pred.csv").read_text().splitlines()))
    assert [row["entity_id"] for row in rows] == ["crm|1", "crm|1", "crm|3"]
    assert float(rows[0]["weakest_match_weight"]) > 0
    assert rows[2]["weakest_match_weight"] == ""


def test_evaluate_scores_a_partition_against_labels(run: Run, tmp_path: Path) -> None:
    run("link", "people.csv", "--mapping", "m.yaml", "--output", "pred.csv", "--model", "default")
    (tmp_path / "truth.csv").write_text("source,source_id,label\ncrm,1,a\ncrm,2,b\ncrm,3,c\ncrm,9,d\n")
    status, out, err = run("evaluate", "pred.csv", "truth.csv")
    assert status == 0, err
    assert "pairwise  precision 0.0000  recall 1.0000" in out
    assert "1 persons hold records of several; 0 are in several parts" in out
    assert "1 labelled records are not in pred.csv" in err
    assert run("evaluate", "pred.csv", "truth.csv", "--label", "none")[0] == 2
    assert run("evaluate", "pred.csv", "none.csv")[0] == 2


def test_a_first_load_trains_and_a_model_can_be_written(run: Run, tmp_path: Path) -> None:
    many = PEOPLE + "".join(
        f"{n},Given{n},Family{n % 37},19{n % 60 + 30}-0{n % 9 + 1}-1{n % 9},\n" for n in range(10, 200)
    )
    (tmp_path / "people.csv").write_text(many)
    status, _, err = run("ingest", "people.csv", "--mapping", "m.yaml", "--train")
    assert status == 0, err
    assert "is in force" in err
    status, _, err = run("ingest", "people.csv", "--mapping", "m.yaml", "--train")
    assert status == 2
    assert "first load" in err
    assert run("train", "--output", "model.json")[0] == 0
    status, _, err = run(
        "link", "people.csv", "--mapping", "m.yaml", "--output", "p.csv", "--model", "model.json"
    )
    assert status == 0, err
    assert run("train")[0] == 2


def test_a_model_from_splink_is_shown_before_it_is_in_force_and_goes_back_out(
    run: Run, tmp_path: Path
) -> None:
    assert run("ingest", "people.csv", "--mapping", "m.yaml")[0] == 0
    status, _, err = run("export", "--splink", "settings.json")
    assert status == 2
    assert "Splink has no equal of" in err
    settings = json.loads((SPLINK / "settings.json").read_text("utf-8"))
    settings["comparisons"] = [one for one in settings["comparisons"] if one["output_column_name"] == "dob"]
    settings["blocking_rules_to_generate_predictions"] = ["l.born = r.born"]
    text = json.dumps(settings).replace("dob_", "born_")
    (tmp_path / "theirs.json").write_text(text)
    train = ("train", "--from-splink", "theirs.json", "--promote")
    status, _, err = run(*train)
    assert status == 2
    assert "born=" in err
    train += ("--column", "born=birth")
    status, out, _ = run(*train, "--yes")
    assert status == 0
    assert "3 records: 2 persons now" in out
    assert "Findings that name persons who change: 0." in out
    assert run("export", "--splink", "settings.json")[0] == 0
    assert (
        json.loads((tmp_path / "settings.json").read_text())["comparisons"][0]["output_column_name"] == "dob"
    )
    status, out, _ = run("train", "--from-splink", "settings.json", "--promote", "--yes")
    assert status == 0
    assert "Merges: 0 " in out
    assert "Splits: 0 " in out


def test_ingest_loads_once_and_quarantines_what_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE + "4,Zyzzyva,Wrong,1990-13-45,\n")
    status, out, _ = run("ingest", "people.csv", "--mapping", "m.yaml", "--dry-run", "--strict")
    assert status == 1
    assert "1 would be refused" in out
    assert "line 5" in out
    assert not (tmp_path / "kith-data").exists()
    status, _, err = run("ingest", "people.csv", "--mapping", "m.yaml")
    assert status == 0, err
    assert "3 records" in err
    assert "1 refused" in err
    assert "Zyzzyva" not in err + out
    status, _, err = run("ingest", "people.csv", "--mapping", "m.yaml", "--strict")
    assert status == 1
    assert "3 known already" in err


def test_a_full_extract_deletes_what_it_does_not_hold(run: Run, tmp_path: Path) -> None:
    full = ("ingest", "people.csv", "--mapping", "m.yaml", "--full-extract")
    assert run(*full)[0] == 0
    rows = PEOPLE.splitlines()
    rows[2] = rows[2].replace("1984-03-14", "1984-13-14")  # refused, but there
    (tmp_path / "people.csv").write_text("\n".join(rows[:3]) + "\n")
    status, _, err = run(*full)
    assert status == 1
    assert "1 of 3" in err
    assert "--confirm 1" in err
    status, _, err = run(*full, "--confirm", "1")
    assert status == 0, err
    assert "1 of 3 are no longer said and were deleted" in err
    (tmp_path / "m.yaml").write_text(MAPPING.replace("id: nr", "id: row_number"))
    assert run(*full)[0] == 2


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("ingest", "none.csv", "--mapping", "m.yaml"), 2, "none.csv"),
        (("ingest", "people.csv", "--mapping", "none.yaml"), 2, "none.yaml"),
        (("ingest", "empty.csv", "--mapping", "m.yaml"), 2, "empty.csv"),
        (("ingest", "latin.csv", "--mapping", "m.yaml"), 2, "latin.csv"),
        (("ingest", "broken.parquet", "--mapping", "m.yaml"), 2, "broken.parquet"),
        (("ingest", "short.csv", "--mapping", "m.yaml"), 2, "born"),
        (("ingest", "people.csv", "--mapping", "people.csv"), 2, "people.csv"),
        (("link", "people.csv", "--mapping", "m.yaml", "--output", "o.csv", "--model", "none"), 2, "--model"),
        (("link", "people.csv", "--mapping", "m.yaml", "--output", "no/where.csv"), 2, "no/where.csv"),
        (("detect",), 2, "holds no ledger"),
        (("doctor",), 2, "holds no ledger"),
        (("rebuild", "--data", "elsewhere"), 2, "elsewhere"),
        (("restore", "people.csv"), 2, "no backup"),
        (("generate", "--output", "f", "--staff", "500", "--related", "10"), 2, "3 related"),
        (("key", "create", "P", "--role", "pusher"), 2, "--source"),
        (("key", "revoke", "none", "--data", "made"), 2, "kith key list"),
        (("nonsense",), 2, "nonsense"),
        (("serve", "--port", "99999999"), 2, "port"),
    ],
)
def test_bad_input_is_one_sentence_and_leaves_nothing(
    run: Run, tmp_path: Path, words: tuple[str, ...], status: int, said: str
) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "latin.csv").write_bytes(PEOPLE.replace("Dexter", "Dext\xe9r").encode("latin-1"))
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 cut off")
    (tmp_path / "short.csv").write_text("nr,first,last\n1,A,B\n")
    if "made" in words:
        run("key", "create", "A", "--role", "auditor", "--data", "made")
    got, _, err = run(*words)
    assert (got, "Traceback" in err) == (status, False), err
    assert said in err
    assert not (tmp_path / "kith-data" / "kith.db").exists() or "ingest" in words


def test_detect_writes_findings(run: Run, tmp_path: Path) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    assert run("detect", "--output", "found.parquet")[0] == 0
    frame = pl.read_parquet(tmp_path / "found.parquet")
    assert frame.columns[:3] == ["finding_id", "pattern", "severity"]
    assert run("detect", "--pattern", "none")[0] == 2
    assert run("detect", "--output", "found.xls")[0] == 2


def test_keys_are_made_listed_and_revoked(run: Run) -> None:
    status, out, _ = run("key", "create", "Ann", "--role", "investigator", "--role", "auditor")
    assert status == 0
    assert out.startswith("kith_")
    key_id = out.split("_")[1]
    assert run("key", "create", "HR", "--role", "pusher", "--source", "hr")[0] == 0
    assert "http://127.0.0.1:8765/open?token=" in run("key", "open", key_id)[1]
    listed = run("key", "list")[1]
    assert key_id in listed
    assert out.strip() not in listed
    assert run("key", "revoke", key_id)[0] == 0
    assert "revoked" in run("key", "list")[1]
    assert run("key", "open", key_id)[0] == 2


def test_audit_shows_verifies_and_exports(run: Run, tmp_path: Path) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    assert "0 looks" in run("audit", "verify")[2]
    assert "audit show" in run("audit", "show")[1]
    (tmp_path / "head.json").write_text(run("audit", "head")[1])
    assert run("audit", "export", "--output", "looks.jsonl")[0] == 0
    assert run("audit", "export", "--output", "looks.jsonl")[0] == 2
    *rows, head = map(json.loads, (tmp_path / "looks.jsonl").read_text().splitlines())
    assert [row["action"] for row in rows] == ["audit show", "audit export"]
    assert head["head"]["audit"] == rows[-1]["position"] == 2
    assert run("audit", "verify", "--head", "head.json")[0] == 0
    assert run("audit", "verify", "--head", "m.yaml")[0] == 2
    older = json.loads((tmp_path / "head.json").read_text())
    for change in ({"sequence": 9_999}, {"audit": 9}, {"mac": "00"}):  # cut, cut, and another chain
        (tmp_path / "other.json").write_text(json.dumps({**older, **change}))
        status, _, err = run("audit", "verify", "--head", "other.json")
        assert (status, "put back" in err) == (1, True)
    connection = apsw.Connection(str(tmp_path / "kith-data" / "kith.db"))
    connection.execute(
        "DROP TRIGGER audit_never_updated; UPDATE audit SET body = replace(body, 'show', 'hide')"
    )
    connection.close()
    status, _, err = run("audit", "verify")
    assert (status, "position 1" in err) == (1, True)


def test_retention_rules_are_set_shown_run_and_dropped(run: Run) -> None:
    run("ingest", "people.csv", "--mapping", "m.yaml")
    assert run("retention", "set", "--source", "crm", "--kind", "record", "--days", "365")[0] == 0
    _, out, err = run("retention", "list")
    assert "365" in out
    assert "0 records" in err
    assert "Nothing is due" in run("retention", "run")[2]
    assert run("retention", "drop", "--source", "crm")[0] == 0
    assert run("retention", "drop", "--source", "crm")[0] == 2


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@pytest.mark.slow
def test_serve_starts_stops_cleanly_and_names_a_port_in_use(run: Run, tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as kith:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=5) as answer:
                    assert json.load(answer)["ready"]
                break
            except OSError:
                assert kith.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
        status, _, err = run("serve", "--port", str(port), "--data", "other")
        assert (status, "in use" in err, "--port" in err) == (3, True, True)
        kith.send_signal(signal.SIGINT)
        said, _ = kith.communicate(timeout=30)
    assert kith.returncode == 0
    assert "Traceback" not in said
    assert f"http://127.0.0.1:{port}/open?token=" in said
    assert (tmp_path / "kith-data" / "key").stat().st_mode & 0o777 == 0o600


def test_serving_others_without_their_keys_is_refused(run: Run) -> None:
    status, _, err = run("serve", "--host", "0.0.0.0", "--port", str(free_port()))
    assert status == 3
    assert "kith key create" in err


@pytest.mark.slow
def test_the_demo_loads_once_and_is_used_again(run: Run) -> None:
    small = ("demo", "--no-serve", "--staff", "500", "--related", "1500", "--years", "0.25")
    status, out, err = run(*small)
    assert status == 0, err
    assert "findings worth a look" in out
    status, again, err = run(*small)
    assert status == 0
    assert "is used as it is" in err
    assert again.split(".")[0] == out.split(".")[0]


def test_what_cannot_be_read_or_written_leaves_nothing_behind(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    assert run("ingest", "empty.csv", "--mapping", "m.yaml")[0] == 2
    assert not (tmp_path / "kith-data").exists()
    for command in ("link people.csv --mapping m.yaml --model default --output", "detect --output"):
        status, _, err = run(*command.split(), "none/out.parquet")
        assert (status, "there is no such folder" in err) == (2, True)
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "out.csv") as passing:
        (passing.write_text("half"), passing.rename("elsewhere"), passing.read_text())
    assert not list(tmp_path.glob("*out.csv*"))


def test_a_load_while_neo4j_is_down_is_kept_and_says_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_NEO4J_URL", f"bolt://127.0.0.1:{free_port()}")
    status, _, err = run("ingest", "people.csv", "--mapping", "m.yaml")
    assert (status, "is kept" in err, "kith detect" in err) == (3, True, True)
    monkeypatch.delenv("KITH_NEO4J_URL")
    assert run("rebuild")[0] == 0
    assert run("doctor")[0] == 0
    assert "3 known already" in run("ingest", "people.csv", "--mapping", "m.yaml")[2]
