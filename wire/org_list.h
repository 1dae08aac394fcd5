/*
 * org_list: organisations in ascending order, as they stand in a record or in an array of ids.
 *
 * Only borrowed: a charter of a thousand members takes no more room in a struct record than one
 * of three.
 */
#ifndef MALLA_WIRE_ORG_LIST_H
#define MALLA_WIRE_ORG_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ids.h"
#include "wire/reader.h"
#include "wire/writer.h"

struct org_list {
	uint32_t count;
	uint32_t stride;      /* bytes from one id to the next */
	const uint8_t *first; /* the first id; borrowed */
};

/* `orgs` must be strictly ascending, and outlive the list. */
struct org_list org_list_of(const struct org_id *orgs, uint32_t count);
struct org_id org_list_at(const struct org_list *list, uint32_t index);
bool org_list_has(const struct org_list *list, const struct org_id *org);
/* 1..count_max ids, strictly ascending; borrowed from what is read. */
void org_list_read(struct reader *reader, uint32_t count_max, struct org_list *out);
void org_list_write(struct writer *writer, const struct org_list *list);

#endif
