# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of run.sh
# What to compare with.

# no_base_for REASON: a job never fails because there is nothing to compare with.
no_base_for() {
  base=''
  no_base=$1
  if [ -n "${2:-}" ]; then notice "compared with nothing: $1"; fi
}

# parents: of the commit that is checked out. `git rev-parse HEAD^1` knows none in a clone of depth 1; the commit does.
parents() { git cat-file -p HEAD 2>/dev/null | sed -n -e '/^$/q' -e 's/^parent //p'; }

has_commit() { git cat-file -e "$1^{commit}" 2>/dev/null; }

# fetch_commit SHA: with what the checkout has for it, else with the action's token.
fetch_commit() {
  local depth='' url
  has_commit "$1" && return
  # Of a whole clone, --depth would make a shallow one.
  if [ "$(git rev-parse --is-shallow-repository 2>/dev/null)" = true ]; then depth=--depth=1; fi
  export GIT_TERMINAL_PROMPT=0
  git fetch --quiet --no-tags --no-recurse-submodules ${depth:+"$depth"} origin "$1" > "$work/fetch.log" 2>&1 && has_commit "$1" && return
  [ -n "$POOLLINT_ACTION_TOKEN" ] || return 1
  url=$(git remote get-url origin 2>/dev/null) || return 1
  # The token is for this server and for no other.
  case "$url" in "${GITHUB_SERVER_URL:?}/"*) ;; *) return 1 ;; esac
  # By way of the environment: a command line is for everybody to see.
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader" \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$POOLLINT_ACTION_TOKEN" | base64 | tr -d '\r\n')" \
    git fetch --quiet --no-tags --no-recurse-submodules ${depth:+"$depth"} origin "$1" > "$work/fetch.log" 2>&1 || return 1
  has_commit "$1"
}

# find_base: sets base to a commit, or no_base to the reason why there is none.
find_base() {
  local wanted='' all='' common=''
  no_base='' base=''
  if [ "$POOLLINT_ACTION_BASE" = none ]; then
    no_base_for 'none was wanted'
    return
  fi
  if [ "$POOLLINT_ACTION_BASE" = auto ] && [ "$baseline" = true ]; then
    # poollint compares with one thing.
    no_base_for 'the input args names a baseline'
    say 'compared with the baseline that the input args names, and not with a commit'
    return
  fi
  if ! git rev-parse --git-dir > /dev/null 2>&1; then
    no_base_for 'this is no git repository that git will read' loud
    return
  fi
  if [ "$POOLLINT_ACTION_BASE" != auto ]; then
    if ! base=$(git rev-parse --verify --quiet --end-of-options "$POOLLINT_ACTION_BASE^{commit}" 2>/dev/null); then
      if matches "$POOLLINT_ACTION_BASE" '^[0-9a-f]{40}([0-9a-f]{24})?$' && fetch_commit "$POOLLINT_ACTION_BASE"; then
        base=$POOLLINT_ACTION_BASE
      else
        die "the input base is \"$POOLLINT_ACTION_BASE\", which is no revision that can be found here"
      fi
    fi
    return
  fi
  wanted=$POOLLINT_EVENT_BASE
  if [ "${GITHUB_EVENT_NAME:-}" = pull_request ] && [ "$(git rev-parse HEAD 2>/dev/null)" = "${GITHUB_SHA:-}" ]; then
    # GitHub's merge of the change into its base: the first parent is the base as it is now, so that what differs is
    # the change and nothing else.
    all=$(parents)
    if [ "$(printf '%s\n' "$all" | grep -c .)" -eq 2 ]; then wanted=${all%%$'\n'*}; fi
  fi
  case "$wanted" in
    '')
      no_base_for "a ${GITHUB_EVENT_NAME:-local} run has no base"
      return
      ;;
    *[!0]*) ;;
    *)
      no_base_for 'the branch is new'
      return
      ;;
  esac
  if ! matches "$wanted" '^[0-9a-f]{40}([0-9a-f]{24})?$' || ! fetch_commit "$wanted"; then
    no_base_for "the commit $wanted cannot be fetched" loud
    return
  fi
  base=$wanted
  if [ -n "$POOLLINT_EVENT_NUMBER" ] && [ -z "$all" ]; then
    # The head itself is checked out: what its base has gained since they parted is no part of the change.
    if common=$(git merge-base "$wanted" HEAD 2>/dev/null); then base=$common; fi
  fi
}
