"""What a run of the action finds around it: a checkout of the action, repositories with a bare origin, programs on the
PATH.
"""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import github
import runner

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ["POOLLINT"]).resolve()
TARGET = "x86_64-unknown-linux-musl"
# All that the script may need of a system; what is not here is not on a runner either, or is optional.
TOOLS = (
    "awk base64 bash cat cp curl cut dirname basename env git grep gzip head jq mkdir mktemp mv od rm sed sh sha256sum sort "
    "tail tar tr uname unzip wc"
).split()

CLEAN = {"compose.yaml": "services:\n  web:\n    image: nginx:1\n"}


def compose(replicas, pool=10, name="api", server="db"):
    """A repository whose budget is `replicas` × `pool` of 97."""
    return {
        "compose.yaml": f"""services:
  {name}:
    image: ghcr.io/acme/api:1
    environment:
      NODE_ENV: production
      DATABASE_URL: postgresql://app:hunter2canary@{server}:5432/app?connection_limit={pool}&pool_timeout=20
    deploy:
      replicas: {replicas}
  {server}:
    image: postgres:16
    environment:
      POSTGRES_USER: app
      POSTGRES_DB: app
      POSTGRES_PASSWORD: hunter2canary
""",
        "package.json": '{"dependencies": {"@prisma/client": "^6.0.0"}}\n',
    }


def knows(option):
    """Whether the program has an option."""
    ran = subprocess.run([PROGRAM, "check", "--help"], capture_output=True, text=True, check=True)
    return f"--{option}" in ran.stdout


def git(directory, *arguments, **variables):
    environment = {
        **os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.org", **variables,
    }
    ran = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main", *arguments], cwd=directory, env=environment, capture_output=True, text=True
    )
    if ran.returncode:
        raise AssertionError(f"git {arguments}: {ran.stderr}")
    return ran.stdout.strip()


def write(directory, files):
    for path, content in files.items():
        place = Path(directory) / path
        if content is None:
            place.unlink()
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")


def executable(place, content):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content)
    place.chmod(0o755)
    return place


class Repository:
    """An origin with `main`, and a change of it on a branch, merged as GitHub merges it for a run of a pull request."""

    def __init__(self, folder, before, after):
        self.folder = Path(folder)
        self.origin, self.work = self.folder / "origin.git", self.folder / "work"
        git(self.folder, "init", "--bare", "-q", str(self.origin))
        git(self.origin, "config", "uploadpack.allowAnySHA1InWant", "true")
        git(self.folder, "init", "-q", str(self.work))
        git(self.work, "remote", "add", "origin", f"file://{self.origin}")
        self.start = self.commit(before, "before")
        git(self.work, "checkout", "-q", "-b", "change")
        self.head = self.commit(after, "after")
        git(self.work, "checkout", "-q", "main")
        # The base moves on while the change waits.
        self.base = self.commit({"notes.txt": "later\n"}, "later")
        git(self.work, "checkout", "-q", "-B", "merge")
        git(self.work, "merge", "-q", "--no-ff", "-m", "Merge", "change")
        self.merge = git(self.work, "rev-parse", "HEAD")
        git(self.work, "push", "-q", "origin", "main", "change", "merge:refs/pull/7/merge")

    def commit(self, files, message):
        write(self.work, files)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", message)
        return git(self.work, "rev-parse", "HEAD")

    def checkout(self, commit, depth=1):
        """What actions/checkout leaves."""
        place = Path(tempfile.mkdtemp(prefix="workspace-", dir=self.folder))
        git(place, "init", "-q")
        git(place, "remote", "add", "origin", f"file://{self.origin}")
        limit = [f"--depth={depth}"] if depth else []
        reference = [] if depth else ["+refs/heads/*:refs/remotes/origin/*"]
        git(place, "fetch", "-q", "--no-tags", *limit, "origin", commit, *reference)
        git(place, "checkout", "-q", "--detach", commit)
        return place

    def event(self, **more):
        """The context of a pull request of the same repository."""
        return {
            "event_name": "pull_request", "repository": "acme/shop", "sha": self.merge,
            "event": {"pull_request": {"number": "7", "base": {"sha": self.base}, "head": {"repo": {"full_name": "acme/shop"}}}}, **more,
        }


