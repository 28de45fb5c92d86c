# Says something when the sum or the limit of a server is another than at the base.
first(
  .deployments[].servers[]
  | select(.before == null or .before.demand != .demand or .before.usable != .usable)
  | "changed"
) // empty
