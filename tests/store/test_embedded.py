"""Embedded servers: started once, shared, left running by a crash, stopped by the last who leaves."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import asyncpg
import pytest

from quorate.store import local_postgres, local_valkey, places, programs
from quorate.store.errors import DataDirUnusable, DiskFull, ServerFailed, ServerMissing
from quorate.store.local_postgres import OWNER_ROLE, start_postgres
from quorate.store.local_valkey import start_valkey
from quorate.store.redis_address import check_redis

ROOT = Path(__file__).parents[2]
CRASHING = """
import os, signal, sys, pathlib
from quorate.store.local_postgres import start_postgres
from quorate.store.local_valkey import start_valkey
start_postgres(pathlib.Path(sys.argv[1]))
start_valkey(pathlib.Path(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


async def asked(url: str, query: str):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_a_crash_leaves_the_servers_running_and_the_next_start_attaches(data_dir):
    command = [sys.executable, "-c", CRASHING, str(data_dir)]
    crash = await asyncio.to_thread(
        subprocess.run, command, env={**os.environ, "PYTHONPATH": f"{ROOT}/src"}, check=False
    )
    assert crash.returncode == -signal.SIGKILL
    postgres, valkey = start_postgres(data_dir), start_valkey(data_dir)
    assert (postgres.started, valkey.started) == (False, False)
    assert await asked(postgres.url(), "select 1") == 1
    second = start_postgres(data_dir)
    assert second.stop() is False
    assert await asked(postgres.url(), "select 1") == 1
    assert valkey.stop() is True
    assert postgres.stop() is True
    with pytest.raises((ConnectionError, FileNotFoundError)):
        await asked(postgres.url(), "select 1")
    again = start_postgres(data_dir)
    assert again.started
    again.stop()


async def test_nobody_serves_as_superuser(postgres):
    for role in (None, OWNER_ROLE):
        url = postgres.url() if role is None else postgres.url(role)
        row = "select rolsuper or rolbypassrls or rolcreaterole from pg_roles where rolname = current_user"
        assert await asked(url, row) is False
    assert await asked(postgres.url(), "select pg_has_role('authenticated', 'MEMBER')") is True


async def test_it_runs_with_settings_for_a_laptop(postgres):
    for name, value in {"shared_buffers": "32MB", "synchronous_commit": "on", "listen_addresses": ""}.items():
        assert await asked(postgres.url(), f"show {name}") == value


async def test_over_tcp_it_asks_for_a_password(data_dir, monkeypatch):
    monkeypatch.setattr(local_postgres, "_uses_tcp", lambda: True)
    server = start_postgres(data_dir)
    try:
        assert await asked(server.url(), "select current_user::text") == "quorate"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asked(server.url().replace(":" + server.url().split(":")[2].split("@")[0], ":wrong"), "select 1")
        assert (data_dir / "postgres.secret").stat().st_mode & 0o777 == 0o600
    finally:
        server.stop()


async def test_a_long_path_gets_a_short_socket(data_dir):
    deep = data_dir.joinpath(*["a-rather-long-folder-name"] * 5)
    valkey, postgres = start_valkey(deep), start_postgres(deep)
    try:
        assert len(str(valkey.socket_path)) <= places.SOCKET_PATH_BYTES_MAX
        assert await asked(postgres.url(), "select 1") == 1
    finally:
        postgres.stop()
        valkey.stop()
    assert not valkey.socket_path.parent.exists()


async def test_a_path_may_hold_what_an_address_must_not(data_dir):
    odd = data_dir / "50% ü #1?"
    valkey, postgres = start_valkey(odd), start_postgres(odd)
    try:
        await check_redis(valkey.url)
        assert await asked(postgres.url(), "select 1") == 1
    finally:
        postgres.stop()
        valkey.stop()


@pytest.mark.parametrize("name", ["o'brien", 'say "so"', "$HOME", "a,b"])
def test_a_path_that_a_shell_would_change_is_refused(data_dir, name):
    with pytest.raises(DataDirUnusable, match="Choose another --data-dir"):
        start_postgres(data_dir / name)
    assert not (data_dir / name).exists()


def test_a_start_that_was_killed_half_way_is_begun_anew(data_dir):
    (data_dir / "postgres.new").mkdir(parents=True)
    (data_dir / "postgres.new" / "PG_VERSION").write_text("18")
    server = start_postgres(data_dir)
    assert server.started
    server.stop()


def test_a_stale_pid_file_does_not_stop_a_start(data_dir):
    start_postgres(data_dir).stop()
    (data_dir / "postgres" / "postmaster.pid").write_text(
        f"999999\n{data_dir}/postgres\n1\n5432\n{data_dir}/postgres\n\n 1 1\nready\n"
    )
    server = start_postgres(data_dir)
    assert server.started
    server.stop()


def test_a_start_waits_for_a_killed_server_to_be_gone(data_dir):
    """As when a whole group of processes is killed and a supervisor starts the desk again at once."""
    start_postgres(data_dir).stop()
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, text=True, user=programs.system_user()) as dying:
        (data_dir / "postgres" / "postmaster.pid").write_text(
            f"{dying.pid}\n{data_dir}/postgres\n1\n5432\n{data_dir}/postgres\n\n 1 1\nready\n"
        )
        leaving = threading.Timer(1.0, dying.communicate)
        leaving.start()
        server = start_postgres(data_dir)
        leaving.join()
    assert server.started
    server.stop()


def test_a_data_directory_that_is_a_file_is_said(data_dir):
    (data_dir / "taken").write_text("x")
    for start in (start_postgres, start_valkey):
        with pytest.raises(DataDirUnusable, match=r"taken cannot be written.*Choose another --data-dir"):
            start(data_dir / "taken")


def test_a_full_disk_is_said_before_anything_is_made(data_dir, monkeypatch):
    monkeypatch.setattr(local_postgres, "require_room", lambda path: places.require_room(path, bytes_min=1 << 62))
    with pytest.raises(DiskFull, match=r"MB are free .* Make room"):
        start_postgres(data_dir)
    assert not (data_dir / "postgres").exists()


@pytest.mark.parametrize(("module", "start"), [(local_postgres, start_postgres), (local_valkey, start_valkey)])
def test_a_platform_without_a_wheel_is_told_what_to_set(data_dir, monkeypatch, module, start):
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ServerMissing, match=r"No embedded .* Set (DATABASE|REDIS)_URL"):
        start(data_dir)


