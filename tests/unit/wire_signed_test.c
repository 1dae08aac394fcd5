#include "wire/signed.h"

#include "crypto/signer.h"
#include "tests/unit/wire_fixture.h"

#define STATEMENT_MAX 200u

static const char STATEMENT[] = "malla/seal/v1\nbody";

/* Three signatures: of suite 1, of one to come, of suite 1. */
static void
fill(struct signed_thing *thing, uint8_t store[2][64])
{
	*thing = (struct signed_thing){.statement = bytes_view_str(STATEMENT)};
	fixture_add_signature(thing, 0, 1, store[0]);
	thing->signatures[thing->count++] =
	    (struct signed_signature){.signer = 3, .suite = 2, .bytes = bytes_view_str("later")};
	fixture_add_signature(thing, SIGNATURES_MAX - 1, 2, store[1]);
}

static void
encode(const struct signed_thing *thing, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(signed_encode(thing, out), ERR_NONE);
}

static enum err
decode(struct bytes_view in)
{
	struct signed_thing thing, before;
	enum err err;

	memset(&thing, 0x77, sizeof(thing));
	before = thing;
	err = signed_decode(in, STATEMENT_MAX, &thing);
	if (err != ERR_NONE)
		ck_assert_mem_eq(&thing, &before, sizeof(thing));
	return err;
}

START_TEST(gives_back_what_was_written)
{
	struct signed_thing thing, found;
	uint8_t store[2][64];
	struct bytes bytes, again;

	fill(&thing, store);
	encode(&thing, &bytes);
	ck_err(signed_decode(bytes_as_view(&bytes), STATEMENT_MAX, &found), ERR_NONE);
	ck_same(found.statement, thing.statement);
	ck_assert_uint_eq(found.count, 3);
	ck_assert_uint_eq(found.signatures[1].signer, 3);
	ck_assert_uint_eq(found.signatures[1].suite, 2);
	ck_same(found.signatures[1].bytes, bytes_view_str("later"));
	ck_assert_uint_eq(found.signatures[2].signer, SIGNATURES_MAX - 1);
	encode(&found, &again);
	ck_same(bytes_as_view(&again), bytes_as_view(&bytes));
	bytes_release(&bytes);
	bytes_release(&again);
}
END_TEST

START_TEST(has_the_documented_bytes)
{
	static const uint8_t head[] = {0x92, 0xc4, 18, 'm', 'a', 'l', 'l', 'a', '/', 's', 'e', 'a',
	    'l', '/', 'v', '1', '\n', 'b', 'o', 'd', 'y', 0x91, 0x93, 0x00, 0x01, 0xc4, 64};
	uint8_t signature[64];
	struct bytes bytes;

	memset(signature, 0xee, sizeof(signature));
	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(signed_encode_one(bytes_view_str(STATEMENT), signature, &bytes), ERR_NONE);
	ck_assert_uint_eq(bytes.len, sizeof(head) + 64);
	ck_assert_mem_eq(bytes.data, head, sizeof(head));
	ck_assert_mem_eq(bytes.data + sizeof(head), signature, 64);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_it_cut_short_or_too_long)
{
	struct signed_thing thing;
	uint8_t store[2][64];
	struct bytes bytes;

	fill(&thing, store);
	encode(&thing, &bytes);
	fixture_check_length(bytes_as_view(&bytes), decode);
	bytes_release(&bytes);
}
END_TEST

/* offsets in the bytes of has_the_documented_bytes */
static const struct {
	const char *why;
	size_t at;
	uint8_t byte;
	enum err err;
} SPOILED[] = {
    {"one part for two", 0, 0x91, ERR_RANGE},
    {"three parts for two", 0, 0x93, ERR_TOO_LARGE},
    {"a map for the parts", 0, 0x81, ERR_TYPE},
    {"a statement that is text", 1, 0xd9, ERR_TYPE},
    {"a statement longer than all", 2, 0xff, ERR_TRUNCATED},
    {"no signatures", 21, 0x90, ERR_RANGE},
    {"more signatures than there are", 21, 0x92, ERR_TRUNCATED},
    {"two parts for three", 22, 0x92, ERR_RANGE},
    {"four parts for three", 22, 0x94, ERR_TOO_LARGE},
    {"a signer out of range", 23, SIGNATURES_MAX, ERR_RANGE},
    {"a negative signer", 23, 0xff, ERR_TYPE},
    {"suite 0", 24, 0x00, ERR_RANGE},
    {"suite true", 24, 0xc3, ERR_TYPE},
    {"a signature that is text", 25, 0xd9, ERR_TYPE},
    {"a signature one byte short", 26, 63, ERR_SIGNATURE},
};

