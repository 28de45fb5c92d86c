"""Runs a composite action as GitHub's runner does: inputs, expressions, steps, files for commands, and the commands that
a step prints. What the runner would refuse is refused here too.
"""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import yaml

# A step's summary may have 1 MiB; a larger one is not shown at all.
SUMMARY_BYTES = 1024 * 1024
# The runner shows ten annotations of a kind for each step, and a composite action is one step.
PER_KIND = 10


class Refused(Exception):
    """The runner would fail the job."""


# ---------------------------------------------------------------------------------------------- expressions

TOKEN = re.compile(r"\s*(?:(\|\||&&|==|!=|!|\(|\))|'((?:[^']|'')*)'|([A-Za-z_][\w.-]*)|(\d+))")


def evaluate(expression, contexts):
    """The value of what stands between `${{` and `}}`, as far as this action needs it."""
    tokens, at = [], 0
    expression = expression.strip()
    while at < len(expression):
        match = TOKEN.match(expression, at)
        if not match:
            raise Refused(f"expression: {expression[at:]}")
        operator, literal, name, number = match.groups()
        if operator:
            tokens.append(("op", operator))
        elif literal is not None:
            tokens.append(("value", literal.replace("''", "'")))
        elif number:
            tokens.append(("value", number))
        else:
            tokens.append(("value", {"true": True, "false": False}.get(name, lookup(name, contexts))))
        at = match.end()

    def binary(parse, operators, apply):
        value = parse()
        while tokens and tokens[0][0] == "op" and tokens[0][1] in operators:
            operator = tokens.pop(0)[1]
            value = apply(operator, value, parse())
        return value

    def single():
        kind, value = tokens.pop(0)
        if kind == "value":
            return value
        if value == "!":
            return not single()
        if value == "(":
            inner = disjunction()
            tokens.pop(0)
            return inner
        raise Refused(f"expression: {expression}")

    def comparison():
        def apply(operator, one, other):
            same = text(one).lower() == text(other).lower()
            return same if operator == "==" else not same

        return binary(single, ("==", "!="), apply)

    def conjunction():
        return binary(comparison, ("&&",), lambda _, one, other: other if one else one)

    def disjunction():
        return binary(conjunction, ("||",), lambda _, one, other: one if one else other)

    value = disjunction()
    if tokens:
        raise Refused(f"expression: {expression}")
    return value


def lookup(name, contexts):
    value = contexts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
        if value is None:
            return ""
    return value


def text(value):
    return {True: "true", False: "false", None: ""}.get(value, value) if not isinstance(value, str) else value


def fill(template, contexts):
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: text(evaluate(match[1], contexts)), str(template), flags=re.S)


# ------------------------------------------------------------------------------------------------- commands

V2 = re.compile(r"^::(?P<name>[^\s:]+)(?:\s+(?P<properties>.*?))?::(?P<message>.*)$")
V1 = re.compile(r"##\[(?P<name>[^\s\]]+)(?:\s+(?P<properties>[^\]]*))?\](?P<message>.*)$")
KNOWN = {
    "error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "add-matcher", "remove-matcher", "echo",
    "set-output", "save-state", "set-env", "add-path", "stop-commands",
}


def unescape(value, properties):
    for code, char in [("%0D", "\r"), ("%0A", "\n")] + ([("%3A", ":"), ("%2C", ",")] if properties else []):
        value = value.replace(code, char)
    return value.replace("%25", "%")


class Commands:
    """What the runner makes of the lines that a step prints."""

    def __init__(self):
        self.found, self.log, self.stopped = [], [], None

    def line(self, line):
        trimmed = line.lstrip()
        if self.stopped is not None:
            if trimmed.rstrip() == f"::{self.stopped}::":
                self.stopped = None
            else:
                self.log.append(line)
            return
        match = V2.match(trimmed) or V1.search(line)
        if not match or match["name"].lower() not in KNOWN:
            self.log.append(line)
            return
        name, old = match["name"].lower(), match.re is V1
        properties = {}
        for pair in (match["properties"] or "").split(";" if old else ","):
            key, equals, value = pair.partition("=")
            if equals:
                properties[key.strip()] = unescape(value, True)
        message = unescape(match["message"], False)
        if name == "stop-commands":
            if len(message) < 16:
                raise Refused(f"a word that could be guessed: {message}")
            self.stopped = message
        else:
            self.found.append((name, properties, message))


def read_file_commands(path):
    """`name=value` and `name<<delimiter` of a file for outputs."""
    values = {}
    lines = Path(path).read_text(encoding="utf-8").split("\n")
    if lines[-1] != "":
        raise Refused("the file of outputs does not end with a line break")
    lines.pop()
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals >= 0 and (heredoc < 0 or equals < heredoc):
            name, _, value = line.partition("=")
        elif heredoc >= 0:
            name, _, delimiter = line.partition("<<")
            body = []
            while True:
                if not lines:
                    raise Refused(f"no end of the output {name}")
                line = lines.pop(0)
                if line == delimiter:
                    break
                body.append(line)
            value = "\n".join(body)
        else:
            raise Refused(f"no output: {line}")
        if not name:
            raise Refused("an output without a name")
        values[name] = value
    return values


