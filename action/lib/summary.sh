# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of run.sh
# The job summary. What it holds is poollint's own Markdown, in which text from the repository is text.

# Mermaid draws no more: its maxTextSize, less what GitHub adds, and its maxEdges.
MERMAID_BYTES=45000
MERMAID_EDGES=450

bytes() { wc -c < "$1" | tr -d ' '; }

# cut_lines BYTES FILE: as many whole lines as fit, with what they open closed, and a word about the rest.
cut_lines() {
  if [ "$(bytes "$2")" -le "$1" ]; then
    cat "$2"
    return
  fi
  LIMIT=$1 LC_ALL=C awk '
    { used += length($0) + 1 }
    used > ENVIRON["LIMIT"] - 200 { exit }
    /^<details/ { open++ }
    /^<\/details>/ { open-- }
    { print }
    END { while (open-- > 0) print "\n</details>" }' "$2"
  printf '\n%s\n' 'The rest does not fit here: <code>poollint check</code> and <code>poollint budget</code> show all of it.'
}

# compose BYTES: the summary, on standard output. Of what does not fit, the drawing goes first, for the tables say the
# same; then the tables; of the findings as many stay as fit.
compose() {
  local left=$1 foot drawing=''
  foot=$(
    printf '\n<sub>poollint %s' "$version"
    if [ -n "$base" ]; then
      printf ', compared with %.12s' "$base"
    elif [ "$baseline" = true ]; then
      printf ', compared with a baseline'
    elif [ "$POOLLINT_ACTION_BASE" != none ]; then
      printf ', compared with nothing: %s' "$no_base"
    fi
    printf '. Every number has its source: a line of a file, a documented default or a declaration in <code>poollint.toml</code>.</sub>\n'
  )
  left=$((left - 1000))
  if [ ! -s "$work/check.md" ]; then
    printf '## poollint could not do its work\n\nThe log of the step says why.\n%s\n' "$foot"
    return
  fi
  cut_lines "$left" "$work/check.md"
  left=$((left - $(bytes "$work/check.md")))
  if [ "$budget" -ne 0 ]; then
    printf '\n%s\n' 'The budget could not be worked out: the log says why.'
  elif [ -s "$work/budget.md" ] && [ "$left" -gt 2000 ]; then
    # What comes before the first deployment is before and after at a glance; the rest is the arithmetic.
    sed '/^### /,$d' "$work/budget.md" > "$work/budget-head.md"
    sed -n '/^### /,$p' "$work/budget.md" > "$work/budget-rest.md"
    printf '\n'
    cut_lines $((left - 1000)) "$work/budget-head.md"
    left=$((left - 1000 - $(bytes "$work/budget-head.md")))
    if [ -s "$work/budget-rest.md" ] && [ "$left" -gt 1000 ]; then
      printf '\n<details%s><summary>How the numbers come about</summary>\n\n' \
        "$(if [ "$(bytes "$work/budget-rest.md")" -lt 4000 ]; then printf ' open'; fi)"
      cut_lines "$left" "$work/budget-rest.md"
      printf '\n</details>\n'
      left=$((left - $(bytes "$work/budget-rest.md")))
    fi
    if [ -s "$work/budget.mmd" ] && grep -q -- '\[' "$work/budget.mmd"; then
      drawing=$(bytes "$work/budget.mmd")
      if [ "$drawing" -gt "$MERMAID_BYTES" ] || [ "$(grep -c -- '-->' "$work/budget.mmd")" -gt "$MERMAID_EDGES" ]; then
        printf '\n%s\n' 'The topology is too large to be drawn: the tables have all of it.'
      elif [ "$left" -gt "$drawing" ]; then
        # shellcheck disable=SC2016  # a fence, not a command
        printf '\n<details><summary>Topology</summary>\n\n```mermaid\n%s\n```\n\n</details>\n' "$(cat "$work/budget.mmd")"
      fi
    fi
  fi
  printf '%s\n' "$foot"
}
