# shellcheck shell=bash
# shellcheck disable=SC2154  # the variables of run.sh
# One comment on the pull request, brought up to date by each run.

# api METHOD PATH [BODY-FILE]: prints nothing; the answer is in answer.json, its status in code.
api() {
  local body=()
  if [ $# -gt 2 ]; then body=(--data-binary "@$3" --header 'Content-Type: application/json'); fi
  # The token is in a file: a command line is for everybody to see.
  code=$(curl --silent --show-error --retry 3 --connect-timeout 20 --max-time 60 --request "$1" \
    --header "@$work/token" --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
    ${body[@]+"${body[@]}"} --output "$work/answer.json" --write-out '%{http_code}' -- "$2" 2> "$work/curl.log") || code=000
}

# comment CHANGED: 0 where neither a finding nor a sum differs from the base, or no finding from the baseline.
comment() {
  local changed=$1 me id='' page=1 marker url said
  if [ "$POOLLINT_ACTION_COMMENT" = never ] || [ ! -s "$work/check.md" ]; then return 0; fi
  if ! matches "$POOLLINT_EVENT_NUMBER" '^[0-9]+$'; then
    say 'no comment: this is not a run of a pull request'
    return 0
  fi
  if [ "${GITHUB_EVENT_NAME:-}" = pull_request ] && [ "$POOLLINT_EVENT_HEAD" != "${GITHUB_REPOSITORY:-}" ]; then
    notice 'no comment: a pull request from a fork has no token that may write one; the job summary has the same'
    return 0
  fi
  if [ -z "$POOLLINT_ACTION_TOKEN" ] || ! command -v jq > /dev/null; then
    notice 'no comment: it needs the input token and jq'
    return 0
  fi
  # However the run ends, the token does not stay.
  trap 'rm -f "$work/token"' EXIT
  printf 'Authorization: Bearer %s\n' "$POOLLINT_ACTION_TOKEN" > "$work/token"

  # Anybody could write the marker: only a comment by whoever the token is counts.
  marker="<!-- poollint:comment v1 tag=$POOLLINT_ACTION_COMMENT_TAG -->"
  printf '%s' '{"query":"{ viewer { login } }"}' > "$work/query.json"
  api POST "${GITHUB_GRAPHQL_URL:?}" "$work/query.json"
  me=''
  if [ "$code" = 200 ]; then me=$(jq_text '.data.viewer.login // empty' "$work/answer.json" 2>/dev/null || true); fi
  me=${me:-github-actions[bot]}
  url="${GITHUB_API_URL:?}/repos/$GITHUB_REPOSITORY/issues"
  while [ "$page" -le 50 ]; do
    api GET "$url/$POOLLINT_EVENT_NUMBER/comments?per_page=100&page=$page"
    if [ "$code" != 200 ]; then
      notice "no comment: the pull request's comments cannot be read (status $code)"
      return 0
    fi
    # shellcheck disable=SC2016  # variables of jq
    id=$(jq_text --arg me "$me" --arg marker "$marker" \
      'first(.[] | select(.user.login == $me and ((.body // "") | startswith($marker))) | .id) // empty' "$work/answer.json" || true)
    if [ -n "$id" ] || [ "$(jq_text length "$work/answer.json" || true)" != 100 ]; then break; fi
    page=$((page + 1))
  done
  if [ -z "$id" ] && [ "$POOLLINT_ACTION_COMMENT" = changes ] && [ "$changed" = 0 ]; then
    if [ -n "$base" ]; then
      say 'no comment: the change alters no sum and no finding'
    else
      say 'no comment: no finding is other than in the baseline'
    fi
    return 0
  fi

  # GitHub takes 65,536 characters.
  {
    printf '%s\n' "$marker"
    compose 60000
  } > "$work/comment.md"
  jq -Rs '{ body: . }' < "$work/comment.md" > "$work/comment.json"
  if [ -n "$id" ]; then
    matches "$id" '^[0-9]+$' || return 0
    api PATCH "$url/comments/$id" "$work/comment.json"
    said=updated
  else
    api POST "$url/$POOLLINT_EVENT_NUMBER/comments" "$work/comment.json"
    said=written
  fi
  case "$code" in
    200 | 201) say "comment $said" ;;
    403 | 404) notice 'no comment: the token may not write one (permissions: pull-requests: write)' ;;
    *) notice "no comment: GitHub answered with status $code" ;;
  esac
}