# ------------------------------------------------------------------------------------------------- the run


class Ran:
    """What a run of the action left behind."""

    def __init__(self, status, commands, outputs, summary, temporary):
        self.status, self.outputs, self.summary, self.temporary = status, outputs, summary, temporary
        self.commands = commands.found
        self.log = "\n".join(commands.log)
        self.annotations = [found for found in commands.found if found[0] in ("error", "warning", "notice")]

    def messages(self, name):
        return [message for kind, _, message in self.commands if kind == name]

    def __str__(self):
        return f"status {self.status}\n{self.log}\n{self.commands}\n{self.outputs}\n{self.summary}"


def run(action, workspace, inputs, github, path, variables=None):
    """Runs the composite action in a directory.

    `github` is the context `github`; `path` are the directories of PATH; `variables` are further variables of the job.
    """
    metadata = yaml.safe_load((Path(action) / "action.yml").read_text(encoding="utf-8"))
    if metadata["runs"]["using"] != "composite":
        raise Refused("not a composite action")
    unknown = set(inputs) - set(metadata["inputs"])
    if unknown:
        raise Refused(f"unknown inputs: {unknown}")
    temporary = Path(tempfile.mkdtemp(prefix="runner-"))
    contexts = {"github": {"server_url": "https://github.com", **github}, "steps": {}, "runner": {"temp": str(temporary)}}
    contexts["inputs"] = {
        name: inputs.get(name, fill(declared.get("default", ""), contexts)) for name, declared in metadata["inputs"].items()
    }
    commands, summary, status = Commands(), "", 0
    for number, step in enumerate(metadata["runs"]["steps"]):
        if "uses" in step or step.get("shell") != "bash":
            raise Refused("only bash is run here")
        files = {name: temporary / f"_{name}_{number}" for name in ("OUTPUT", "STEP_SUMMARY", "ENV", "PATH", "STATE")}
        for file in files.values():
            file.write_text("")
        script = temporary / f"_script_{number}.sh"
        script.write_text(fill(step["run"], contexts), encoding="utf-8")
        environment = {
            "PATH": ":".join(str(one) for one in path),
            "HOME": str(temporary / "home"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(action),
            "GITHUB_WORKSPACE": str(workspace),
            "GITHUB_SERVER_URL": contexts["github"]["server_url"],
            "GITHUB_API_URL": contexts["github"].get("api_url", "https://api.github.com"),
            "GITHUB_GRAPHQL_URL": contexts["github"].get("graphql_url", "https://api.github.com/graphql"),
            "GITHUB_EVENT_NAME": contexts["github"].get("event_name", ""),
            "GITHUB_REPOSITORY": contexts["github"].get("repository", ""),
            "GITHUB_ACTION_REPOSITORY": contexts["github"].get("action_repository", ""),
            "GITHUB_SHA": contexts["github"].get("sha", ""),
            "RUNNER_TEMP": str(temporary),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": "X64",
            **{f"GITHUB_{name}": str(file) for name, file in files.items()},
            **(variables or {}),
            **{name: fill(value, contexts) for name, value in (step.get("env") or {}).items()},
        }
        (temporary / "home").mkdir(exist_ok=True)
        ran = subprocess.run(
            [shutil.which("bash"), "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=workspace, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=300,
        )
        for line in ran.stdout.decode("utf-8").split("\n"):
            commands.line(line.rstrip("\r"))
        if commands.stopped is not None:
            raise Refused("the step left the runner deaf for commands")
        if os.path.getsize(files["STEP_SUMMARY"]) > SUMMARY_BYTES:
            raise Refused("the summary is too large to be shown")
        summary += files["STEP_SUMMARY"].read_text(encoding="utf-8")
        for name in ("ENV", "PATH"):
            if files[name].read_text():
                raise Refused(f"the step writes GITHUB_{name}")
        if "id" in step:
            contexts["steps"][step["id"]] = {"outputs": read_file_commands(files["OUTPUT"])}
        status = ran.returncode
        if status:
            break
    written = contexts["steps"].get("poollint", {}).get("outputs", {})
    undeclared = set(written) - set(metadata["outputs"])
    if undeclared:
        raise Refused(f"outputs that action.yml does not declare: {undeclared}")
    outputs = {name: fill(declared["value"], contexts) for name, declared in metadata["outputs"].items()}
    for kind in ("error", "warning", "notice"):
        if len([found for found in commands.found if found[0] == kind and "file" in found[1]]) > PER_KIND:
            raise Refused(f"more annotations of the kind {kind} than are shown")
    return Ran(status, commands, outputs, summary, temporary)
