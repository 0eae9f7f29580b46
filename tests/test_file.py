"""Files: encodings, atomic writes, and which files a path means."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from retouch.cli import file as file_module
from retouch.cli.file import read_text, write_file, write_text
from retouch.cli.find import find
from retouch.cli.temporary import remove_leftovers
from retouch.error import FileError, InputError

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def inside(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


as_root = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.mark.parametrize("text", ["a: é\r\nb: 😀\r", "", "a", "a: 1\x85\u2028\n"])
@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\x00\x00", "utf-32-le"),
        (b"\x00\x00\xfe\xff", "utf-32-be"),
    ],
)
def test_every_encoding_is_read_and_written_back(text: str, mark: bytes, codec: str) -> None:
    data = mark + text.encode(codec)
    read, encoding = read_text(data)
    assert read == text
    assert write_text(read, encoding) == data


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_an_encoding_without_a_mark_is_known_by_its_zero_bytes(codec: str) -> None:
    data = "a: é\n".encode(codec)
    read, encoding = read_text(data)
    assert (read, encoding.codec) == ("a: é\n", codec)
    assert write_text(read, encoding) == data


def test_bytes_that_are_no_text_are_an_error_with_their_place() -> None:
    with pytest.raises(InputError, match="0xff is not UTF-8") as caught:
        read_text(b"a: 1\nb: \xc3\xa9\xff\n", "f.yaml")
    assert (caught.value.file, caught.value.line, caught.value.column) == ("f.yaml", 2, 5)


def test_a_write_keeps_the_mode_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_file(path, b"new\r\n", expected=b"old")
    assert path.read_bytes() == b"new\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert inside(tmp_path) == ["a.yaml"]


def test_a_new_file_gets_the_usual_mode(tmp_path: Path) -> None:
    write_file(tmp_path / "a.yaml", b"new")
    (tmp_path / "b.yaml").write_bytes(b"")
    assert (tmp_path / "a.yaml").stat().st_mode == (tmp_path / "b.yaml").stat().st_mode


def test_a_symbolic_link_stays_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.yaml").write_bytes(b"old")
    (tmp_path / "link.yaml").symlink_to(Path("real") / "a.yaml")
    write_file(tmp_path / "link.yaml", b"new", expected=b"old")
    assert (tmp_path / "link.yaml").is_symlink()
    assert (tmp_path / "real" / "a.yaml").read_bytes() == b"new"


def test_a_file_that_changed_since_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"someone else's")
    with pytest.raises(FileError, match="changed since it was read"):
        write_file(path, b"new", expected=b"old")
    assert path.read_bytes() == b"someone else's"
    assert inside(tmp_path) == ["a.yaml"]


def test_hard_links_are_parted_only_on_request(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    (tmp_path / "b.yaml").hardlink_to(path)
    with pytest.raises(FileError, match=r"2 names.*--no-preserve"):
        write_file(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"
    write_file(path, b"new", expected=b"old", preserve=False)
    assert ((tmp_path / "a.yaml").read_bytes(), (tmp_path / "b.yaml").read_bytes()) == (b"new", b"old")


def test_an_owner_that_cannot_be_kept_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    owner = os.stat_result((*path.stat()[:4], 12345, 12345, *path.stat()[6:]))

    def refuse(*_arguments: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(file_module.os, "fchown", refuse)
    monkeypatch.setattr(file_module.os, "fstat", lambda _descriptor: owner)
    with pytest.raises(FileError, match=r"owner.*cannot be kept.*--no-preserve"):
        write_file(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"
    write_file(path, b"new", expected=b"old", preserve=False)
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(not as_root, reason="only root can give files away")
def test_the_owner_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    os.chown(path, 1234, 4321)
    write_file(path, b"new", expected=b"old")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 4321)


def test_what_is_no_regular_file_is_not_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="no regular file"):
        write_file(pipe, b"new", expected=b"")


def test_a_failing_write_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file_module.os, "fsync", fail)
    with pytest.raises(FileError, match="No space left on device"):
        write_file(path, b"new", expected=b"old")
    assert path.read_bytes() == b"old"
    assert inside(tmp_path) == ["a.yaml"]


def test_leftovers_of_killed_runs_are_removed_and_those_of_running_ones_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    for name in (".a.yaml.retouch-0123", ".b.yaml.retouch-0123", "a.yaml.retouch-1", ".a.yaml.retouch"):
        (tmp_path / name).write_bytes(b"half")
    held = tmp_path / ".a.yaml.retouch-held"
    code = (
        "import fcntl, sys, time\n"
        "stream = open(sys.argv[1], 'w')\n"
        "fcntl.flock(stream, fcntl.LOCK_EX)\n"
        "print(flush=True)\n"
        "time.sleep(60)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, held], stdout=subprocess.PIPE)
    try:
        assert writer.stdout is not None
        writer.stdout.readline()
        remove_leftovers([path])
        kept = [".a.yaml.retouch", ".a.yaml.retouch-held", ".b.yaml.retouch-0123", "a.yaml", "a.yaml.retouch-1"]
        assert inside(tmp_path) == kept
    finally:
        writer.kill()
        writer.wait()
        if writer.stdout is not None:
            writer.stdout.close()
    remove_leftovers([path])
    assert not held.exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_of_a_write_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"a: 1\n")
    code = (
        "import os, sys, time, retouch.cli.file\n"
        "def stall(descriptor):\n    print(flush=True)\n    time.sleep(60)\n"
        "retouch.cli.file.os.fsync = stall\n"
        "from retouch.cli.command import main\n"
        "sys.exit(main(['apply', '-i', '--set', '$.a=2', sys.argv[1]]))\n"
    )
    run = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert run.stdout is not None
    run.stdout.readline()
    assert len(inside(tmp_path)) == 2
    run.send_signal(number)
    assert run.wait(30) == 128 + number
    run.stdout.close()
    assert (inside(tmp_path), path.read_bytes()) == (["a.yaml"], b"a: 1\n")


def names(paths: list[str], below: Path) -> list[str]:
    return [os.path.relpath(each.name, below) for each in find(paths).inputs]


def make(folder: Path, *files: str) -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: 1\n")


def test_a_folder_means_its_yaml_and_json_files_in_order(tmp_path: Path) -> None:
    make(tmp_path, "b.yml", "a.yaml", "sub/c.json", "sub/x.txt", ".github/w.yaml", ".git/no.yaml", ".a.yaml.retouch-1")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling.yaml").symlink_to(tmp_path / "nothing")
    assert names([str(tmp_path)], tmp_path) == [".github/w.yaml", "a.yaml", "b.yml", "sub/c.json"]


def test_a_file_that_is_named_is_read_whatever_it_is_called_and_only_once(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "Jenkins.conf")
    paths = [str(tmp_path / "Jenkins.conf"), str(tmp_path), str(tmp_path / "a.yaml")]
    assert names(paths, tmp_path) == ["Jenkins.conf", "a.yaml"]


@needs_git
def test_what_git_ignores_is_left_out_unless_it_is_named(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "build/b.yaml", "new/c.yaml", "new/d.local.yaml", "forced.local.yaml", "nested/e.yaml")
    (tmp_path / ".gitignore").write_text("build/\n*.local.yaml\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "-f", "forced.local.yaml", "a.yaml"], check=True)
    subprocess.run(["git", "init", "-q", str(tmp_path / "nested")], check=True)
    assert names([str(tmp_path)], tmp_path) == ["a.yaml", "forced.local.yaml", "nested/e.yaml", "new/c.yaml"]
    assert names([str(tmp_path / "new")], tmp_path) == ["new/c.yaml"]
    assert names([str(tmp_path / "build")], tmp_path) == ["build/b.yaml"]
    assert names([str(tmp_path / "build" / "b.yaml")], tmp_path) == ["build/b.yaml"]
    (tmp_path / "a.yaml").unlink()
    assert "a.yaml" not in names([str(tmp_path)], tmp_path)


@needs_git
def test_a_program_that_a_repository_names_is_not_run(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "core.fsmonitor", f"touch {tmp_path}/ran; true"], check=True)
    assert names([str(tmp_path)], tmp_path) == ["a.yaml"]
    assert not (tmp_path / "ran").exists()


def test_without_git_every_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "a.yaml", "build/b.yaml")
    (tmp_path / ".gitignore").write_text("build/\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert names([str(tmp_path)], tmp_path) == ["a.yaml", "build/b.yaml"]


def test_chart_templates_are_counted_when_found_and_refused_when_named(tmp_path: Path) -> None:
    make(tmp_path, "chart/Chart.yaml", "chart/values.yaml", "chart/templates/sub/d.yaml", "templates/plain.yaml")
    found = find([str(tmp_path)])
    assert [os.path.relpath(each.name, tmp_path) for each in found.inputs] == [
        "chart/Chart.yaml",
        "chart/values.yaml",
        "templates/plain.yaml",
    ]
    assert len(found.templates) == 1
    with pytest.raises(FileError, match="Helm template; render it first"):
        find([str(tmp_path / "chart/templates/sub/d.yaml")])


def test_paths_that_are_nothing_are_reported_together_with_what_is_near(tmp_path: Path) -> None:
    make(tmp_path, "deployment.yaml")
    with pytest.raises(FileError) as caught:
        find([str(tmp_path / "deploymnet.yaml"), str(tmp_path / "zzz")])
    texts = [message.text for message in caught.value.messages]
    assert texts == [
        "there is no such file or folder; did you mean `deployment.yaml`?",
        "there is no such file or folder",
    ]


def test_a_folder_without_any_file_is_worth_a_warning(tmp_path: Path) -> None:
    make(tmp_path, "a.txt")
    found = find([str(tmp_path)])
    assert found.inputs == []
    assert "no file in this folder" in found.messages[0].text


def test_removing_leftovers_lists_each_folder_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, *(f"{number}.yaml" for number in range(50)))
    paths = list(tmp_path.glob("*.yaml"))
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(file_module.os, "scandir", lambda path: listed.append(path) or scandir(path))
    remove_leftovers(paths)
    assert listed == [tmp_path]
