"""Runs that cannot write some of their files: what is said, what is kept, and that the others are done."""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from process import COMMAND, run

from retouch.cli import file as file_module
from retouch.cli.file import write_file

IN_PLACE = ["apply", "-i", "--set", "$.a=2"]
OLD, NEW = "a: 1\n", "a: 2\n"
as_root = hasattr(os, "geteuid") and os.geteuid() == 0
linux = pytest.mark.skipif(sys.platform != "linux", reason="extended attributes and capabilities are those of Linux")

FULL = "its folder takes no new file (Permission denied), which a safe write begins with; -o writes elsewhere"

DROP_BOUNDING = 24  # prctl(2): PR_CAPBSET_DROP
CAPABILITIES = 41
CAPABILITY_VERSION = 0x20080522  # capset(2)


def make(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(OLD)


def inside(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


@pytest.fixture(scope="session")
def unprivileged(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], None] | None:
    """What makes a child an ordinary owner of its files: root without capabilities asks for permission, too."""
    if not as_root:
        return None
    library = ctypes.CDLL(None)

    def drop() -> None:
        for capability in range(CAPABILITIES):
            library.prctl(DROP_BOUNDING, capability, 0, 0, 0)  # for programs it runs
        library.capset(struct.pack("Ii", CAPABILITY_VERSION, 0), bytes(24))  # for itself

    locked = tmp_path_factory.mktemp("locked") / "file"
    locked.touch(mode=0)
    if subprocess.run(["cat", locked], stderr=subprocess.DEVNULL, preexec_fn=drop, check=False).returncode == 0:
        pytest.skip("root cannot give its rights up here")
    return drop


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder]
    if not as_root or subprocess.run(mount, stderr=subprocess.DEVNULL, check=False).returncode:
        pytest.skip("a file system can be mounted by root only, and not in every container")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_costs_what_does_not_fit(small_disk: Path) -> None:
    make(small_disk / "a.yaml", small_disk / "c.yaml")
    large = OLD + "b: |\n" + "  text\n" * 5000
    (small_disk / "b.yaml").write_text(large)
    done = run(small_disk, *IN_PLACE, ".")
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "a.yaml: 1 edit by set-1",
        "b.yaml: error: the file cannot be written: No space left on device",
        "c.yaml: 1 edit by set-1",
        "3 files, 3 documents, 2 rewritten by 1 rule, 1 error",
    ]
    assert (small_disk / "b.yaml").read_text() == large
    assert inside(small_disk) == ["a.yaml", "b.yaml", "c.yaml"]
    assert (small_disk / "c.yaml").read_text() == NEW


def test_a_file_system_that_is_read_only(small_disk: Path, tmp_path: Path) -> None:
    make(small_disk / "a.yaml", tmp_path / "b.yaml")
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    done = run(tmp_path, *IN_PLACE, "disk/a.yaml", "b.yaml")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "disk/a.yaml: error: the file cannot be written: Read-only file system"
    assert ((small_disk / "a.yaml").read_text(), (tmp_path / "b.yaml").read_text()) == (OLD, NEW)
    done = run(tmp_path, "apply", "-o", "disk/new/", "--set", "$.a=2", "b.yaml")
    assert (done.returncode, done.stderr) == (2, "disk/new: error: the folder cannot be made: Read-only file system\n")


def test_a_file_that_is_mounted_on_its_own(small_disk: Path, tmp_path: Path) -> None:
    """As a container gets a single file."""
    make(small_disk / "a.yaml", tmp_path / "b.yaml")
    (tmp_path / "a.yaml").touch()
    subprocess.run(["mount", "--bind", small_disk / "a.yaml", tmp_path / "a.yaml"], check=True)
    try:
        done = run(tmp_path, *IN_PLACE, "a.yaml", "b.yaml")
        assert "a.yaml: error: the file cannot be written: no other file can take its place while" in done.stderr
        assert ((tmp_path / "a.yaml").read_text(), (tmp_path / "b.yaml").read_text()) == (OLD, NEW)
        assert inside(tmp_path) == ["a.yaml", "b.yaml", "disk"]
    finally:
        subprocess.run(["umount", tmp_path / "a.yaml"], check=True)


