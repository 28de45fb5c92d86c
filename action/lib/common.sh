# shellcheck shell=bash
# Talking to the runner.

# escape TEXT: as the message of a workflow command.
escape() {
  local text=$1
  text=${text//%/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  # The runner's older command syntax, which it still finds inside lines.
  printf '%s' "${text//\#\#\[/# #[}"
}

# property TEXT: as a property of a workflow command.
property() {
  local text
  text=$(escape "$1")
  text=${text//:/%3A}
  printf '%s' "${text//,/%2C}"
}

# uri PATH: as a relative URI.
uri() {
  local LC_ALL=C path=$1 out='' char index
  for ((index = 0; index < ${#path}; index++)); do
    char=${path:index:1}
    case "$char" in
      [A-Za-z0-9._~/-]) out+=$char ;;
      *) out+=$(printf '%s' "$char" | od -An -tx1 | tr -d ' \n' | tr a-f A-F | sed 's/../%&/g') ;;
    esac
  done
  printf '%s' "$out"
}

say() { printf '%s\n' "poollint action: $(escape "$1")"; }

notice() { printf '::notice title=poollint::%s\n' "$(escape "$1")"; }

# die TEXT: nothing could be judged.
die() {
  printf '::error title=poollint::%s\n' "$(escape "$1")"
  output exit-code 2
  exit 2
}

matches() { printf '%s' "$1" | LC_ALL=C grep -Eqx -- "$2" && [ "${1//$'\n'/}" = "$1" ]; }

# refuse INPUT VALUE EXPECTED
refuse() { die "the input $1 is \"$2\", expected is $3"; }

# one_of INPUT VALUE CHOICE…
one_of() {
  local input=$1 value=$2 choice
  shift 2
  for choice in "$@"; do
    if [ "$value" = "$choice" ]; then return; fi
  done
  refuse "$input" "$value" "one of: $*"
}

# random: nothing that a repository could foresee.
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# output NAME VALUE: between delimiters that the value cannot hold.
output() {
  local mark
  mark=$(random)
  printf '%s<<%s\n%s\n%s\n' "$1" "$mark" "$2" "$mark" >> "$GITHUB_OUTPUT"
}

# quietly VARIABLE COMMAND…: runs a command whose output holds no command for the runner; its status goes to VARIABLE.
quietly() {
  local name=$1 mark result=0
  shift
  mark=$(random)
  printf '::stop-commands::%s\n' "$mark"
  "$@" 2>&1 || result=$?
  # A last line without its end would hide what follows.
  printf '\n::%s::\n' "$mark"
  if [ "$name" != _ ]; then printf -v "$name" %s "$result"; fi
}

# jq on Windows ends lines with CR LF.
jq_text() { jq -r "$@" | tr -d '\r'; }

# prefix: the current directory seen from the workspace, with a slash at its end; nothing for the workspace itself.
prefix() {
  local current
  current="$(pwd -P)/"
  case "$current" in
    "$workspace/") ;;
    "$workspace/"*) printf '%s' "${current#"$workspace"/}" ;;
  esac
}

# with_prefix PATTERN PREFIX: puts a prefix before the path that follows what matches. Through the environment, for awk
# reads backslashes in what it is given with -v.
with_prefix() {
  PATTERN=$1 PREFIX=$2 awk '
    match($0, ENVIRON["PATTERN"]) {
      before = ENVIRON["PREFIX"]
      rest = substr($0, RLENGTH + 1)
      while (before != "" && substr(rest, 1, 3) == "../") {
        rest = substr(rest, 4)
        sub(/[^\/]*\/$/, "", before)
      }
      print substr($0, 1, RLENGTH) before rest
      next
    }
    { print }'
}

# hand_over FILE TARGET: puts a file where the workflow wants it, and prints that place as seen from the workspace. The
# repository may hold links to anywhere: one in the file's place is replaced and not followed, and a directory that lies
# outside of the workspace, links followed, is refused.
hand_over() {
  local name folder known place draft
  name=$(basename -- "$2")
  folder=$(dirname -- "$2")
  case "$folder" in
    /* | [A-Za-z]:*) ;;
    *) folder="./$folder" ;;
  esac
  # What is missing would be made below what is there: that is looked at before anything is made.
  known=$folder
  while [ ! -d "$known" ]; do
    if [ -e "$known" ] || [ -L "$known" ]; then return 1; fi
    known=$(dirname -- "$known")
  done
  case "/${folder#"$known"}/" in */../*) return 1 ;; esac
  folder_of_workspace "$known" > /dev/null || return 1
  # For whoever comes after this step.
  (umask 022 && mkdir -p -- "$folder") || return 1
  place=$(folder_of_workspace "$folder") || return 1
  if [ -d "$place/$name" ] && [ ! -L "$place/$name" ]; then return 1; fi
  draft="$place/.poollint-$(random)"
  if (umask 022 && set -C && cat < "$1" > "$draft") && rm -f -- "$place/$name" && mv -f -- "$draft" "$place/$name"; then
    place="$place/$name"
    printf '%s' "${place#"$workspace"/}"
  else
    rm -f -- "$draft"
    return 1
  fi
} 2>/dev/null

# folder_of_workspace FOLDER: its real path; 1 where that lies outside of the workspace.
folder_of_workspace() {
  local real
  real=$(cd -- "$1" && pwd -P) || return 1
  case "$real/" in "$workspace/"*) printf '%s' "$real" ;; *) return 1 ;; esac
}