def test_what_postgres_says_when_it_cannot_start_is_handed_on(data_dir):
    start_postgres(data_dir).stop()
    with pytest.raises(ServerFailed, match=r"FATAL:.*no_such_setting"):
        start_postgres(data_dir, settings={"no_such_setting": "1"})


def test_root_without_a_system_user_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(programs.os, "geteuid", lambda: 0)
    monkeypatch.setattr(programs, "SYSTEM_USER", "quorate-nobody")
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    with pytest.raises(ServerFailed, match="does not run as root"):
        programs.system_user()


OPENING = """
import asyncio, sys, pathlib
from quorate.store.opening import open_database
async def main():
    opened = await open_database(url=None, data_dir=pathlib.Path(sys.argv[1]))
    print(opened.local.pid, flush=True)
    sys.stdin.read()
    print(opened.local.stop())
asyncio.run(main())
"""


async def test_two_processes_that_start_at_once_share_one_server(data_dir):
    processes = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", OPENING, str(data_dir)),
            env={**os.environ, "PYTHONPATH": f"{ROOT}/src"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]
    pids = [await stdout.readline() for stdout in (process.stdout for process in processes) if stdout is not None]
    assert pids[0] == pids[1] != b""
    told = [(await process.communicate(b""))[0] for process in processes]
    assert told == [b"False\n", b"True\n"]
