"""Opens a pool with its defaults, or of POOL_SIZE, and keeps TASKS queries busy on it for a while.

The argument names the library. Prints how many of the queries failed.
"""

import os
import sys
import threading

URL = os.environ["DATABASE_URL"]
TASKS = int(os.environ["TASKS"])
SIZE = os.environ.get("POOL_SIZE")
QUERY = "select pg_sleep(1.5)"


def sqlalchemy():
    from sqlalchemy import create_engine, text

    options = {"pool_size": int(SIZE), "max_overflow": 0} if SIZE else {}
    engine = create_engine(URL.replace("postgresql://", "postgresql+psycopg://", 1), **options)

    def query():
        with engine.connect() as connection:
            connection.execute(text(QUERY))

    return query


def psycopg_pool():
    from psycopg_pool import ConnectionPool

    options = {"min_size": 1, "max_size": int(SIZE)} if SIZE else {}
    pool = ConnectionPool(URL, open=True, timeout=20, **options)

    def query():
        with pool.connection() as connection:
            connection.execute(QUERY)

    return query


def main():
    query = {"sqlalchemy": sqlalchemy, "psycopg_pool": psycopg_pool}[sys.argv[1]]()
    failed = []

    def attempt():
        try:
            query()
        except Exception as error:  # every kind of refusal counts
            failed.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(TASKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(len(failed), flush=True)
    # The pool's own threads must not keep the process.
    os._exit(0)


main()