def test_a_limit_of_file_size(tmp_path: Path) -> None:
    import resource

    make(tmp_path / "b.yaml")
    large = OLD + "b: |\n" + "  text\n" * 5000
    (tmp_path / "a.yaml").write_text(large)
    done = run(tmp_path, *IN_PLACE, ".", before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "a.yaml: error: the file cannot be written: File too large"
    assert ((tmp_path / "a.yaml").read_text(), (tmp_path / "b.yaml").read_text()) == (large, NEW)
    assert inside(tmp_path) == ["a.yaml", "b.yaml"]


def test_what_nobody_may_read_or_write(tmp_path: Path, unprivileged: Callable[[], None] | None) -> None:
    make(
        *(tmp_path / name for name in ("a.yaml", "closed/a.yaml", "full/a.yaml", "secret.yaml", "shut.yaml", "z.yaml"))
    )
    (tmp_path / "closed").chmod(0)
    (tmp_path / "full").chmod(0o555)
    (tmp_path / "secret.yaml").chmod(0)
    (tmp_path / "shut.yaml").chmod(0o444)
    try:
        done = run(tmp_path, *IN_PLACE, ".", "closed/a.yaml", before=unprivileged)
    finally:
        (tmp_path / "closed").chmod(0o700)
        (tmp_path / "full").chmod(0o755)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "closed: error: the folder cannot be read: Permission denied; what is in it was left out",
        "a.yaml: 1 edit by set-1",
        f"full/a.yaml: error: the file cannot be written: {FULL}",
        "secret.yaml: error: the file cannot be read: Permission denied",
        "shut.yaml: error: the file cannot be written: Permission denied",
        "z.yaml: 1 edit by set-1",
        "closed/a.yaml: error: the file cannot be read: Permission denied",
        "6 files, 4 documents, 2 rewritten by 1 rule, 5 errors",
    ]
    (tmp_path / "secret.yaml").chmod(0o600)
    texts = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.yaml")}
    assert {name for name, text in texts.items() if text == NEW} == {"a.yaml", "z.yaml"}
    assert len(texts) == 6
    assert inside(tmp_path / "full") == ["a.yaml"]


def test_facts_of_a_run_need_all_its_folders(tmp_path: Path, unprivileged: Callable[[], None] | None) -> None:
    make(tmp_path / "in" / "a.yaml", tmp_path / "in" / "closed" / "b.yaml")
    (tmp_path / "rules.yml").write_text(
        "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: s}\n"
        "facts:\n  known:\n    match: {a: $.a}\n    is: {id: '${ doc.a }'}\n"
        "rules: [{id: edit, match: {a: $.a}, when: a in facts.known, actions: [{set: a, value: 2}]}]\n"
    )
    (tmp_path / "in" / "closed").chmod(0)
    try:
        done = run(tmp_path, "apply", "-i", "-r", "rules.yml", "in", before=unprivileged)
    finally:
        (tmp_path / "in" / "closed").chmod(0o700)
    assert done.returncode == 2
    assert "in/closed: error: the folder cannot be read" in done.stderr
    assert "1 file kept as it was: the facts of this run come from all its documents" in done.stderr
    assert (tmp_path / "in" / "a.yaml").read_text() == OLD


