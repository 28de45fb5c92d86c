#!/usr/bin/env python3
"""Holds the SARIF that poollint writes against the rules that GitHub's code scanning has for it, as the authors of the
format's toolkit know them (`sarif-multitool validate --rule-kind "Sarif;Ghas"`, rules GH1001 and following, and those of the
standard that are errors). Over all of fixtures/repos, each of them and all at once.

    code_scanning.py PROGRAM MULTITOOL
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

REPOSITORIES = Path(__file__).resolve().parents[2] / "fixtures" / "repos"
# No result of this is anywhere, and its rule says nothing about itself.
WRONG = {
    "version": "2.1.0",
    "runs": [{"tool": {"driver": {"name": "x", "rules": [{"id": "a"}]}}, "results": [{"ruleId": "a", "message": {"text": "t"}}]}],
}


def validate(multitool, folder):
    """What the tool says of each file. Its exit status tells whether it could work, not what it found."""
    report = folder / "report.json"
    command = [multitool, "validate", str(folder / "*.sarif"), "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"]
    ran = subprocess.run(
        [*command, "--output", str(report), "--log", "ForceOverwrite"], capture_output=True, text=True, timeout=300,
        # It would ask for a library of the system's for languages.
        env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
    )
    files = len(list(folder.glob("*.sarif")))
    if ran.returncode or f"{files} files scanned" not in ran.stdout:
        sys.exit(f"{' '.join(command)}: exit status {ran.returncode}\n{ran.stdout}{ran.stderr}")
    found = {}
    for result in json.loads(report.read_text(encoding="utf-8-sig"))["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        rule, message = result["ruleId"], result["message"]
        if rule.startswith("GH") or result.get("level") == "error":
            # Where in a file does not matter here: one line for all rules of a file that lack the same.
            found.setdefault(place.rsplit("/", 1)[-1], Counter())[f"{rule} {message.get('id') or message.get('text')}"] += 1
    return found


def main(program, multitool):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for place in [REPOSITORIES, *sorted(path for path in REPOSITORIES.iterdir() if path.is_dir())]:
            ran = subprocess.run([program, "check", "--format", "sarif", str(place)], capture_output=True)
            if ran.returncode > 1:
                sys.exit(f"check --format sarif {place}: exit status {ran.returncode}\n{ran.stderr.decode()}")
            (folder / f"{place.name}.sarif").write_bytes(ran.stdout)
        count = len(list(folder.glob("*.sarif")))
        (folder / "wrong.sarif").write_text(json.dumps(WRONG))
        found = validate(multitool, folder)
        wrong = {said.split()[0] for said in found.pop("wrong.sarif", ())}
        if not {"GH1015", "GH2012"} <= wrong:
            sys.exit(f"FAILED: a wrong file is not found to be wrong, only {sorted(wrong)}")
        if found:
            lines = [f"  {times} × {said}" for said, times in sum(found.values(), Counter()).items()]
            sys.exit(f"FAILED: code scanning would not take {len(found)} of {count} files ({min(found)} …)\n" + "\n".join(lines))
    print(f"{count} passed, 0 failed")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
