/*
 * wire_fixture: what the tests of wire/'s decoders share: keys made of one seed byte, signed
 * roots and cards made of them, and a canonical map taken apart and put together wrongly.
 *
 * Edits are written by hand, not by writer.c, which asserts that it is used rightly.
 */
#ifndef MALLA_TESTS_WIRE_FIXTURE_H
#define MALLA_TESTS_WIRE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/signer.h"
#include "tests/unit/suite.h"
#include "wire/card.h"
#include "wire/reader.h"
#include "wire/root.h"
#include "wire/signed.h"

#define FIXTURE_BYTES_MAX 1048576u
#define FIXTURE_TIME UINT64_C(1795449600000)
#define FIXTURE_DAY UINT64_C(86400000)

typedef enum err (*fixture_decode_fn)(struct bytes_view in);

/* A value put in the place of a map's field, and what the decoder says to it. */
struct fixture_spoiled {
	const char *why;
	uint64_t key;
	const char *value; /* raw msgpack */
	size_t len;
	enum err err;
};
#define FIXTURE_RAW(text) text, sizeof(text) - 1

#define ck_err(found, expected)                                                                    \
	do {                                                                                       \
		enum err ck_found = (found);                                                       \
		ck_assert_msg(ck_found == (expected), "line %d: %s instead of %s", __LINE__,       \
		    err_name(ck_found), err_name(expected));                                       \
	} while (0)
#define ck_same(found, expected)                                                                   \
	ck_assert_msg(bytes_view_is_equal((found), (expected)), "line %d: other bytes", __LINE__)

static inline struct signer *
fixture_signer(uint8_t seed)
{
	uint8_t bytes[32];
	struct signer *signer;

	ck_err(digest_start(), ERR_NONE);
	memset(bytes, seed, sizeof(bytes));
	ck_err(signer_open(bytes, &signer), ERR_NONE);
	return signer;
}

/* The public key of a seed byte, and its signature over a statement. */
static inline void
fixture_public(uint8_t seed, uint8_t out[32])
{
	struct signer *signer = fixture_signer(seed);

	memcpy(out, signer_public(signer), 32);
	signer_free(signer);
}

static inline void
fixture_sign(uint8_t seed, struct bytes_view statement, uint8_t out[64])
{
	struct signer *signer = fixture_signer(seed);

	ck_err(signer_sign(signer, statement, out), ERR_NONE);
	signer_free(signer);
}

/* Add a signature of suite 1 to a thing; `store` keeps its 64 bytes. */
static inline void
fixture_add_signature(struct signed_thing *thing, uint32_t index, uint8_t seed, uint8_t store[64])
{
	struct signed_signature *signature = &thing->signatures[thing->count++];

	fixture_sign(seed, thing->statement, store);
	signature->signer = index;
	signature->suite = SUITE_1;
	signature->bytes = bytes_view_of(store, 64);
}

/* ---------------------------------------------------------------- maps */

static inline void
fixture_append_key(struct bytes *out, uint64_t key)
{
	ck_assert(key < 65536);
	if (key >= 256) {
		bytes_append_u8(out, 0xcd);
		bytes_append_u16(out, (uint16_t)key);
		return;
	}
	if (key >= 128)
		bytes_append_u8(out, 0xcc);
	bytes_append_u8(out, (uint8_t)key);
}

static inline uint32_t
fixture_map_count(struct bytes_view map)
{
	ck_assert(map.len > 2);
	if (map.data[0] == 0xde)
		return bytes_get_u16(map.data + 1);
	ck_assert_uint_eq(map.data[0] & 0xf0, 0x80);
	return map.data[0] & 0x0f;
}

/* Append `prefix_len` bytes of `in` and the map behind them with the value of `key` replaced
   or, where it has no such key, inserted; NULL data leaves the key out. */
static inline void
fixture_edit(struct bytes_view in, size_t prefix_len, uint64_t key, struct bytes_view value,
    struct bytes *out)
{
	struct bytes_view whole = bytes_view_of(in.data + prefix_len, in.len - prefix_len);
	uint32_t count = fixture_map_count(whole), left;
	struct reader_map map;
	struct reader reader;
	struct bytes pairs;
	bool is_done = false;
	uint64_t at;

	bytes_init(&pairs, FIXTURE_BYTES_MAX);
	reader_open(&reader, whole);
	reader_map(&reader, &map, count);
	for (left = count; left > 0; left--) {
		struct bytes_view old;

		ck_assert(reader_key(&reader, &map, &at));
		old = reader_raw(&reader);
		ck_assert(reader_is_ok(&reader));
		if (!is_done && at >= key) {
			is_done = true;
			count += at != key && value.data != NULL;
			count -= at == key && value.data == NULL;
			if (value.data != NULL) {
				fixture_append_key(&pairs, key);
				bytes_append(&pairs, value.data, value.len);
			}
			if (at == key)
				continue;
		}
		fixture_append_key(&pairs, at);
		bytes_append(&pairs, old.data, old.len);
	}
	if (!is_done && value.data != NULL) {
		count++;
		fixture_append_key(&pairs, key);
		bytes_append(&pairs, value.data, value.len);
	}
	bytes_append(out, in.data, prefix_len);
	if (count < 16) {
		bytes_append_u8(out, (uint8_t)(0x80 | count));
	} else {
		bytes_append_u8(out, 0xde);
		bytes_append_u16(out, (uint16_t)count);
	}
	bytes_append(out, pairs.data, pairs.len);
	ck_err(out->err, ERR_NONE);
	bytes_release(&pairs);
}