@pytest.mark.skipif(not as_root, reason="only root can give files away")
def test_an_owner_that_cannot_be_kept(tmp_path: Path, unprivileged: Callable[[], None] | None) -> None:
    make(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").chmod(0o666)
    os.chown(tmp_path / "a.yaml", 1234, 0)
    (tmp_path / "a.yaml").chmod(0o6777)
    done = run(tmp_path, *IN_PLACE, "a.yaml", before=unprivileged)
    said = "the file's owner (user 1234, group 0) cannot be kept; --no-preserve writes it as your own"
    assert (done.returncode, done.stderr) == (2, f"a.yaml: error: {said}\n")
    assert (tmp_path / "a.yaml").read_text() == OLD
    done = run(tmp_path, *IN_PLACE, "--no-preserve", "a.yaml", before=unprivileged)
    found = (tmp_path / "a.yaml").stat()
    assert (done.returncode, found.st_uid, found.st_gid) == (0, 0, 0)
    assert stat.S_IMODE(found.st_mode) == 0o777  # not the rights of user 1234 any more
    assert (tmp_path / "a.yaml").read_text() == NEW


def test_what_changed_while_the_run_was_on(tmp_path: Path) -> None:
    """With `atomic: run` all writes wait for the last input, a pipe that is fed when the others have changed."""
    (tmp_path / "rules.yml").write_text(
        "apiVersion: retouch/v1\nkind: RuleSet\nmetadata: {name: s}\natomic: run\n"
        "rules: [{id: edit, match: {a: $.a}, actions: [{set: a, value: 2}]}]\n"
    )
    names = ["changed", "folder", "gone", "left/alone", "linked", "same"]
    make(*(tmp_path / f"{name}.yaml" for name in names))
    os.mkfifo(tmp_path / "pipe")
    command = [*COMMAND, "apply", "-i", "-r", "rules.yml", *(f"{name}.yaml" for name in names), "pipe"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    with (tmp_path / "pipe").open("w") as pipe:  # opens as soon as the command has read all the others
        (tmp_path / "changed.yaml").write_text("a: 7\n")
        (tmp_path / "folder.yaml").unlink()
        (tmp_path / "folder.yaml").mkdir()
        (tmp_path / "gone.yaml").unlink()
        (tmp_path / "left" / "alone.yaml").unlink()
        (tmp_path / "left").rmdir()
        (tmp_path / "other").hardlink_to(tmp_path / "linked.yaml")
        pipe.write("b: 1\n")
    _out, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert said.splitlines() == [
        "changed.yaml: error: the file changed since it was read; nothing was written, run again",
        "folder.yaml: error: this is no regular file, so it cannot be written in place",
        "gone.yaml: error: the file is gone since it was read; nothing was written",
        "left/alone.yaml: error: the file is gone since it was read; nothing was written",
        "linked.yaml: error: the file has 2 names (hard links), and a write would part them; --no-preserve allows it",
        "same.yaml: 1 edit by edit",
        "7 files, 7 documents, 1 rewritten by 1 rule, 1 unread, 5 errors",
    ]
    assert (tmp_path / "changed.yaml").read_text() == "a: 7\n"
    assert (tmp_path / "linked.yaml").read_text() == OLD
    assert (tmp_path / "same.yaml").read_text() == NEW
    assert not [each for each in tmp_path.rglob("*") if ".retouch-" in each.name]


# what a write keeps, and in which order it is done


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "new" / "a.yaml"
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def record_fsync(descriptor: int) -> None:
        mode = os.fstat(descriptor).st_mode
        done.append(f"folder, holding {inside(path.parent)}" if stat.S_ISDIR(mode) else path.read_text())
        fsync(descriptor)

    def record_replace(source: Path, target: Path) -> Path:
        done.append("replace")
        return replace(source, target)

    make(path)
    monkeypatch.setattr(file_module.os, "fsync", record_fsync)
    monkeypatch.setattr(file_module.Path, "replace", record_replace)
    write_file(path, NEW.encode(), expected=OLD.encode())
    assert done == [OLD, "replace", "folder, holding ['a.yaml']"]


@linux
def test_extended_attributes_are_kept(tmp_path: Path) -> None:
    make(tmp_path / "a.yaml")
    own, group = (1, 6, -1 & 0xFFFFFFFF), (4, 0, -1 & 0xFFFFFFFF)
    entries = [own, (2, 4, 4321), group, (0x10, 4, -1 & 0xFFFFFFFF), (0x20, 0, -1 & 0xFFFFFFFF)]
    access = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(tmp_path / "a.yaml", "user.note", b"mine")
        os.setxattr(tmp_path / "a.yaml", "system.posix_acl_access", access)  # user 4321 may read
        os.setxattr(tmp_path, "system.posix_acl_default", access)  # which new files get, but not this one
    except OSError as error:
        pytest.skip(f"this file system keeps none: {error.strerror}")
    make(tmp_path / "b.yaml")
    os.removexattr(tmp_path / "b.yaml", "system.posix_acl_access")
    (tmp_path / "b.yaml").chmod(0o604)
    for name in ("a.yaml", "b.yaml"):
        write_file(tmp_path / name, NEW.encode(), expected=OLD.encode())
    assert os.getxattr(tmp_path / "a.yaml", "user.note") == b"mine"
    assert os.getxattr(tmp_path / "a.yaml", "system.posix_acl_access") == access
    assert os.listxattr(tmp_path / "b.yaml") == []
    assert stat.S_IMODE((tmp_path / "b.yaml").stat().st_mode) == 0o604


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o1644, 0o600])
def test_the_whole_mode_is_kept(tmp_path: Path, mode: int) -> None:
    make(tmp_path / "a.yaml")
    (tmp_path / "a.yaml").chmod(mode)
    kept = stat.S_IMODE((tmp_path / "a.yaml").stat().st_mode)  # some systems refuse some
    write_file(tmp_path / "a.yaml", NEW.encode(), expected=OLD.encode())
    assert stat.S_IMODE((tmp_path / "a.yaml").stat().st_mode) == kept


