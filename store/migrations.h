/*
 * migrations: how the schema came to be, step by step.  Steps are only ever appended; the
 * number of those that a database has been through is its user_version.
 */
#ifndef MALLA_STORE_MIGRATIONS_H
#define MALLA_STORE_MIGRATIONS_H

#include "base/err.h"
#include "store/sql.h"

/* "MALL": what `file` and we know a store of Malla by. */
#define MIGRATIONS_APPLICATION_ID 0x4d414c4c

/* Bring the database up to date, each step in a transaction of its own.  ERR_FORMAT:
   of a newer version, or not ours; nothing was changed then. */
MUST_CHECK enum err migrations_run(struct sql *sql);
/* The version that this program writes. */
int migrations_version(void);

#endif
