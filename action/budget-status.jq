# The worst verdict on a server.
[ (.deployments[].servers[], (.shared_servers // [])[]) as $server
  | $server.verdict
  | if . == "unknown" then "unknown"
    elif . == "over-share" or (. == "fits" and $server.tight == true) then "tight"
    elif . == "fits" then "ok"
    else "over" end
] as $all
| first(("over", "tight", "unknown", "ok") | select(. as $one | $all | index($one))) // "none"