def test_a_name_as_long_as_can_be(tmp_path: Path) -> None:
    names = ["é" * 125 + ".yaml", "x" * 250 + ".yaml"]
    for name in names:
        make(tmp_path / name)
        (tmp_path / f".{os.fsdecode(os.fsencode(name)[:200])}.retouch-0123456789ab").touch()
    assert run(tmp_path, *IN_PLACE, "-q", ".").returncode == 0
    assert inside(tmp_path) == sorted(names)
    assert {(tmp_path / name).read_text() for name in names} == {NEW}


def test_a_leftover_that_is_none_is_left_alone(tmp_path: Path) -> None:
    """Whoever writes to a folder must not make a run wait, or delete what is elsewhere."""
    make(tmp_path / "a.yaml", tmp_path / "b.yaml")
    os.mkfifo(tmp_path / ".a.yaml.retouch-pipe")
    (tmp_path / ".a.yaml.retouch-folder").mkdir()
    (tmp_path / ".a.yaml.retouch-link").symlink_to("b.yaml")
    before = inside(tmp_path)
    assert run(tmp_path, *IN_PLACE, "a.yaml").returncode == 0
    assert inside(tmp_path) == before
    assert (tmp_path / "a.yaml").read_text() == NEW


def test_two_runs_at_once_are_one_after_the_other_for_each_file(tmp_path: Path) -> None:
    make(*(tmp_path / f"{number:02}.yaml" for number in range(30)))
    runs = [
        subprocess.Popen([*COMMAND, *IN_PLACE, "."], cwd=tmp_path, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = "".join(each.communicate(timeout=60)[1] for each in runs)
    assert sorted({path.read_text() for path in tmp_path.iterdir()}) == [NEW]
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".yaml"] == []
    problems = {line.partition(": error: ")[2] for line in said.splitlines() if "error: " in line}
    assert problems <= {"the file changed since it was read; nothing was written, run again"}


# -o


def test_output_that_is_no_file_is_written_to(tmp_path: Path) -> None:
    make(tmp_path / "a.yaml")
    for target in ("-", "/dev/stdout"):
        done = run(tmp_path, "apply", "-o", target, "--set", "$.a=2", "a.yaml")
        assert (done.returncode, done.stdout) == (0, NEW)
    with (tmp_path / "out").open("w") as out:
        command = [*COMMAND, "apply", "-o", "/dev/stdout", "--set", "$.a=2", "a.yaml"]
        subprocess.run(command, cwd=tmp_path, stdout=out, check=True)
    assert (tmp_path / "out").read_text() == NEW
    os.mkfifo(tmp_path / "pipe")
    command = [*COMMAND, "apply", "-q", "-o", "pipe", "--set", "$.a=2", "a.yaml"]
    process = subprocess.Popen(command, cwd=tmp_path)
    assert (tmp_path / "pipe").read_text() == NEW
    assert process.wait(30) == 0
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert inside(tmp_path) == ["a.yaml", "out", "pipe"]


def test_output_in_a_folder_has_the_same_structure(tmp_path: Path) -> None:
    make(*(tmp_path / "in" / name for name in ("a.yaml", "x/y/b.yaml", "x/c.json", "deep/er/d.yml")))
    (tmp_path / "in" / "x" / "c.json").write_text('{"a": 1}')
    make(tmp_path / "one.yaml")
    done = run(tmp_path, "apply", "-o", "out/put", "--set", "$.a=2", "in", "one.yaml")
    assert done.returncode == 0
    found = {str(each.relative_to(tmp_path / "out/put")) for each in (tmp_path / "out").rglob("*") if each.is_file()}
    assert found == {"a.yaml", "x/y/b.yaml", "x/c.json", "deep/er/d.yml", "one.yaml"}
    assert "out/put/x/y/b.yaml: 1 edit by set-1" in done.stderr
    assert {each.read_text() for each in (tmp_path / "in").rglob("*.y*ml")} == {OLD}