START_TEST(refuses_one_spoiled_byte)
{
	uint8_t signature[64] = {0};
	struct bytes bytes;
	enum err err;
	size_t i;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(signed_encode_one(bytes_view_str(STATEMENT), signature, &bytes), ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	for (i = 0; i < sizeof(SPOILED) / sizeof(*SPOILED); i++) {
		uint8_t before = bytes.data[SPOILED[i].at];

		ck_assert_uint_ne(before, SPOILED[i].byte);
		bytes.data[SPOILED[i].at] = SPOILED[i].byte;
		err = decode(bytes_as_view(&bytes));
		ck_assert_msg(err == SPOILED[i].err, "%s: %s", SPOILED[i].why, err_name(err));
		bytes.data[SPOILED[i].at] = before;
	}
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_signers_out_of_order_or_twice)
{
	struct signed_thing thing;
	uint8_t store[2][64];
	struct bytes bytes;

	fill(&thing, store);
	thing.signatures[1].signer = 0;
	encode(&thing, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_ORDER);
	bytes_release(&bytes);
	thing.signatures[1].signer = 3;
	thing.signatures[2].signer = 2;
	encode(&thing, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_ORDER);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_a_signature_of_the_wrong_size)
{
	struct signed_thing thing;
	uint8_t store[2][64];
	struct bytes bytes;

	fill(&thing, store);
	thing.signatures[0].bytes.len = 63;
	encode(&thing, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_SIGNATURE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_more_signatures_than_the_limit)
{
	struct bytes bytes;
	uint32_t i;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	bytes_append(&bytes, "\x92\xc4\x01m\xdc", 5);
	bytes_append_u16(&bytes, SIGNATURES_MAX + 1);
	for (i = 0; i <= SIGNATURES_MAX; i++) {
		bytes_append_u8(&bytes, 0x93);
		bytes_append_u8(&bytes, (uint8_t)i);
		bytes_append(&bytes, "\x02\xc4\x01x", 4);
	}
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	/* and takes as many as the limit */
	bytes_put_u16(bytes.data + 5, SIGNATURES_MAX);
	ck_err(decode(bytes_view_of(bytes.data, bytes.len - 6)), ERR_NONE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_a_statement_over_its_limit)
{
	uint8_t statement[STATEMENT_MAX + 1] = {'m'}, signature[64] = {0};
	struct bytes bytes;

	bytes_init(&bytes, FIXTURE_BYTES_MAX);
	ck_err(signed_encode_one(bytes_view_of(statement, STATEMENT_MAX), signature, &bytes),
	    ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes_clear(&bytes);
	ck_err(signed_encode_one(bytes_view_of(statement, STATEMENT_MAX + 1), signature, &bytes),
	    ERR_NONE);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

START_TEST(keeps_contexts_apart)
{
	int a, b;

	for (a = 0; a < CONTEXT_COUNT; a++) {
		struct bytes_view line = signed_context((enum context)a), body = {0};
		struct signed_thing thing = {.statement = line};

		ck_assert_mem_eq(line.data, "malla/", 6);
		ck_assert_uint_eq(line.data[line.len - 1], '\n');
		for (b = 0; b < CONTEXT_COUNT; b++)
			ck_err(signed_body(&thing, (enum context)b, &body),
			    a == b ? ERR_NONE : ERR_FORMAT);
		thing.statement.len--; /* without the line feed it is none */
		ck_err(signed_body(&thing, (enum context)a, &body), ERR_FORMAT);
	}
}
END_TEST

START_TEST(finds_the_body_behind_the_context_line)
{
	struct signed_thing thing = {.statement = bytes_view_str(STATEMENT)};
	struct bytes_view body;

	ck_err(signed_body(&thing, CONTEXT_SEAL, &body), ERR_NONE);
	ck_same(body, bytes_view_str("body"));
	ck_err(signed_statement_body(thing.statement, thing.statement.len, CONTEXT_SEAL, &body),
	    ERR_NONE);
	ck_err(signed_statement_body(thing.statement, thing.statement.len - 1, CONTEXT_SEAL, &body),
	    ERR_TOO_LARGE);
}
END_TEST

START_TEST(verifies_one_signature_by_one_key)
{
	struct signed_thing thing = {.statement = bytes_view_str(STATEMENT)};
	uint8_t key[32], other[32], store[64];

	fixture_public(1, key);
	fixture_public(2, other);
	fixture_add_signature(&thing, 0, 1, store);
	ck_err(signed_verify_one(&thing, key), ERR_NONE);
	ck_err(signed_verify_one(&thing, other), ERR_SIGNATURE);
	store[5] ^= 1;
	ck_err(signed_verify_one(&thing, key), ERR_SIGNATURE);
	store[5] ^= 1;
	thing.statement = bytes_view_str("malla/seal/v1\nbodY");
	ck_err(signed_verify_one(&thing, key), ERR_SIGNATURE);
}
END_TEST

START_TEST(refuses_to_verify_any_other_arrangement)
{
	struct signed_thing thing = {.statement = bytes_view_str(STATEMENT)};
	uint8_t key[32], store[2][64];

	fixture_public(1, key);
	ck_err(signed_verify_one(&thing, key), ERR_SIGNATURE); /* none */
	fixture_add_signature(&thing, 0, 1, store[0]);
	thing.signatures[0].signer = 1;
	ck_err(signed_verify_one(&thing, key), ERR_SIGNATURE);
	thing.signatures[0].signer = 0;
	thing.signatures[0].suite = 2;
	ck_err(signed_verify_one(&thing, key), ERR_KEY);
	thing.signatures[0].suite = SUITE_1;
	thing.signatures[0].bytes.len = 63;
	ck_err(signed_verify_one(&thing, key), ERR_SIGNATURE);
	thing.signatures[0].bytes.len = 64;
	ck_err(signed_verify_one(&thing, key), ERR_NONE);
	fixture_add_signature(&thing, 1, 2, store[1]);
	ck_err(signed_verify_one(&thing, key), ERR_SIGNATURE); /* two */
}
END_TEST

SUITE_MAIN("wire/signed", gives_back_what_was_written, has_the_documented_bytes,
    refuses_it_cut_short_or_too_long, refuses_one_spoiled_byte,
    refuses_signers_out_of_order_or_twice, refuses_a_signature_of_the_wrong_size,
    refuses_more_signatures_than_the_limit, refuses_a_statement_over_its_limit,
    keeps_contexts_apart, finds_the_body_behind_the_context_line, verifies_one_signature_by_one_key,
    refuses_to_verify_any_other_arrangement)