class World:
    """A place for one case."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="poollint-action-"))
        self.bin, self.spy = self.folder / "bin", self.folder / "spy"
        self.spy.mkdir()
        self.bin.mkdir()
        for tool in TOOLS:
            place = shutil.which(tool)
            if place:
                (self.bin / tool).symlink_to(place)
        self.path = [self.bin]
        self.hub = github.GitHub()
        self.action = ROOT

    def close(self):
        self.hub.server.shutdown()
        self.hub.server.server_close()
        shutil.rmtree(self.folder)

    def system(self, version=None):
        """A poollint on the PATH that notes its arguments, and says that it is of a version."""
        executable(self.bin / "poollint", self.stand_in(version))

    def stand_in(self, version=None):
        # A program of this commit that has no comparison yet is not told of one: what it would have been told is noted.
        drop = "" if knows("base") else 'case "$one" in --base=*|--gate=*) continue ;; esac; '
        say = f'if [ "$1" = --version ]; then echo "poollint {version}"; exit; fi\n' if version else ""
        return (
            f'#!/usr/bin/env bash\n{say}printf "%s\\n" "$@" >> "{self.spy}/arguments"\narguments=()\n'
            f'for one in "$@"; do {drop}arguments+=("$one"); done\nexec "{PROGRAM}" "${{arguments[@]}}"\n'
        )

    def cargo(self):
        """A cargo that "builds" by copying, and notes where it stood."""
        target = executable(self.folder / "built", self.stand_in())
        executable(
            self.bin / "cargo",
            f'#!/usr/bin/env bash\npwd > "{self.spy}/cargo"\nprintf "%s\\n" "$@" >> "{self.spy}/cargo"\n'
            'while [ "$1" != --target-dir ]; do shift; done\n'
            f'place="$2/${{CARGO_BUILD_TARGET:+$CARGO_BUILD_TARGET/}}release"; mkdir -p "$place" && cp "{target}" "$place/poollint"\n',
        )

    def spied(self, name):
        place = self.spy / name
        return place.read_text().split("\n") if place.exists() else []

    def release_action(self, version, lock=None):
        """A checkout of the action at the commit of a release, with the checksums that it names."""
        self.action = self.folder / "action"
        shutil.copytree(ROOT / "action", self.action / "action")
        shutil.copy(ROOT / "action.yml", self.action)
        write(self.action, {"Cargo.toml": f'[package]\nname = "poollint"\nversion = "{version}"\n'})
        if lock is not None:
            write(self.action, {"action/release.lock": lock})

    def release(self, version):
        """Publishes a release; gives the line of its archive in SHA256SUMS."""
        name = f"poollint-{TARGET}-v{version}"
        program = self.stand_in(version).encode()
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w:gz") as tar:
            entry = tarfile.TarInfo(f"{name}/poollint")
            entry.size, entry.mode = len(program), 0o755
            tar.addfile(entry, io.BytesIO(program))
        sums = f"{hashlib.sha256(archive.getvalue()).hexdigest()}  {name}.tar.gz\n"
        self.hub.files[f"v{version}/{name}.tar.gz"] = archive.getvalue()
        self.hub.files[f"v{version}/SHA256SUMS"] = sums.encode()
        return sums

    def workspace(self, files):
        place = Path(tempfile.mkdtemp(prefix="workspace-", dir=self.folder))
        write(place, files)
        return place

    def repository(self, before, after):
        return Repository(tempfile.mkdtemp(prefix="repository-", dir=self.folder), before, after)

    def run(self, workspace, github=None, variables=None, **inputs):
        urls = {"api_url": self.hub.url, "graphql_url": f"{self.hub.url}/graphql", "token": ""}
        variables = {
            "POOLLINT_RELEASES": f"{self.hub.url}/releases", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.file.allow", "GIT_CONFIG_VALUE_0": "always", **(variables or {}),
        }
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        ran = runner.run(self.action, workspace, given, {**urls, **(github or {})}, self.path, variables)
        shutil.copytree(ran.temporary, self.folder / "kept", dirs_exist_ok=True)
        shutil.rmtree(ran.temporary)
        return ran
