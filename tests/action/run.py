#!/usr/bin/env python3
"""Executes action.yml as the runner would, on real git repositories and a GitHub on the loopback interface.

POOLLINT names the program of this build. Needs PyYAML, git, curl and jq.
"""

import json
import os
import subprocess
import sys
import unittest

import github
import world
from world import CLEAN, compose, git

CANARY = "hunter2canary"
ENV = "DB_CONNECTION_LIMIT=10\nDATABASE_URL=postgresql://app:hunter2canary@db.internal:5432/app?connection_limit=25\n"
RULE = "pool-setting-conflict"
FINDING = {"api/.env.production": ENV}
BASE = world.knows("base")


class Case(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.world = world.World()
        self.addCleanup(self.world.close)

    def expect(self, ran, status):
        self.assertEqual(ran.status, status, str(ran))
        self.assertEqual(ran.outputs["exit-code"], str(status), str(ran))
        # Nor does the token stay where later steps could read it.
        for kept in self.world.folder.glob("kept/**/*"):
            self.assertFalse(kept.is_file() and github.TOKEN.encode() in kept.read_bytes(), str(kept))
        # Whatever happens, nothing secret is shown.
        for shown in (ran.log, ran.summary, str(ran.commands), str(ran.outputs)):
            self.assertNotIn(CANARY, shown)
            self.assertNotIn(github.TOKEN, shown)


class Judging(Case):
    def setUp(self):
        super().setUp()
        self.world.system()

    def run_on(self, files, **inputs):
        return self.world.run(self.world.workspace(files), install="system", base="none", **inputs)

    def test_clean(self):
        ran = self.run_on(CLEAN)
        self.expect(ran, 0)
        self.assertEqual(ran.annotations, [])
        self.assertEqual((ran.outputs["findings"], ran.outputs["budget-status"]), ("0", "none"))
        self.assertEqual((ran.outputs["base-sha"], ran.outputs["new-findings"]), ("", ""))
        self.assertIn("## poollint: no findings", ran.summary)
        self.assertNotIn("mermaid", ran.summary)
        self.assertTrue(ran.outputs["version"][0].isdigit())

    def test_findings_are_printed_annotated_and_summed_up(self):
        ran = self.run_on({**FINDING, "worker/.env.production": ENV})
        self.expect(ran, 1)
        self.assertIn("pool-setting-conflict", ran.log)
        errors = [found[1]["file"] for found in ran.annotations if found[1]["title"] == f"poollint: {RULE}"]
        self.assertEqual(errors, ["api/.env.production", "worker/.env.production"])
        self.assertEqual(ran.outputs["findings"], str(len(ran.annotations)))
        self.assertIn("pool-setting-conflict", ran.summary)

    def test_budget_and_topology(self):
        for replicas, status, verdict in ((3, 0, "ok"), (9, 0, "tight"), (12, 1, "over")):
            ran = self.run_on(compose(replicas))
            self.expect(ran, status)
            self.assertEqual(ran.outputs["budget-status"], verdict)
            self.assertIn("## Connection budget", ran.summary)
            self.assertIn(f"{replicas} replicas", ran.summary, "the arithmetic")
            self.assertIn(f"| {replicas * 10} |", ran.summary, "the sum")
            self.assertIn("```mermaid\nflowchart LR\n", ran.summary)

    def test_inputs_reach_the_program(self):
        off = {"all.toml": '[rules.pool-setting-conflict]\nseverity = "off"\n'}
        self.expect(self.run_on({**FINDING, **off}, config="all.toml"), 0)
        self.expect(self.run_on(FINDING, fail_on="never"), 0)
        self.expect(self.run_on(FINDING, args="--ignore=pool-setting-conflict\n\n--quiet"), 0)
        ran = self.run_on(FINDING, annotations="false", summary="false")
        self.expect(ran, 1)
        self.assertEqual((ran.annotations, ran.summary), ([], ""))

    def test_arguments_of_both_commands_reach_both(self):
        self.expect(self.run_on(CLEAN, args="--environment=staging\r\n--fail-on=info\r\n"), 0)
        self.assertEqual(self.world.spied("arguments").count("--environment=staging"), 2)
        self.assertEqual(self.world.spied("arguments").count("--fail-on=info"), 1)

    def test_paths_are_seen_from_the_workspace(self):
        files = {"a folder/x/api/.env.production": ENV, "a folder/y/.env.production": ENV, "z/.env": ""}
        for inputs, count in (
            ({"path": "a folder"}, 2),
            ({"path": "a folder/x\na folder/y\n"}, 2),
            ({"path": "a folder/x/api/.env.production"}, 1),
            ({"path": "../x\n../y", "working_directory": "a folder/x"}, 2),
            ({"path": ".", "working_directory": "a folder"}, 2),
            ({"path": "x", "working_directory": "./a folder"}, 1),
        ):
            workspace = self.world.workspace(files)
            inputs.update(install="system", base="none", sarif_file="out/p.sarif", json_file="p.json", args=f"--select={RULE}")
            ran = self.world.run(workspace, **inputs)
            self.expect(ran, 1)
            places = [found[1]["file"] for found in ran.annotations]
            self.assertEqual(len(places), count)
            for place in places:
                self.assertTrue((workspace / place).is_file(), f"{inputs}: {place}")
            sarif = json.loads((workspace / ran.outputs["sarif-file"]).read_text())
            for result in sarif["runs"][0]["results"]:
                uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                self.assertTrue((workspace / uri.replace("%20", " ")).is_file(), f"{inputs}: {uri}")
            self.assertEqual([place for place in places if ".." in place], [])
            self.assertEqual(len(json.loads((workspace / ran.outputs["json-file"]).read_text())["findings"]), count)

    def test_files_are_written_where_they_are_wanted(self):
        workspace = self.world.workspace(CLEAN)
        ran = self.world.run(workspace, install="system", sarif_file="/dev/null/x")
        self.expect(ran, 2)
        self.assertIn("sarif-file", ran.messages("error")[0])

    def test_files_never_leave_the_workspace(self):
        for name, links, written in (
            ("poollint.sarif", {"poollint.sarif": "{outside}/precious"}, True),
            ("poollint.sarif", {"poollint.sarif": "{outside}"}, True),
            ("poollint.sarif", {"poollint.sarif": "inside"}, True),
            ("out/poollint.sarif", {"out": "{outside}"}, False),
            ("out/new/poollint.sarif", {"out": "{outside}"}, False),
            ("out/poollint.sarif", {"out": "{outside}/new"}, False),
            ("out/poollint.sarif", {"out": "inside"}, True),
            ("new/../../outside/poollint.sarif", {}, False),
            ("../outside/poollint.sarif", {}, False),
            ("{outside}/poollint.sarif", {}, False),
            ("{workspace}/new/poollint.sarif", {}, True),
            ("inside", {}, False),
            ("..", {}, False),
        ):
            for kind in ("sarif_file", "json_file"):
                workspace = self.world.workspace({**CLEAN, "inside/x": "x"})
                outside = workspace.parent / "outside"
                world.write(outside, {"precious": "precious"})
                places = {"outside": outside, "workspace": workspace}
                for link, target in links.items():
                    (workspace / link).symlink_to(target.format(**places))
                wanted = name.format(**places)
                with self.subTest(name=name, kind=kind, links=links):
                    ran = self.world.run(workspace, install="system", base="none", **{kind: wanted})
                    self.expect(ran, 0 if written else 2)
                    self.assertEqual(sorted(place.name for place in outside.iterdir()), ["precious"])
                    self.assertEqual((outside / "precious").read_text(), "precious")
                    self.assertEqual([place.name for place in workspace.rglob(".poollint*")], [], "no drafts")
                    if written:
                        place = workspace / ran.outputs[kind.replace("_", "-")]
                        self.assertFalse(place.is_symlink())
                        self.assertEqual(place.stat().st_mode & 0o777, 0o644)
                        json.loads(place.read_text())
                    else:
                        self.assertIn(kind.replace("_", "-"), ran.messages("error")[0])

    def test_what_cannot_be_judged_fails(self):
        ran = self.run_on(FINDING, config="none.toml")
        self.expect(ran, 2)
        self.assertIn("could not do its work", ran.summary)
        self.assertEqual(ran.outputs["findings"], "")

    def test_arguments_that_ask_for_something_else_do_not_pass_for_clean(self):
        for argument in ("--help", "--files"):
            ran = self.run_on(FINDING, args=argument)
            self.expect(ran, 2)
            self.assertIn("nothing was judged", ran.messages("error")[0])

    def test_wrong_inputs_are_refused(self):
        for name, value in (
            ("install", "magic"), ("gate", "old"), ("annotations", "yes"), ("summary", ""), ("comment", "often"), ("fail_on", "note"),
            ("version", "latest"), ("version", "1.2.3; touch owned"), ("version", "1.2.3\n4.5.6"), ("comment_tag", "a b"),
            ("comment_tag", "a\nb"), ("comment_tag", "-->"), ("working_directory", "nowhere"), ("path", "\n\n"), ("base", "nowhere"),
            ("base", "--help"),
        ):
            repository = self.world.repository(CLEAN, CLEAN)
            inputs = {"install": "system", name: value}
            ran = self.world.run(repository.checkout(repository.merge), **inputs)
            self.expect(ran, 2)
            self.assertEqual(len(ran.messages("error")), 1, str(ran))
            self.assertIn(name.replace("_", "-"), ran.messages("error")[0])

    def test_hostile_inputs_are_text(self):
        names = [
            "path", "working_directory", "config", "version", "install", "base", "gate", "fail_on", "annotations", "summary", "comment",
            "comment_tag", "args",
        ]
        repository = self.world.repository(FINDING, FINDING)
        for hostile in (
            "$(touch owned)`touch owned`; touch owned; \"; touch owned; \"'; touch owned; '${IFS}touch${IFS}owned",
            "x\n::error title=owned::owned\n##[error]owned\nEOF\nowned=1",
            "--upload-pack=touch owned%0A::error title=owned::owned",
        ):
            for name in names:
                workspace = repository.checkout(repository.merge)
                ran = self.world.run(workspace, **{"install": "system", name: hostile})
                self.expect(ran, 2)
                self.assertEqual(list(workspace.rglob("owned")) + list(self.world.folder.glob("kept/**/owned")), [], f"{name}: {hostile}")
                for _, properties, _ in ran.annotations:
                    self.assertNotEqual(properties.get("title"), "owned", f"{name}: {hostile}")

    def test_files_for_output_may_have_any_name(self):
        workspace = self.world.workspace(FINDING)
        ran = self.world.run(workspace, install="system", sarif_file="$(touch owned)=\\x.sarif", json_file="-n")
        self.expect(ran, 1)
        self.assertEqual(ran.outputs["sarif-file"], "$(touch owned)=\\x.sarif")
        self.assertTrue((workspace / ran.outputs["sarif-file"]).is_file())
        self.assertTrue((workspace / ran.outputs["json-file"]).is_file())

    def test_hostile_repositories_are_text(self):
        name = '##[error]x"|`<img>$(touch owned)'
        files = compose(12)
        quoted = name.replace('"', '\\"')
        files["compose.yaml"] = files["compose.yaml"].replace("  api:", f'  "{quoted}":')
        files["::error title=owned::x/.env.production"] = ENV
        files["%0A::error::owned/.env.production"] = ENV
        files["]()@everyone#1```\t/.env.production"] = ENV
        ran = self.run_on(files)
        self.expect(ran, 1)
        self.assertTrue(ran.annotations)
        for kind, properties, _ in ran.commands:
            self.assertIn(kind, ("error", "warning", "notice"))
            self.assertTrue(properties["title"].startswith("poollint"), str(ran))
        places = [properties.get("file") for _, properties, _ in ran.annotations]
        self.assertIn("::error title=owned::x/.env.production", places)
        self.assertIn("%0A::error::owned/.env.production", places)
        for mark in ("<img", "@everyone", "]()"):
            self.assertNotIn(mark, ran.summary)
        self.assertEqual(ran.summary.count("```"), 2)

    def test_a_summary_is_never_too_large(self):
        files = {}
        for number in range(450):
            for path, content in compose(12, name="a" * 60, server=f"database-{number:04}").items():
                files[f"{'d' * 60}-{number:04}/{path}"] = content
        ran = self.run_on(files, comment="always")
        self.expect(ran, 1)
        size = len(ran.summary.encode())
        self.assertLess(size, 262144)
        self.assertGreater(size, 150000)
        self.assertIn("does not fit here", ran.summary)
        self.assertIn("too large to be drawn", ran.summary)
        self.assertEqual(ran.summary.count("<details"), ran.summary.count("</details>"))
        self.assertTrue(ran.summary.rstrip().endswith("</sub>"))
        self.assertEqual(len([found for found in ran.annotations if found[0] == "error"]), 10)

    def test_without_jq_the_step_still_judges(self):
        (self.world.bin / "jq").unlink()
        ran = self.run_on(FINDING)
        self.expect(ran, 1)
        self.assertEqual(ran.outputs["findings"], "")
        self.assertIn("no jq", ran.messages("notice")[0])


class Comparing(Case):
    def setUp(self):
        super().setUp()
        self.world.system()
        self.repository = self.world.repository(compose(3), compose(12))

    def compared(self, ran, base):
        """The program was told of this base, and the outputs name it."""
        told = [one for one in self.world.spied("arguments") if one.startswith("--base=")]
        self.assertEqual(told, [f"--base={base}"] * 2 if base else [])
        self.assertEqual(ran.outputs["base-sha"], base)

    def test_a_pull_request_is_compared_with_what_it_is_merged_into(self):
        workspace = self.repository.checkout(self.repository.merge)
        ran = self.world.run(workspace, self.repository.event(), install="system")
        self.expect(ran, 1)
        self.compared(ran, self.repository.base)
        self.assertIn(self.repository.base[:12], ran.summary)
        self.assertEqual(git(workspace, "status", "--porcelain"), "", "nothing is changed")
        if BASE:
            self.assertEqual(ran.outputs["new-findings"], "1")
            glance = ran.summary.split("## Connection budget")[1].split("<details")[0]
            self.assertIn("| 30 / 30 / 30 | 120 / 120 / 120 | +90 / +90 / +90 |", glance, "before, after and the change")

    def test_what_was_there_before_does_not_fail_a_gate_for_new(self):
        if not BASE:
            self.skipTest("this poollint compares nothing")
        repository = self.world.repository(compose(12), {"other.txt": ""})
        workspace = repository.checkout(repository.merge)
        self.expect(self.world.run(workspace, repository.event(), install="system"), 1)
        self.expect(self.world.run(workspace, repository.event(), install="system", gate="new"), 0)

    def test_the_head_itself_is_compared_with_where_it_parted(self):
        workspace = self.repository.checkout(self.repository.head, depth=0)
        ran = self.world.run(workspace, self.repository.event(), install="system")
        self.compared(ran, self.repository.start)
        workspace = self.repository.checkout(self.repository.head)
        (self.world.spy / "arguments").unlink()
        ran = self.world.run(workspace, self.repository.event(), install="system")
        self.compared(ran, self.repository.base)

    def test_a_whole_clone_stays_whole(self):
        other = git(self.repository.work, "commit-tree", "-m", "x", "HEAD^{tree}")
        git(self.repository.work, "push", "-q", "origin", f"{other}:refs/other/x")
        workspace = self.repository.checkout(self.repository.merge, depth=0)
        event = {"event_name": "push", "sha": self.repository.merge, "event": {"before": other}}
        self.compared(self.world.run(workspace, event, install="system"), other)
        self.assertEqual(git(workspace, "rev-parse", "--is-shallow-repository"), "false")

    def test_pushes_and_merge_groups_have_a_base(self):
        for name, event, base in (
            ("push", {"before": self.repository.base}, self.repository.base),
            ("merge_group", {"merge_group": {"base_sha": self.repository.start}}, self.repository.start),
            ("push", {"before": "0" * 40}, ""),
            ("schedule", {}, ""),
        ):
            (self.world.spy / "arguments").unlink(missing_ok=True)
            workspace = self.repository.checkout(self.repository.merge)
            ran = self.world.run(workspace, {"event_name": name, "sha": self.repository.merge, "event": event}, install="system")
            self.expect(ran, 1)
            self.compared(ran, base)

    def test_a_base_can_be_named_or_refused(self):
        for wanted, base in (("none", ""), (self.repository.start, self.repository.start), ("HEAD", self.repository.merge)):
            (self.world.spy / "arguments").unlink(missing_ok=True)
            workspace = self.repository.checkout(self.repository.merge)
            self.compared(self.world.run(workspace, self.repository.event(), install="system", base=wanted), base)

    def test_a_missing_base_fails_nothing(self):
        event = {"event_name": "push", "sha": self.repository.merge, "event": {"before": "1234567890" * 4}}
        workspace = self.repository.checkout(self.repository.merge)
        ran = self.world.run(workspace, event, install="system", gate="new", fail_on="never")
        self.expect(ran, 0)
        self.compared(ran, "")
        self.assertEqual(len(ran.messages("notice")), 2, str(ran))
        self.assertIn("cannot be fetched", ran.summary)
        self.expect(self.world.run(workspace, event, install="system", gate="new"), 1)
        outside = self.world.run(self.world.workspace(CLEAN), event, install="system")
        self.expect(outside, 0)
        self.assertIn("no git repository", outside.messages("notice")[0])

    def test_the_token_fetches_from_the_server_of_the_workflow_alone(self):
        executable = world.executable
        real = (self.world.bin / "git").resolve()
        (self.world.bin / "git").unlink()
        spy = f'{self.world.spy}/git'
        executable(
            self.world.bin / "git",
            f'#!/usr/bin/env bash\nif [ "$1" = fetch ]; then echo "${{GIT_CONFIG_KEY_0:-}} ${{GIT_CONFIG_VALUE_0:-}} $*" >> "{spy}"; exit 1; fi\nexec "{real}" "$@"\n',
        )
        event = self.repository.event(event_name="push", event={"before": self.repository.base}, token=github.TOKEN)
        for origin, with_token in (("https://github.com/acme/shop", True), ("https://github.com.evil.example/acme/shop", False)):
            (self.world.spy / "git").unlink(missing_ok=True)
            workspace = self.repository.checkout(self.repository.merge)
            git(workspace, "remote", "set-url", "origin", origin)
            self.expect(self.world.run(workspace, event, install="system"), 1)
            fetches = [line for line in self.world.spied("git") if line]
            self.assertEqual(len(fetches), 2 if with_token else 1)
            self.assertEqual("http.https://github.com/.extraheader AUTHORIZATION: basic" in fetches[-1], with_token)
            self.assertFalse(any(github.TOKEN in line for line in fetches))


    def test_a_baseline_is_something_to_compare_with(self):
        files = compose(12)
        workspace = self.world.workspace(files)
        accept = ["check", "--quiet", "--write-baseline", "accepted.json", "."]
        subprocess.run([world.PROGRAM, *accept], cwd=workspace, check=False, capture_output=True)
        accepted = (workspace / "accepted.json").read_text()
        repository = self.world.repository(compose(3), {**files, "accepted.json": accepted})
        for argument in ("--baseline=accepted.json", "--baseline\naccepted.json"):
            for base in ("none", "auto"):
                for gate, status in (("new", 0), ("all", 1)):
                    (self.world.spy / "arguments").unlink(missing_ok=True)
                    event = repository.event(token=github.TOKEN)
                    workspace = repository.checkout(repository.merge)
                    ran = self.world.run(workspace, event, install="system", base=base, gate=gate, args=argument, comment="changes")
                    self.expect(ran, status)
                    self.compared(ran, "")
                    self.assertEqual(ran.outputs["new-findings"], "0")
                    self.assertEqual(ran.messages("notice"), [], "there is something to compare with")
                    self.assertIn("compared with a baseline", ran.summary)
                    self.assertEqual("and not with a commit" in ran.log, base == "auto")
                    self.assertEqual(self.world.hub.comments, [], "nothing differs from the baseline")
        # Whoever says what fails in args has said it.
        workspace = repository.checkout(repository.merge)
        ran = self.world.run(workspace, repository.event(), install="system", args="--baseline=accepted.json\n--gate=new")
        self.expect(ran, 0)


class Installing(Case):
    def setUp(self):
        super().setUp()
        self.place = self.world.workspace(FINDING)

    def test_a_release_is_verified_by_the_commit_of_the_action(self):
        self.world.release_action("9.9.9", self.world.release("9.9.9"))
        ran = self.world.run(self.place)
        self.expect(ran, 1)
        self.assertEqual(ran.outputs["version"], "9.9.9")
        self.assertIn("checksum of the action's own commit", ran.log)
        self.assertNotIn(("GET", "/releases/v9.9.9/SHA256SUMS"), self.world.hub.requests)

    def test_a_wrong_checksum_fails(self):
        self.world.cargo()
        sums = self.world.release("9.9.9")
        wrong = ("0" if sums[0] != "0" else "1") + sums[1:]
        self.world.release_action("9.9.9", wrong)
        for install in ("auto", "release"):
            ran = self.world.run(self.place, install=install)
            self.expect(ran, 2)
            self.assertIn("is not what was released", ran.messages("error")[0])
        # Not even when the release says that it is right.
        self.assertEqual(self.world.spied("arguments"), [])

    def test_a_wrong_checksum_of_a_chosen_release_fails(self):
        sums = self.world.release("1.2.3")
        self.world.hub.files["v1.2.3/SHA256SUMS"] = (("0" if sums[0] != "0" else "1") + sums[1:]).encode()
        self.expect(self.world.run(self.place, version="1.2.3"), 2)
        self.world.hub.files["v1.2.3/SHA256SUMS"] = b"\n"
        self.expect(self.world.run(self.place, version="1.2.3"), 2)
        del self.world.hub.files["v1.2.3/SHA256SUMS"]
        ran = self.world.run(self.place, version="1.2.3")
        self.expect(ran, 2)
        self.assertIn("cannot be verified", ran.messages("error")[0])
        self.assertEqual(self.world.spied("arguments"), [])

    def test_a_release_can_be_chosen(self):
        self.world.release("1.2.3")
        ran = self.world.run(self.place, version="1.2.3")
        self.expect(ran, 1)
        self.assertEqual(ran.outputs["version"], "1.2.3")
        self.assertIn("checksums of its own release alone", ran.messages("notice")[0])

    def test_a_chosen_release_needs_its_attestation_where_it_can_be_asked_for(self):
        self.world.release("1.2.3")
        event = {"action_repository": "acme/poollint", "token": github.TOKEN}
        spy = f"{self.world.spy}/gh"
        for status, expected in ((0, 1), (1, 2)):
            world.executable(self.world.bin / "gh", f'#!/bin/sh\necho "$*" > "{spy}"\n[ "$GH_TOKEN" ] || exit 3\nexit {status}\n')
            ran = self.world.run(self.place, event, version="1.2.3")
            self.expect(ran, expected)
            self.assertIn("--repo acme/poollint", self.world.spied("gh")[0])
            self.assertIn("attestation", ran.log if status == 0 else ran.messages("error")[0])

    def test_an_archive_with_another_program_fails(self):
        sums = self.world.release("1.2.3").replace("v1.2.3", "v1.2.4")
        old = self.world.hub.files[f"v1.2.3/poollint-{world.TARGET}-v1.2.3.tar.gz"]
        self.world.hub.files[f"v1.2.4/poollint-{world.TARGET}-v1.2.4.tar.gz"] = old
        self.world.hub.files["v1.2.4/SHA256SUMS"] = sums.encode()
        self.expect(self.world.run(self.place, version="1.2.4"), 2)

    def test_a_missing_release_is_built_from_source(self):
        self.world.cargo()
        self.world.release_action("9.9.9", f"{'0' * 64}  poollint-{world.TARGET}-v9.9.9.tar.gz\n")
        ran = self.world.run(self.place)
        self.expect(ran, 1)
        self.assertIn("cannot be downloaded", ran.messages("notice")[0])
        self.assertIn("built from the source", ran.log)
        ran = self.world.run(self.place, install="release")
        self.expect(ran, 2)

    def test_a_commit_between_releases_is_built_where_the_action_is(self):
        self.world.cargo()
        self.world.system("9.9.9-dev")
        self.world.release_action("9.9.9-dev")
        world.write(self.place, {".cargo/config.toml": '[build]\nrustc-wrapper = "touch owned"\n'})
        for install in ("auto", "source"):
            ran = self.world.run(self.place, install=install)
            self.expect(ran, 1)
            spied = self.world.spied("cargo")
            self.assertEqual(spied[0], str(self.world.action), "settings of the workspace are not taken")
            self.assertIn("--locked", spied)
        self.assertEqual(self.world.hub.requests, [])
        self.expect(self.world.run(self.place, install="release"), 2)

    def test_a_target_of_the_job_does_not_move_the_build(self):
        self.world.cargo()
        self.world.release_action("9.9.9-dev")
        ran = self.world.run(self.place, install="source", variables={"CARGO_BUILD_TARGET": "wasm32-wasip1"})
        self.expect(ran, 1)
        self.assertIn("built from the source", ran.log)

    def test_a_build_without_a_program_is_an_error_of_the_action(self):
        self.world.release_action("9.9.9-dev")
        world.executable(self.world.bin / "cargo", "#!/bin/sh\nexit 0\n")
        for install in ("auto", "source"):
            ran = self.world.run(self.place, install=install)
            self.expect(ran, 2)
            self.assertIn("left no program", ran.messages("error")[0])

    def test_a_commit_without_checksums_is_its_own_source(self):
        self.world.cargo()
        self.world.release("9.9.9")
        self.world.release_action("9.9.9")
        ran = self.world.run(self.place)
        self.expect(ran, 1)
        self.assertIn("built from the source", ran.log)

    def test_without_anything_the_ways_out_are_named(self):
        self.world.release_action("9.9.9-dev")
        ran = self.world.run(self.place)
        self.expect(ran, 2)
        for way in ("no cargo", "released version", "install Rust", "install: system"):
            self.assertIn(way, ran.messages("error")[0])
        ran = self.world.run(self.place, version="1.2.3")
        self.expect(ran, 2)
        self.assertIn("cannot be downloaded", ran.messages("error")[0])
        self.assertIn("no poollint on the PATH", self.world.run(self.place, install="system").messages("error")[0])

    def test_the_version_on_the_path_is_used_when_it_is_the_wanted_one(self):
        self.world.system("9.9.9")
        self.world.release_action("9.9.9", f"{'0' * 64}  poollint-{world.TARGET}-v9.9.9.tar.gz\n")
        ran = self.world.run(self.place)
        self.expect(ran, 1)
        self.assertIn("found on the PATH", ran.log)
        self.assertEqual(self.world.hub.requests, [])
        ran = self.world.run(self.place, install="system", version="1.2.3")
        self.expect(ran, 2)
        self.assertIn("9.9.9, not 1.2.3", ran.messages("error")[0])

    def test_a_runner_without_archive_says_so(self):
        self.world.release("1.2.3")
        ran = self.world.run(self.place, version="1.2.3", variables={"RUNNER_ARCH": "S390X"})
        self.expect(ran, 2)
        self.assertIn("no release has an archive for Linux S390X", ran.messages("error")[0])


class Commenting(Case):
    MARK = "<!-- poollint:comment v1 tag=poollint -->"

    def setUp(self):
        super().setUp()
        self.world.system()
        self.repository = self.world.repository(compose(3), compose(12))

    def comment(self, comment="always", repository=None, event=None, status=1, **inputs):
        repository = repository or self.repository
        event = event or repository.event(token=github.TOKEN)
        ran = self.world.run(repository.checkout(repository.merge), event, install="system", comment=comment, **inputs)
        self.expect(ran, status)
        return ran

    def test_it_is_created_once_and_then_updated(self):
        self.comment()
        self.assertEqual(len(self.world.hub.comments), 1)
        first = self.world.hub.comments[0]["body"]
        self.assertTrue(first.startswith(f"{self.MARK}\n## poollint"))
        self.assertIn("mermaid", first)
        self.assertNotIn(CANARY, first)
        self.comment(fail_on="never", args="--ignore=total-connection-overflow", status=0)
        self.assertEqual(len(self.world.hub.comments), 1)
        self.assertNotEqual(self.world.hub.comments[0]["body"], first)

    def test_a_look_alike_is_left_alone(self):
        self.world.hub.comment("mallory", f"{self.MARK}\nall is well")
        self.world.hub.comment(github.ME, f"somebody quoted {self.MARK}")
        self.world.hub.comment(github.ME, self.MARK.replace("=poollint", "=other"))
        before = [dict(one) for one in self.world.hub.comments]
        self.comment()
        self.assertEqual(self.world.hub.comments[:3], before)
        self.assertEqual(len(self.world.hub.comments), 4)
        self.comment()
        self.assertEqual(len(self.world.hub.comments), 4)

    def test_it_is_found_on_a_later_page_and_without_knowing_the_viewer(self):
        self.world.hub.knows_viewer = False
        for number in range(230):
            self.world.hub.comment("somebody", f"comment {number}")
        self.comment()
        self.comment()
        self.assertEqual(len(self.world.hub.comments), 231)
        self.assertEqual([request[0] for request in self.world.hub.written()], ["POST", "PATCH"])

    def test_several_runs_have_comments_of_their_own(self):
        self.comment(comment_tag="staging")
        self.comment()
        self.assertEqual(len(self.world.hub.comments), 2)

    def test_changes_alone(self):
        self.comment("changes")
        self.assertEqual(len(self.world.hub.comments), 1, "the sum has changed")
        if not BASE:
            self.skipTest("this poollint compares nothing")
        same = self.world.repository(compose(12), {"other.txt": ""})
        self.comment("changes", same)
        self.assertEqual(len(self.world.hub.written()), 2, "what is there is brought up to date")
        self.world.hub.comments.clear()
        self.comment("changes", same)
        self.assertEqual(self.world.hub.comments, [])

    def test_what_is_gone_is_a_change(self):
        if not BASE:
            self.skipTest("this poollint compares nothing")
        before = {**CLEAN, "api/compose.yaml": compose(3)["compose.yaml"], "package.json": "{}"}
        # The sum alone has to tell: no finding comes or goes.
        repository = self.world.repository(before, {"api/compose.yaml": None})
        self.comment("changes", repository, status=0, args="--select=total-connection-overflow")
        self.assertEqual(len(self.world.hub.comments), 1)

    def test_a_change_is_one_of_any_server_or_pooler(self):
        server = {"demand": {"max": 3}, "usable": 97, "verdict": "fits"}
        old = {**server, "before": server}
        more = {**server, "before": {**server, "demand": {"max": 2}}}
        pooler = {"demand": {"max": 3}, "max_client_conn": {"value": 9}, "verdict": "fits"}
        old_pooler = {**pooler, "before": {"demand": pooler["demand"], "verdict": "fits"}}
        one = {"servers": [old], "poolers": [old_pooler]}
        for budget, changed in (
            ({}, False),
            ({"shared_servers": [old], "gone": [{"name": "no servers", "servers": []}]}, False),
            ({"gone": [{"name": "d", "servers": [server]}]}, True),
            ({"deployments": [one, {**one, "gone": [server]}]}, True),
            ({"deployments": [{**one, "servers": [old, server]}]}, True),
            ({"deployments": [{**one, "servers": [old, more]}]}, True),
            ({"deployments": [{**one, "servers": [{**old, "usable": 5}]}]}, True),
            ({"shared_servers": [more]}, True),
            ({"deployments": [{**one, "poolers": [pooler]}]}, True),
            ({"deployments": [{**one, "poolers": [{**old_pooler, "verdict": "overflow"}]}]}, True),
        ):
            for base in ({"base": "main"}, {}):
                text = json.dumps({"deployments": [one], "shared_servers": [], **base, **budget})
                script = world.ROOT / "action" / "budget-changed.jq"
                said = subprocess.run(["jq", "-r", "-f", script], input=text, capture_output=True, text=True, check=True).stdout
                self.assertEqual(said, "changed\n" if changed and base else "", text)

    def test_the_token_does_not_stay(self):
        # Looked for by `expect`: after comments that cannot be read, after nothing to say, after a comment.
        for token, comment in ((github.TOKEN, "always"), ("ghs_another", "always"), (github.TOKEN, "changes")):
            same = self.world.repository(compose(12), {"other.txt": ""})
            self.world.hub.comments.clear()
            self.comment(comment, same, event=same.event(token=token))
            self.assertEqual(list(self.world.folder.glob("kept/**/token")), [])

    def test_never(self):
        self.comment("never")
        self.assertEqual(self.world.hub.requests, [])

    def test_a_fork_needs_no_token(self):
        event = self.repository.event()
        event["event"]["pull_request"]["head"]["repo"]["full_name"] = "mallory/shop"
        for token in ("", github.TOKEN):
            ran = self.comment(event={**event, "token": token})
            self.assertIn("from a fork", ran.messages("notice")[0])
            self.assertEqual(self.world.hub.requests, [])
            self.assertIn("## poollint", ran.summary)
            self.assertEqual(ran.outputs["base-sha"], self.repository.base)

    def test_no_permission_fails_nothing(self):
        self.world.hub.may_write = False
        ran = self.comment()
        self.assertIn("pull-requests: write", ran.messages("notice")[0])
        ran = self.comment(event=self.repository.event(token="ghs_another"))
        self.assertIn("status 401", ran.messages("notice")[0])
        ran = self.comment(event=self.repository.event(token=""))
        self.assertIn("needs the input token", ran.messages("notice")[0])

    def test_only_pull_requests(self):
        event = {"event_name": "push", "sha": self.repository.merge, "repository": "acme/shop", "token": github.TOKEN, "event": {"before": self.repository.base}}
        self.comment(event=event)
        self.assertEqual(self.world.hub.requests, [])

    def test_it_is_never_too_large(self):
        files = {}
        for number in range(300):
            for path, content in compose(12, server=f"database-{number:04}").items():
                files[f"{'d' * 60}-{number:04}/{path}"] = content
        self.comment(repository=self.world.repository(CLEAN, files))
        body = self.world.hub.comments[0]["body"]
        self.assertLess(len(body.encode()), 60100)
        self.assertGreater(len(body.encode()), 40000)
        self.assertEqual(body.count("<details"), body.count("</details>"))


class Describing(unittest.TestCase):
    def test_every_name_is_used(self):
        import yaml

        action = yaml.safe_load((world.ROOT / "action.yml").read_text())
        script = "".join(file.read_text() for file in sorted((world.ROOT / "action").rglob("*.sh")))
        (step,) = action["runs"]["steps"]
        self.assertNotIn("${{", step["run"])
        for name in action["inputs"]:
            variable = f"POOLLINT_ACTION_{name.replace('-', '_').upper()}"
            self.assertEqual(step["env"].get(variable), f"${{{{ inputs.{name} }}}}")
        for variable in step["env"]:
            self.assertIn(f"${variable}", script.replace("${", "$"))
        for name, output in action["outputs"].items():
            self.assertEqual(output["value"], f"${{{{ steps.poollint.outputs.{name} }}}}")
            self.assertIn(f"output {name} ", script)


if __name__ == "__main__":
    os.umask(0o022)
    if not os.access(world.PROGRAM, os.X_OK):
        sys.exit("POOLLINT does not name a program")
    subprocess.run(["jq", "--version"], check=True, stdout=subprocess.DEVNULL)
    result = unittest.main(verbosity=1, exit=False).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(1 if failed else 0)
