#!/usr/bin/env python3
"""Holds what poollint writes against what its readers accept: SARIF against its schema, GitLab's and reviewdog's formats
against schemas made from their documentation, JUnit read back by a reader of it. Over all of fixtures/repos, all of it
at once, and a repository without findings.

    validate.py PROGRAM SARIF-SCHEMA FOLDER

Mermaid goes to FOLDER, for tests/outputs/mermaid.mjs.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
from junitparser import Error, Failure, JUnitXml

HERE = Path(__file__).resolve().parent
REPOSITORIES = HERE.parents[1] / "fixtures" / "repos"
# Names that mean something to Mermaid, as far as a service may have them.
HOSTILE = """services:
""" + "".join(
    f"""  '{name}':
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgresql://app@db:5432/app?connection_limit=10
"""
    for name in ('a"]', "end", "graph", "x --> y", "%%{init}%%", "<b>", "``` ", "a;b", "#quot;", "click n1", "ä|ö")
) + """  db:
    image: postgres:16
"""
passed = 0


def run(program, command, form, place):
    ran = subprocess.run([program, command, "--format", form, str(place)], capture_output=True, text=True)
    if ran.returncode > 1:
        sys.exit(f"{command} --format {form} {place}: exit status {ran.returncode}\n{ran.stderr}")
    return ran.stdout


def ok(condition, message):
    global passed
    if not condition:
        sys.exit(f"FAILED: {message}")
    passed += 1


def against(validator, document, what):
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in validator.iter_errors(document)]
    ok(not problems, f"{what}:\n  " + "\n  ".join(problems[:10]))


def main(program, sarif_schema, folder):
    own = {name: json.loads((HERE / f"{name}.schema.json").read_text()) for name in ("gitlab", "rdjson")}
    schemas = {"sarif": jsonschema.Draft7Validator(json.loads(Path(sarif_schema).read_text()))}
    for name, schema in own.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        schemas[name] = jsonschema.Draft202012Validator(schema)
    # A schema that takes anything would prove nothing.
    for name, wrong in (("sarif", {"version": "2.1.0"}), ("gitlab", [{"description": "x"}]), ("rdjson", {"diagnostics": [{}]})):
        ok(not schemas[name].is_valid(wrong), f"the schema for {name} takes anything")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    counts = {}
    for place in [REPOSITORIES, *sorted(path for path in REPOSITORIES.iterdir() if path.is_dir())]:
        findings = json.loads(run(program, "check", "json", place))["findings"]
        sarif = json.loads(run(program, "check", "sarif", place))
        against(schemas["sarif"], sarif, f"SARIF of {place}")
        results = sarif["runs"][0]["results"]
        rules = {rule["id"]: rule for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
        # What code scanning shows beyond the schema; its own rules are held in code_scanning.py.
        for result in results:
            ok(result["locations"], f"SARIF of {place}: a result is nowhere")
            rule = rules[result["ruleId"]]
            ok(rule.get("help", {}).get("text") and rule["shortDescription"]["text"], f"SARIF: {rule['id']} has no help")
        gitlab = json.loads(run(program, "check", "gitlab", place))
        against(schemas["gitlab"], gitlab, f"GitLab's format of {place}")
        fingerprints = [one["fingerprint"] for one in gitlab]
        ok(len(set(fingerprints)) == len(fingerprints), f"GitLab shows one finding for each fingerprint: {place}")
        rdjson = json.loads(run(program, "check", "rdjson", place))
        against(schemas["rdjson"], rdjson, f"RDJSON of {place}")
        junit = JUnitXml.fromstring(run(program, "check", "junit", place).encode())
        cases = [case for suite in junit for case in suite]
        failed = [case for case in cases if any(isinstance(one, (Failure, Error)) for one in case.result)]
        ok(cases, f"JUnit of {place}: some viewers take no case for an error")
        ok(all(case.name for case in cases), f"JUnit of {place}: a case has no name")
        for name, count in (("SARIF", len(results)), ("GitLab", len(gitlab)), ("RDJSON", len(rdjson["diagnostics"])), ("JUnit", len(failed))):
            ok(count == len(findings), f"{name} of {place} has {count} findings, JSON has {len(findings)}")
        counts[place.name] = len(findings)
        (folder / f"{place.name}.mmd").write_text(run(program, "budget", "mermaid", place))
    with tempfile.TemporaryDirectory() as hostile:
        (Path(hostile) / "compose.yaml").write_text(HOSTILE)
        drawing = run(program, "budget", "mermaid", hostile)
        ok("-->" in drawing, "the hostile names are drawn")
        (folder / "hostile.mmd").write_text(drawing)
    ok(any(counts.values()) and not all(counts.values()), "fixtures with and without findings")
    print(f"{passed} passed, 0 failed")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
