"""Runs other people's code without network, within limits, able to write only where told.

On Linux the command gets namespaces of its own (`unshare`): no network but a loopback, everything read-only but the
writable folders and a private temporary folder of bounded size, and a process namespace, so that ending the sandbox ends
every process started in it. Where namespaces are not permitted only the limits hold (`isolation()` says which).
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

Isolation = Literal["root", "user", "none"]
"""root: namespaces and an unprivileged user; user: namespaces of an ordinary user; none: limits alone."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sandboxed command may use.

    Attributes:
        seconds: wall-clock time of the whole command. cpu_seconds: processor time of each process.
        memory_bytes: address space of each process; None for programs that reserve much more than they use (JVM, Go).
        processes: processes and threads at one time. file_bytes: size of one file.
        scratch_bytes: size of the private temporary folder. output_bytes: kept of each of stdout and stderr.
        disk_bytes: size of the writable folders together; looked at every two seconds.
    """

    seconds: float = 600.0
    cpu_seconds: int = 600
    memory_bytes: int | None = 3 << 30
    processes: int = 128
    file_bytes: int = 256 << 20
    scratch_bytes: int = 512 << 20
    output_bytes: int = 4 << 20
    disk_bytes: int = 4 << 30


@dataclass(frozen=True, slots=True)
class Finished:
    """How a sandboxed command ended; `stopped` names the limit that ended it ("time", "disk"), "" if it ended itself."""

    returncode: int
    stdout: str
    stderr: str
    stopped: str
    seconds: float


# $1 isolation, $2 user id, $3 scratch size in bytes, $4 the staging folder, $5 the temporary folder, $6 the home folder,
# $7 read-write folders and $8 visible folders (one a line); the rest is the command. The private temporary folder and
# the empty home are filled aside and then moved into place, so that named folders below the real ones stay reachable.
_ENTER = r"""
set -eu
how=$1 user=$2 size=$3 stage=$4 temporary=$5 home=$6 writable=$7 visible=$8
shift 8
mount --make-rprivate /
(command -v ip && ip link set lo up) >/dev/null 2>&1 || true
mount -n -t tmpfs -o mode=755 tmpfs "$stage"
mkdir "$stage/temporary" "$stage/home"
mount -n -t tmpfs -o "size=$size,mode=1777" tmpfs "$stage/temporary"
mount -n -t tmpfs -o mode=755 tmpfs "$stage/home"
keep() {
    case "$1/" in
    "$temporary"/*) seen=$stage/temporary${1#"$temporary"} ;;
    "${home:-//}"/*) seen=$stage/home${1#"$home"} ;;
    *) [ "$2" = ro ] || mount -n --rbind "$1" "$1"; return ;;
    esac
    mkdir -p "$seen"
    mount -n --rbind "$1" "$seen"
    [ "$2" = rw ] || mount -n -o remount,bind,ro "$seen"
}
echo "$visible" | while IFS= read -r path; do [ -z "$path" ] || keep "$path" ro; done
echo "$writable" | while IFS= read -r path; do
    [ -z "$path" ] && continue
    [ "$how" = user ] || chown -R "$user:$user" "$path"
    keep "$path" rw
done
mount -n -o remount,bind,ro / 2>/dev/null || [ "$how" = user ]
[ -z "$home" ] || mount -n --move "$stage/home" "$home"
mount -n --move "$stage/temporary" "$temporary"
mount -n -t tmpfs -o "size=$size,mode=1777" tmpfs /dev/shm 2>/dev/null || true
cd "$RUNFREE_SANDBOX_FOLDER"
unset RUNFREE_SANDBOX_FOLDER
[ "$how" = user ] && exec "$@"
exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all --bounding-set=-all \
    --no-new-privs --pdeathsig KILL "$@"
"""


@functools.cache
def isolation() -> Isolation:
    """The strongest isolation that this machine permits, found by trying it."""
    if sys.platform != "linux" or not (shutil.which("unshare") and shutil.which("setpriv")):
        return "none"
    tries: tuple[Isolation, ...] = ("root",) if os.geteuid() == 0 else ("user",)
    for how in tries:
        with tempfile.TemporaryDirectory() as folder:
            probe = _command(how, ["true"], Path(folder), Limits(), (), (), folder)
            environment = {"PATH": os.environ.get("PATH", os.defpath), "RUNFREE_SANDBOX_FOLDER": "/"}
            done = subprocess.run(probe, env=environment, capture_output=True, check=False)
            if done.returncode == 0:
                return how
    return "none"


def _command(
    how: Isolation,
    command: Sequence[str],
    folder: Path,
    limits: Limits,
    writable: Sequence[Path],
    visible: Sequence[Path],
    stage: str,
) -> list[str]:
    """The command line that enters the sandbox and runs `command` there."""
    bounds = [
        "prlimit",
        f"--cpu={limits.cpu_seconds}",
        f"--fsize={limits.file_bytes}",
        "--core=0",
    ]
    if how == "root":  # for an ordinary user the kernel would count that user's other processes too
        bounds.append(f"--nproc={limits.processes}")
    if limits.memory_bytes is not None:
        bounds.append(f"--as={limits.memory_bytes}")
    if how == "none":
        return [*(bounds if shutil.which("prlimit") else []), *command]
    # A user of its own for each folder: the kernel counts processes by user.
    user = 60_000 + zlib.crc32(str(folder).encode()) % 5_000
    # The sandbox ends with the thread that started it, however that ends.
    spaces = [
        "setpriv",
        "--pdeathsig",
        "KILL",
        "unshare",
        "--net",
        "--mount",
        "--pid",
        "--ipc",
        "--fork",
        "--kill-child",
        "--mount-proc",
    ]
    if how == "user":
        spaces += ["--user", "--map-root-user"]
    lists = ["\n".join(str(path.resolve()) for path in paths) for paths in (writable, visible)]
    temporary = str(Path(tempfile.gettempdir()).resolve())
    # Root's home is closed to the sandbox's user; covering it makes room for what is visible below it.
    home = str(Path.home().resolve()) if how == "root" else ""
    places = [how, str(user), str(limits.scratch_bytes), stage, temporary, home, *lists]
    script = ["sh", "-c", _ENTER, "sandbox", *places]
    return [*spaces, *script, *bounds, *command]


def start(
    command: Sequence[str],
    folder: Path,
    *,
    limits: Limits,
    environment: Mapping[str, str] | None = None,
    writable: Sequence[Path] = (),
    visible: Sequence[Path] = (),
    stdin: int | IO[bytes] | None = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = subprocess.PIPE,
    stderr: int | IO[bytes] | None = subprocess.PIPE,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Starts a command in the sandbox; the caller watches the clock and calls `stop`.

    `folder` is the working folder; it is writable only if named in `writable`. Folders below the temporary folder are
    hidden unless they are `folder`, `writable` or `visible`, and so is root's home where root starts the sandbox. `environment` replaces the environment but for PATH.
    """
    how = isolation()
    inner = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": tempfile.gettempdir(),
        "TMPDIR": tempfile.gettempdir(),
        "LANG": "C.UTF-8",
        "RUNFREE_SANDBOX_FOLDER": str(folder.resolve()),
        **(environment or {}),
    }
    visible = [path for path in visible if path.exists()]
    shown = [*visible] if any(folder.resolve() == w.resolve() for w in writable) else [folder, *visible]
    return subprocess.Popen(
        _command(how, command, folder.resolve(), limits, writable, shown, _stage()),
        cwd=folder,
        env=inner,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )


@functools.cache
def _stage() -> str:
    """An empty folder to mount on: every sandbox mounts there in a namespace of its own, so one serves all."""
    folder = tempfile.mkdtemp(prefix="runfree-stage-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a sandboxed command and everything that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()


def run(
    command: Sequence[str],
    folder: Path,
    *,
    limits: Limits,
    environment: Mapping[str, str] | None = None,
    writable: Sequence[Path] = (),
    visible: Sequence[Path] = (),
    stdin: bytes = b"",
) -> Finished:
    """Runs a command in the sandbox to its end or to the first limit; never raises for what the command does."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        process = start(
            command,
            folder,
            limits=limits,
            environment=environment,
            writable=writable,
            visible=visible,
            stdin=given,
        )
    kept: list[bytearray] = [bytearray(), bytearray()]
    readers = []
    for stream, into in zip((process.stdout, process.stderr), kept, strict=True):
        assert stream is not None
        reader = threading.Thread(target=_drain, args=(stream, into, limits.output_bytes), daemon=True)
        reader.start()
        readers.append(reader)
    stopped, looked = "", begun
    while not stopped:
        try:
            process.wait(timeout=min(2.0, max(0.01, begun + limits.seconds - time.monotonic())))
            break
        except subprocess.TimeoutExpired:
            now = time.monotonic()
            if now - begun >= limits.seconds:
                stopped = "time"
            elif now - looked >= 2.0:
                looked = now
                if sum(map(folder_bytes, writable)) > limits.disk_bytes:
                    stopped = "disk"
    stop(process)
    for reader in readers:
        reader.join(5.0)
    out, err = (bytes(part).decode("utf-8", "replace") for part in kept)
    return Finished(process.returncode, out, err, stopped, time.monotonic() - begun)


def _drain(stream: IO[bytes], into: bytearray, most: int) -> None:
    """Reads a pipe to its end, keeping the first `most` bytes."""
    while piece := stream.read(65536):
        into += piece[: max(0, most - len(into))]


def let_read(folder: Path) -> None:
    """Lets the sandbox's user read a folder and all below: folders made by this user may be closed to others."""
    for here, _, names in os.walk(folder):
        Path(here).chmod(0o755)
        for path in (Path(here, name) for name in names):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                path.chmod(mode | 0o444 | (0o011 if mode & 0o100 else 0))


def folder_bytes(folder: Path) -> int:
    """Size of the files below a folder, links not followed; what vanishes meanwhile counts nothing."""
    total = 0
    for here, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(here) / name).lstat().st_size
            except OSError:
                continue
    return total
