/*
 * shape: how the fields of conditions stand in a decoded record, and where.
 *
 * policy/match asks them, policy/explain tells them; neither knows more of a record.  Only
 * policy/ includes it.
 */
#ifndef MALLA_POLICY_SHAPE_H
#define MALLA_POLICY_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "wire/predicate.h"
#include "wire/record.h"

/* NONE: in a way of its own, or not in the record. */
enum shape {
	SHAPE_NONE,
	SHAPE_CODE,  /* uint8_t; 255: not stated */
	SHAPE_ENUM,  /* 0: not stated */
	SHAPE_KIND,  /* the record's, of an amendment that of its target */
	SHAPE_LABEL, /* an enum whose 0 is a label */
	SHAPE_COUNT, /* uint64_t; 0: not stated */
	SHAPE_TIME,
	SHAPE_TEXT,
	SHAPE_TEXTS,
};

struct shape_field {
	enum shape shape;
	size_t offset; /* in struct record */
};

/* By field; those behind the last are SHAPE_NONE. */
#define SHAPE_FIELDS ((unsigned)PREDICATE_SERIAL + 1)
extern const struct shape_field shape_fields[SHAPE_FIELDS];

/* An id that a record has one of, or none: NULL. */
const uint8_t *shape_id(enum predicate_field field, const struct record *record);

#endif
