/*
 * keys: which keys of a map were there, as a set of bits; for the decoders of wire/ only.
 */
#ifndef MALLA_WIRE_KEYS_H
#define MALLA_WIRE_KEYS_H

#include "wire/reader.h"

#define KEYS_BIT(key) (UINT64_C(1) << (key))

/* Note a key as it comes; those above 63 are none of ours, and reader_unknown's business. */
static inline void
keys_add(uint64_t *keys, uint64_t key)
{
	if (key < 64)
		*keys |= KEYS_BIT(key);
}

static inline bool
keys_has(uint64_t keys, uint64_t key)
{
	return (keys & KEYS_BIT(key)) != 0;
}

/* ERR_MISSING unless every one of `required` came. */
static inline void
keys_require(struct reader *reader, uint64_t keys, uint64_t required)
{
	if ((keys & required) != required)
		reader_fail(reader, ERR_MISSING);
}

/* ERR_NOT_CANONICAL if any of `forbidden` came: fields that exclude each other. */
static inline void
keys_forbid(struct reader *reader, uint64_t keys, uint64_t forbidden)
{
	if ((keys & forbidden) != 0)
		reader_fail(reader, ERR_NOT_CANONICAL);
}

#endif
