"""The doctor looks at everything and says what to do."""

import json
import os
import socket

import pytest

from quorate.cli.checks import local_findings, setting_values
from quorate.reporting import Finding, Health
from quorate.settings import Settings
from quorate.settings_names import all_names


def finding(findings, name):
    return next(found for found in findings if found.name == name)


@pytest.fixture
def settings(tmp_path):
    def settings(**changes):
        return Settings.model_validate({"data_dir": tmp_path / "state", "api": {"port": 0}} | changes)

    return settings


def test_a_sound_machine_ends_with_0(quorate):
    code, out, _ = quorate("doctor", "--json", "--port", "0")
    findings = {found["name"]: found for found in json.loads(out)["findings"]}
    assert code == 0, out
    assert findings["Python"]["health"] == "ok"
    assert findings["Postgres"]["detail"] == "18.4, embedded"
    for found in findings.values():
        assert found["health"] == "ok" or found["advice"], "whatever is not well comes with what to do"


def test_for_people_it_is_a_table(quorate, house):
    house.found.append(Finding("feed", Health.WARNING, "binance does not answer", "The desk will simulate."))
    code, out, _ = quorate("doctor", "--port", "0")
    assert code == 0, "a warning is no fault"
    assert "binance does not answer" in out
    assert "→ The desk will simulate." in out


def test_a_fault_ends_with_3(quorate, house):
    house.found.append(Finding("Redis", Health.FAULT, "nothing answers", "Start it."))
    assert quorate("doctor", "--port", "0")[0] == 3


def test_wrong_settings_are_a_finding_too(quorate, tmp_path):
    (tmp_path / "quorate.toml").write_text("[api]\nprt = 1")
    code, out, _ = quorate("doctor", "--json")
    found = finding_json(json.loads(out)["findings"], "settings")
    assert code == 2
    assert (found["health"], "did you mean port?" in found["detail"]) == ("fault", True)


def finding_json(findings, name):
    return next(found for found in findings if found["name"] == name)


def test_every_setting_can_be_listed_and_secrets_stay_secret(quorate, house, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hunter2@db/q")
    code, out, _ = quorate("doctor", "--settings", "--json")
    values = {row["setting"]: row["value"] for row in json.loads(out)["settings"]}
    assert code == 0
    assert values["api.port"] == "8420"
    assert values["desk.portfolios.conservative.leverage"] == "1"
    assert values["store.database_url"] == "(set)"
    assert "hunter2" not in out
    assert {name.replace("NAME", "aggressive") for name in all_names() if not name.endswith("NAME.name")} <= set(values)


def test_a_secret_that_is_not_set_shows_as_nothing():
    rows = {row["setting"]: row["value"] for row in setting_values(Settings())}
    assert rows["api.token"] == ""


def test_a_port_in_use_by_another_program_is_a_fault(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        found = finding(local_findings(settings(api={"port": taken.getsockname()[1]}), {}), "port")
    assert (found.health, "in use" in found.detail) == (Health.FAULT, True)


def test_a_data_directory_that_cannot_be_made_is_a_fault(settings, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    found = finding(local_findings(settings(data_dir=blocked / "state"), {}), "data directory")
    assert found.health is Health.FAULT
    assert finding(local_findings(settings(), {}), "data directory").health is Health.OK


def test_a_page_that_was_not_built_is_a_warning_and_a_built_one_is_well(settings, tmp_path):
    (tmp_path / "index.html").write_text("<!doctype html>")
    built = settings(api={"port": 0, "page_dir": tmp_path})
    assert finding(local_findings(built, {}), "page").health is Health.OK


def test_a_variable_with_one_underscore_is_not_read_and_said(settings):
    found = finding(local_findings(settings(), {"QUORATE_API_PORT": "1", "QUORATE__API__PORT": "1"}), "environment")
    assert (found.health, found.detail) == (Health.WARNING, "QUORATE_API_PORT is not read")


def test_a_missing_node_is_only_a_warning(settings, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert finding(local_findings(settings(), os.environ), "Node").health is Health.WARNING


@pytest.mark.parametrize(
    ("version", "health"), [("v18.1.0", Health.WARNING), ("v22.1.0", Health.OK), ("", Health.WARNING)]
)
def test_an_old_node_is_a_warning(settings, monkeypatch, tmp_path, version, health):
    program = tmp_path / "node"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert finding(local_findings(settings(), os.environ), "Node").health is health
