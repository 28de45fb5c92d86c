#!/usr/bin/env bash
# Runs the hooks of .pre-commit-hooks.yaml as pre-commit and prek do, on a repository with commits of every kind.
#
# POOLLINT names the program of this build; POOLLINT_HOOK_TOOLS is a directory with pre-commit and prek. With
# POOLLINT_HOOK_WHEEL=true the hook that makes a wheel is installed too, which compiles.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
: "${POOLLINT:?}" "${POOLLINT_HOOK_TOOLS:?}"

mkdir "$folder/bin" "$folder/home"
ln -s "$POOLLINT" "$folder/bin/poollint"
export PATH="$folder/bin:$POOLLINT_HOOK_TOOLS:$PATH"
export PRE_COMMIT_HOME="$folder/pre-commit" PREK_HOME="$folder/prek" PRE_COMMIT_COLOR=never NO_COLOR=1
export GIT_CONFIG_GLOBAL="$folder/gitconfig" GIT_CONFIG_SYSTEM=/dev/null
git config --global user.name a
git config --global user.email a@example.org
git config --global init.defaultBranch main
git config --global protocol.file.allow always
# Those of a hook that this runs in would lead elsewhere.
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

passed=0
fail() {
  echo "FAILED: $tool: $1" >&2
  sed 's/^/  /' "$folder/log" >&2
  exit 1
}

# expect STATUS TEXT NAME COMMAND…: what a command ends with, and what it says.
expect() {
  local status=$1 text=$2 name=$3 ended=0
  shift 3
  "$@" > "$folder/log" 2>&1 || ended=$?
  if [ "$ended" -ne "$status" ]; then fail "$name: exit status $ended, expected is $status"; fi
  [ -z "$text" ] || grep -q -- "$text" "$folder/log" || fail "$name: does not say $text"
  passed=$((passed + 1))
}

# replicas N: a deployment whose pools come to N × 10 of 97 connections.
replicas() {
  cat > compose.yaml <<YAML
services:
  api:
    image: ghcr.io/acme/api:1
    environment:
      DATABASE_URL: postgresql://app:\${DB_PASSWORD:?}@db:5432/app?connection_limit=10&pool_timeout=20
    deploy:
      replicas: $1
  db:
    image: postgres:16
    environment:
      POSTGRES_USER: app
      POSTGRES_DB: app
      POSTGRES_PASSWORD: \${DB_PASSWORD:?}
YAML
}

# The manifest alone, as a repository: what the hook on the PATH needs.
mkdir "$folder/provider"
cp "$root/.pre-commit-hooks.yaml" "$folder/provider"
git -C "$folder/provider" init -q
git -C "$folder/provider" add -A
git -C "$folder/provider" commit -q -m manifest
rev=$(git -C "$folder/provider" rev-parse HEAD)

config() {
  cat > .pre-commit-config.yaml <<YAML
repos:
  - repo: $folder/provider
    rev: $rev
    hooks:
      - id: poollint-system$1
YAML
}

for tool in pre-commit prek; do
  expect 0 '' 'the manifest' "$tool" validate-manifest "$root/.pre-commit-hooks.yaml"

  sample="$folder/sample-$tool"
  mkdir "$sample"
  cd "$sample"
  git init -q
  echo '{"dependencies": {"@prisma/client": "^6.0.0"}}' > package.json
  echo hello > notes.md
  replicas 3
  git add -A
  git commit -q -m sample
  expect 0 'Passed' 'try-repo, no finding' "$tool" try-repo "$folder/provider" poollint-system --all-files
  replicas 12
  expect 1 'total-connection-overflow' 'try-repo, a finding' "$tool" try-repo "$folder/provider" poollint-system --all-files
  git checkout -q compose.yaml

  config ''
  git add .pre-commit-config.yaml
  expect 0 '' install "$tool" install
  git commit -q -m hook > /dev/null 2>&1

  replicas 4
  expect 0 'Passed' 'git commit -a, no finding' git commit -a -m 'four'
  replicas 12
  expect 1 'total-connection-overflow' 'git commit -a, a finding' git commit -a -m 'twelve'
  [ "$(git log -1 --format=%s)" = four ] || fail 'the refused commit is there'
  expect 1 'total-connection-overflow' 'git commit FILE, a finding' git commit -m 'twelve' compose.yaml
  git reset -q --hard

  echo more > notes.md
  expect 0 'no files to check' 'a file that poollint does not read' git commit -a -m notes

  # What is not staged is put aside; what git does not know is not read.
  replicas 12
  echo 'FROM node:22' > Dockerfile
  git add Dockerfile
  expect 0 'Passed' 'an unstaged finding' git commit -m image
  git checkout -q compose.yaml
  printf 'DB_CONNECTION_LIMIT=10\nDATABASE_URL=postgresql://app:x@db.internal:5432/app?connection_limit=25\n' > .env
  replicas 5
  expect 0 'Passed' 'a finding in an untracked .env' git commit -a -m five
  git add -f .env
  expect 1 'pool-setting-conflict' 'the same .env tracked' git commit -m environment
  git rm -q -f .env

  # A deletion is a change of no file to pre-commit: who deletes what a budget rests on wants always_run.
  git rm -q Dockerfile
  expect 0 'no files to check' 'a deletion' git commit -m 'no image'
  config $'\n        always_run: true'
  git add .pre-commit-config.yaml
  git commit -q -m 'always run' > /dev/null 2>&1
  git rm -q package.json
  expect 0 'Passed' 'a deletion with always_run' git commit -m 'no package'
done

if [ "${POOLLINT_HOOK_WHEEL:-}" = true ]; then
  tool=pre-commit
  cd "$folder/sample-pre-commit"
  replicas 12
  # Made from the checkout as pip makes it, but without the optimiser: this is about the packaging.
  expect 1 'total-connection-overflow' 'the wheel' env MATURIN_PEP517_ARGS='--profile dev' \
    pre-commit try-repo "$root" poollint --all-files
  if grep -q 'not found' "$folder/log"; then fail 'the wheel holds no program'; fi
fi

echo "$passed passed, 0 failed"
