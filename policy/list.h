/*
 * list: values that policies name as one: top sites, own networks, public resolvers.
 *
 * A list is read in one canonical form only, which is text without being anybody's format, so
 * that a node parses nothing foreign; its hash names it in a policy.  policy/gather makes that
 * form of what people and other tools write.
 *
 *     malla/list/v1
 *     .example.com            example.com, what is below it, and the urls and emails there
 *     /198.51.100.0/24        addresses and networks inside
 *     =192.0.2.1              this value, of whatever type, in its canonical form
 *     ~*.login.*              a glob over canonical values
 *
 * Each line ends with a line feed; lines are strictly ascending by their bytes; the values are
 * canonical.  No blank line, no comment.
 */
#ifndef MALLA_POLICY_LIST_H
#define MALLA_POLICY_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/observable.h"

#define LIST_BYTES_MAX (64u * 1024u * 1024u)
#define LIST_ENTRIES_MAX 2000000u
#define LIST_GLOBS_MAX 256u
#define LIST_CONTEXT "malla/list/v1\n"

struct list;

/* A copy of the canonical bytes, indexed.  ERR_FORMAT: not a list; ERR_ORDER; ERR_VALUE: not
   canonical; ERR_TRUNCATED: the last line has no end; ERR_TOO_LARGE.  *line, if not NULL, is
   the line that failed, from 1.  list_free releases it. */
MUST_CHECK enum err list_open(struct bytes_view canonical, struct list **out, uint32_t *line);
void list_free(struct list *list);
/* Whether the observable, which is canonical, is in the list.  By binary search but for globs. */
bool list_has(const struct list *list, const struct observable *observable);
uint32_t list_count(const struct list *list);
/* SHA-256 of the canonical bytes. */
void list_hash(const struct list *list, struct hash *out);

#endif
