// Opens a node-postgres pool with its defaults, or of POOL_SIZE, and keeps TASKS queries busy on it for a while.
// Prints how many of the queries failed.

const { createRequire } = require('node:module')
const { Pool } = createRequire(process.env.NODE_MODULES + '/')('pg')

const { DATABASE_URL, TASKS, POOL_SIZE } = process.env
const size = POOL_SIZE ? { max: Number(POOL_SIZE) } : {}
const pool = new Pool({ connectionString: DATABASE_URL, ...size })
// A connection that ends while it idles is not this script's concern.
pool.on('error', () => {})

const queries = Array.from({ length: Number(TASKS) }, () => pool.query('select pg_sleep(1.5)'))
Promise.allSettled(queries).then((results) => {
  console.log(results.filter((result) => result.status === 'rejected').length)
  process.exit(0)
})
