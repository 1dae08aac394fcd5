/*
 * schema: a struct and its canonical map, described by one table: for the many small messages
 * of the operators' API, where a hand-written codec each would say the same thing forty times.
 *
 * A field that is not required is left out when it is zero, false or empty, and refused
 * (ERR_NOT_CANONICAL) when it is present and zero, false or empty.
 */
#ifndef MALLA_WIRE_SCHEMA_H
#define MALLA_WIRE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum schema_type {
	SCHEMA_UINT,  /* uint64_t, min..max */
	SCHEMA_BOOL,  /* bool */
	SCHEMA_LINE,  /* struct bytes_view, UTF-8 on one line, min..max bytes */
	SCHEMA_PROSE, /* likewise, with tabs and line feeds */
	SCHEMA_BIN,   /* struct bytes_view, min..max bytes */
	SCHEMA_FIXED, /* exactly max bytes inside the struct */
	SCHEMA_LIST,  /* struct schema_list of at most max elements */
};

struct schema_field {
	uint64_t key;
	enum schema_type type;
	bool is_required;
	size_t offset;
	uint64_t min;
	uint64_t max;
};

/* Fields in ascending order of keys. */
struct schema {
	size_t size; /* of the struct */
	uint32_t count;
	const struct schema_field *fields;
};

/* The elements of an array, one canonical value after the other. */
struct schema_list {
	uint32_t count;
	struct bytes_view items;
};

/* *out (schema->size bytes) is untouched on failure.  Borrowed from in. */
MUST_CHECK enum err schema_decode(const struct schema *schema, struct bytes_view in, void *out);
MUST_CHECK enum err schema_encode(const struct schema *schema, const void *in, struct bytes *out);

/* Append one element to a list being built in `items`. */
MUST_CHECK enum err schema_list_add(struct schema_list *list, struct bytes *items,
    const struct schema *schema, const void *element);
MUST_CHECK enum err schema_list_add_bin(struct schema_list *list, struct bytes *items,
    struct bytes_view bin);
/* Take the next element off the list; ERR_NOT_FOUND at its end. */
MUST_CHECK enum err schema_list_next(struct schema_list *list, const struct schema *schema,
    void *out);
MUST_CHECK enum err schema_list_next_bin(struct schema_list *list, struct bytes_view *bin);

#endif