/* What the decoder says once a field was edited. */
static inline enum err
fixture_decode_edited(struct bytes_view in, size_t prefix_len, uint64_t key,
    struct bytes_view value, fixture_decode_fn decode)
{
	struct bytes edited;
	enum err err;

	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(in, prefix_len, key, value, &edited);
	err = decode(bytes_as_view(&edited));
	bytes_release(&edited);
	return err;
}

static inline void
fixture_check_spoiled(struct bytes_view in, size_t prefix_len,
    const struct fixture_spoiled *spoiled, size_t count, fixture_decode_fn decode)
{
	size_t i;

	ck_err(decode(in), ERR_NONE);
	for (i = 0; i < count; i++) {
		enum err err = fixture_decode_edited(in, prefix_len, spoiled[i].key,
		    bytes_view_of(spoiled[i].value, spoiled[i].len), decode);

		ck_assert_msg(err == spoiled[i].err, "%s: %s instead of %s", spoiled[i].why,
		    err_name(err), err_name(spoiled[i].err));
	}
}

/* Each of the keys, left out, is missed. */
static inline void
fixture_check_required(struct bytes_view in, size_t prefix_len, const uint64_t *keys, size_t count,
    fixture_decode_fn decode)
{
	struct bytes_view none = {NULL, 0};
	size_t i;

	ck_err(decode(in), ERR_NONE);
	for (i = 0; i < count; i++) {
		enum err err = fixture_decode_edited(in, prefix_len, keys[i], none, decode);

		ck_assert_msg(
		    err == ERR_MISSING, "without key %u: %s", (unsigned)keys[i], err_name(err));
	}
}

/* An unknown odd key is skipped, an unknown even one refused, far and near. */
static inline void
fixture_check_unknown(struct bytes_view in, size_t prefix_len, fixture_decode_fn decode)
{
	static const uint64_t odd[] = {61, 63, 65, 1001}, even[] = {60, 62, 64, 1000};
	size_t i;

	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		ck_err(
		    fixture_decode_edited(in, prefix_len, odd[i], bytes_view_of("\x05", 1), decode),
		    ERR_NONE);
		ck_err(fixture_decode_edited(
			   in, prefix_len, even[i], bytes_view_of("\x05", 1), decode),
		    ERR_UNKNOWN_CRITICAL);
	}
}

/* Cut short at every length, in allocations of exactly that size; and one byte too many. */
static inline void
fixture_check_length(struct bytes_view in, fixture_decode_fn decode)
{
	uint8_t *copy;
	size_t len;

	ck_err(decode(in), ERR_NONE);
	for (len = 0; len < in.len; len++) {
		copy = malloc(len == 0 ? 1 : len);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, in.data, len);
		ck_assert_msg(decode(bytes_view_of(copy, len)) != ERR_NONE, "cut at %zu", len);
		free(copy);
	}
	copy = malloc(in.len + 1);
	ck_assert_ptr_nonnull(copy);
	memcpy(copy, in.data, in.len);
	copy[in.len] = 0x05;
	ck_err(decode(bytes_view_of(copy, in.len + 1)), ERR_TRAILING);
	free(copy);
}

/* ---------------------------------------------------------------- an organisation */

/* A root with keys of the seeds first, first + 1, ...; `store` keeps the keys. */
static inline void
fixture_root(struct root *root, uint64_t version, uint32_t threshold, uint32_t keys_count,
    uint8_t first, uint8_t store[][32])
{
	uint32_t i;

	*root = (struct root){.version = version,
	    .created_ms = FIXTURE_TIME,
	    .threshold = threshold,
	    .keys_count = keys_count};
	for (i = 0; i < keys_count; i++) {
		fixture_public((uint8_t)(first + i), store[i]);
		root->keys[i].suite = SUITE_1;
		root->keys[i].bytes = bytes_view_of(store[i], 32);
	}
}

/* A valid card with every field, valid for 30 days; its organisation is `org`. */
static inline void
fixture_card(struct card *card, const struct org_id *org)
{
	*card = (struct card){.org = *org,
	    .serial = 1,
	    .issued_ms = FIXTURE_TIME,
	    .expires_ms = FIXTURE_TIME + 30 * FIXTURE_DAY,
	    .suite_min = 1,
	    .endpoints_count = 2};
	card->name = bytes_view_str("Banco del Norte, S.\xc3\xa1.");
	card->sector = bytes_view_str("bank");
	card->country = bytes_view_str("MX");
	card->endpoints[0] = bytes_view_str("tcp://malla.norte.example:7001");
	card->endpoints[1] = bytes_view_str("tcp://[2001:db8::7]:7001");
	memset(card->sign_key, 0x51, 32);
	memset(card->envelope_key, 0x52, 32);
	memset(card->transport_key.bytes, 0x53, 32);
	memset(card->log_key, 0x54, 32);
	memset(card->witness_key, 0x55, 32);
	card->contact.role = bytes_view_str("CSIRT");
	card->contact.mailbox = bytes_view_str("csirt@norte.example");
	card->contact.telephone = bytes_view_str("+52 55 0000 0000");
	card->contact.hours = bytes_view_str("24x7");
	card->contact.languages = bytes_view_str("es, en");
	card->contact.escalation = bytes_view_str("CISO");
	card->red_desk.role = bytes_view_str("RED desk");
}

#endif
