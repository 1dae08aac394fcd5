/*
 * tables: the index as SQL sees it, for the statements of query.h:
 *
 *     observable (type, key, record)    label (label, record)
 *
 * They show what the transaction that is open has entered, too: joined with the records that
 * the reading connection sees, that is what was committed.
 */
#ifndef MALLA_STORE_TABLES_H
#define MALLA_STORE_TABLES_H

#include "store/sql.h"

struct store;

/* Once per connection that reads; the store must outlive it. */
MUST_CHECK enum err tables_register(struct sql *sql, struct store *store);

#endif
