#!/usr/bin/env bash
# What action.yml runs. Everything that comes from a workflow or a repository is data here: an argument, a line of a
# file, never a word of the script. Works with the bash 3.2 of macOS and with Git Bash.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=action/lib/common.sh
. "$here/lib/common.sh"
# shellcheck source=action/lib/install.sh
. "$here/lib/install.sh"
# shellcheck source=action/lib/base.sh
. "$here/lib/base.sh"
# shellcheck source=action/lib/summary.sh
. "$here/lib/summary.sh"
# shellcheck source=action/lib/comment.sh
. "$here/lib/comment.sh"

: "${RUNNER_TEMP:?}" "${GITHUB_OUTPUT:?}"
umask 077
# What is built from source is kept for further steps of the job; everything else is this step's own.
store="$RUNNER_TEMP/poollint"
mkdir -p "$store"
work=$(mktemp -d "$store/run.XXXXXX")

one_of install "$POOLLINT_ACTION_INSTALL" auto release source system
one_of gate "$POOLLINT_ACTION_GATE" all new
one_of annotations "$POOLLINT_ACTION_ANNOTATIONS" true false
one_of summary "$POOLLINT_ACTION_SUMMARY" true false
one_of comment "$POOLLINT_ACTION_COMMENT" never changes always
if [ -n "$POOLLINT_ACTION_FAIL_ON" ]; then
  one_of fail-on "$POOLLINT_ACTION_FAIL_ON" error warning info never
fi
if [ -n "$POOLLINT_ACTION_VERSION" ]; then
  matches "$POOLLINT_ACTION_VERSION" '^[0-9]+\.[0-9]+\.[0-9]+$' || refuse version "$POOLLINT_ACTION_VERSION" 'X.Y.Z'
fi
matches "$POOLLINT_ACTION_COMMENT_TAG" '^[A-Za-z0-9._-]{1,64}$' ||
  refuse comment-tag "$POOLLINT_ACTION_COMMENT_TAG" 'letters, digits, dots, dashes and underscores'

workspace=$(cd "${GITHUB_WORKSPACE:-.}" && pwd -P)
cd "$workspace"
cd -- "$POOLLINT_ACTION_WORKING_DIRECTORY" 2>/dev/null ||
  refuse working-directory "$POOLLINT_ACTION_WORKING_DIRECTORY" 'a directory of the workspace'

paths=()
while IFS= read -r line || [ -n "$line" ]; do
  line=${line%$'\r'}
  if [ -n "$line" ]; then paths+=("$line"); fi
done <<< "$POOLLINT_ACTION_PATH"
[ "${#paths[@]}" -gt 0 ] || refuse path '' 'at least one'

install_poollint
version=$("$poollint" --version)
version=${version##* }
version=${version%$'\r'}
say "poollint $version ($origin)"

# What both commands are told, and what only `check` is.
shared=(--color never)
check=(--output "github=$work/annotations" --output "markdown=$work/check.md" --output "json=$work/check.json")
if [ -n "$POOLLINT_ACTION_CONFIG" ]; then shared+=("--config=$POOLLINT_ACTION_CONFIG"); fi
if [ -n "$POOLLINT_ACTION_FAIL_ON" ]; then check+=("--fail-on=$POOLLINT_ACTION_FAIL_ON"); fi
if [ -n "$POOLLINT_ACTION_SARIF_FILE" ]; then check+=(--output "sarif=$work/sarif"); fi
baseline=false
gate=$POOLLINT_ACTION_GATE
while IFS= read -r line || [ -n "$line" ]; do
  line=${line%$'\r'}
  case "$line" in
    --baseline | --baseline=*) baseline=true ;;
    --gate | --gate=*) gate='' ;;
  esac
  case "$line" in
    '') ;;
    --helm | --git-tracked | --environment=*) shared+=("$line") ;;
    *) check+=("$line") ;;
  esac
done <<< "$POOLLINT_ACTION_ARGS"

find_base
if [ -n "$base" ]; then shared+=("--base=$base"); fi
if [ -n "$base" ] || [ "$baseline" = true ]; then
  # Without being told, poollint lets only what is new fail.
  if [ -n "$gate" ]; then check+=("--gate=$gate"); fi
elif [ "$POOLLINT_ACTION_GATE" = new ]; then
  notice "there is nothing to compare with ($no_base): every finding counts"
fi

# What is printed may quote the repository: the runner must not take it for commands.
status=0
quietly status "$poollint" check "${shared[@]}" "${check[@]}" -- "${paths[@]}"
if [ "$status" -le 1 ] && [ ! -f "$work/check.json" ]; then
  die 'nothing was judged: the input args asks for something else'
fi
budget=0
if [ "$status" -le 1 ]; then
  "$poollint" budget "${shared[@]}" --format json --output "$work/budget.json" --output "markdown=$work/budget.md" \
    --output "mermaid=$work/budget.mmd" -- "${paths[@]}" > "$work/budget.log" 2>&1 || budget=$?
  if [ "$budget" -ne 0 ]; then quietly _ cat "$work/budget.log"; fi
fi

# Paths in these reports are seen from the current directory, and GitHub's from the workspace.
prefix=$(prefix)
if [ "$POOLLINT_ACTION_ANNOTATIONS" = true ] && [ -f "$work/annotations" ]; then
  with_prefix '^::[a-z]+ file=' "$(property "$prefix")" < "$work/annotations"
fi
sarif=''
json=''
if [ -n "$POOLLINT_ACTION_SARIF_FILE" ] && [ -f "$work/sarif" ]; then
  with_prefix '^ +"uri": "' "$(uri "$prefix")" < "$work/sarif" > "$work/sarif.out"
  sarif=$(hand_over "$work/sarif.out" "$POOLLINT_ACTION_SARIF_FILE") ||
    die "the input sarif-file is \"$POOLLINT_ACTION_SARIF_FILE\", which is no place for a file in the workspace"
fi
if [ -n "$POOLLINT_ACTION_JSON_FILE" ] && [ -f "$work/check.json" ]; then
  json=$(hand_over "$work/check.json" "$POOLLINT_ACTION_JSON_FILE") ||
    die "the input json-file is \"$POOLLINT_ACTION_JSON_FILE\", which is no place for a file in the workspace"
fi

findings='' fresh='' verdict='' changed=''
if ! command -v jq > /dev/null; then
  notice 'there is no jq here: the outputs stay without numbers'
elif [ -f "$work/check.json" ]; then
  findings=$(jq_text '.findings | length' "$work/check.json")
  fresh=$(jq_text 'if .comparison then .comparison.new + .comparison.worsened else empty end' "$work/check.json")
  changed=$(jq_text '.comparison | if . then .new + .worsened + .improved + (.fixed | length) else 1 end' "$work/check.json")
  if [ -f "$work/budget.json" ]; then
    verdict=$(jq_text -f "$here/budget-status.jq" "$work/budget.json")
    if [ -n "$(jq_text -f "$here/budget-changed.jq" "$work/budget.json")" ]; then changed=1; fi
  fi
fi

summary="$work/summary.md"
compose 262144 > "$summary"
if [ "$POOLLINT_ACTION_SUMMARY" = true ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then
  cat "$summary" >> "$GITHUB_STEP_SUMMARY"
fi
comment "${changed:-1}"

output exit-code "$status"
output findings "$findings"
output new-findings "$fresh"
output budget-status "$verdict"
output sarif-file "$sarif"
output json-file "$json"
output summary-file "$summary"
output base-sha "$base"
output version "$version"
exit "$status"
