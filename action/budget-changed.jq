# Says something when a server has come or gone, when its sum or its limit is another than at the base, or a pooler's sum
# or verdict. A budget that was compared with nothing tells of no change.
def differs:
  .before == null or .before.demand != .demand or .before.verdict != .verdict or .before.usable != .usable;
first(
  select(.base != null)
  | (.gone // [])[].servers[],
    (.deployments[].gone // [])[],
    ((.deployments[].servers, .deployments[].poolers, .shared_servers) // [] | .[] | select(differs))
  | "changed"
) // empty
