#include "suite.h"

#include <stdio.h>
#include <string.h>

#include "crypto/digest.h"
#include "wire/record.h"
#include "wire/writer.h"

static struct record record, decoded;

static struct bytes_view
text(const char *words)
{
	return bytes_view_str(words);
}

/* Everything that a header can say, of a RED indicator. */
static void
fill(bool is_draft)
{
	static const struct observable values[] = {
	    {OBSERVABLE_IPV4, {(const uint8_t *)"192.0.2.1", 9}},
	    {OBSERVABLE_DOMAIN, {(const uint8_t *)"evil.example", 12}},
	};
	struct org_id org = {{0x22}};
	struct record_id id = {{0x33}};

	record_init(&record, RECORD_INDICATOR, TLP_RED);
	record.is_draft = is_draft;
	memset(record.author.bytes, 0x11, sizeof(record.author.bytes));
	record.created_ms = 1795446000000;
	memset(record.nonce.bytes, 0x44, sizeof(record.nonce.bytes));
	record.confidence = 80;
	record.severity = SEVERITY_HIGH;
	record.valid_from_ms = 1795446000000;
	record.valid_until_ms = 1795446000001;
	record.marking.permitted = PERMITTED_INTERNAL;
	record.marking.attribution = OBLIGATION_MUST_NOT;
	record.marking.purpose = text("investigation");
	record.marking.basis = text("consent");
	ck_assert_int_eq(audience_add_person(&record.audience, &org, text("ana")), ERR_NONE);
	ck_assert_int_eq(record_add_text(&record.labels, text("phishing")), ERR_NONE);
	ck_assert_int_eq(record_add_text(&record.labels, text("apt")), ERR_NONE);
	ck_assert_int_eq(record_add_text(&record.links, text("https://a.example/")), ERR_NONE);
	ck_assert_int_eq(record_add_text(&record.affects.sectors, text("bank")), ERR_NONE);
	record.affects.is_ot = true;
	record.language = text("es");
	ck_assert_int_eq(record_add_observable(&record, &values[1]), ERR_NONE);
	ck_assert_int_eq(record_add_observable(&record, &values[0]), ERR_NONE);
	ck_assert_int_eq(record_add_reference(&record, &id), ERR_NONE);
	record.body.combine = RECORD_COMBINE_ANY;
	record.body.title = text("title");
	record.body.text = text("two\nlines");
	record.source.format = text("csv");
	record.source.original = text("a,b");
}

static void
encode(struct bytes *out)
{
	bytes_clear(out);
	ck_assert_int_eq(record_encode(&record, out), ERR_NONE);
}

static enum err
decode(const struct bytes *in, bool is_draft)
{
	return record_decode(bytes_as_view(in), is_draft, &decoded, NULL);
}

START_TEST(gives_back_the_bytes_it_took)
{
	struct bytes first, second;
	int draft;

	bytes_init(&first, RECORD_BYTES_MAX);
	bytes_init(&second, RECORD_BYTES_MAX);
	for (draft = 0; draft < 2; draft++) {
		fill(draft == 1);
		encode(&first);
		ck_assert_int_eq(decode(&first, draft == 1), ERR_NONE);
		ck_assert_uint_eq(decoded.unknown, 0);
		ck_assert_uint_eq(decoded.observables_count, 2);
		ck_assert_int_eq(decoded.observables[0].type, OBSERVABLE_IPV4);
		ck_assert(
		    audience_has_person(&decoded.audience, &decoded.audience.orgs[0], text("ana")));
		bytes_clear(&second);
		ck_assert_int_eq(record_encode(&decoded, &second), ERR_NONE);
		ck_assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
		/* the one is not the other */
		ck_assert_int_ne(decode(&first, draft == 0), ERR_NONE);
	}
	bytes_release(&first);
	bytes_release(&second);
}
END_TEST

START_TEST(refuses_it_cut_short_and_prolonged)
{
	struct bytes bytes;
	size_t len;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	fill(false);
	encode(&bytes);
	for (len = 0; len < bytes.len; len++)
		ck_assert_int_ne(
		    record_decode(bytes_view_of(bytes.data, len), false, &decoded, NULL), ERR_NONE);
	bytes_append_u8(&bytes, 0);
	ck_assert_int_eq(decode(&bytes, false), ERR_TRAILING);
	bytes_release(&bytes);
}
END_TEST

/* One change, one reason. */
static void
check(void (*change)(void), enum err expected)
{
	struct bytes bytes;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	fill(false);
	change();
	encode(&bytes);
	ck_assert_int_eq(decode(&bytes, false), expected);
	bytes_release(&bytes);
}

static void
name_nobody(void)
{
	audience_init(&record.audience);
}
static void
say_nothing(void)
{
	record.observables_count = 0;
	record.body.combine = RECORD_COMBINE_UNSTATED;
}
static void
combine_one(void)
{
	record.observables_count = 1;
}
static void
combine_none(void)
{
	record.body.combine = RECORD_COMBINE_UNSTATED;
}
static void
swap_observables(void)
{
	struct observable first = record.observables[0];

	record.observables[0] = record.observables[1];
	record.observables[1] = first;
}
static void
repeat_observable(void)
{
	record.observables[1] = record.observables[0];
}
static void
spoil_observable(void)
{
	record.observables[0].value = text("192.0.2.01");
}
static void
end_before_start(void)
{
	record.valid_until_ms = record.valid_from_ms;
}
static void
swap_labels(void)
{
	struct bytes_view first = record.labels.at[0];

	record.labels.at[0] = record.labels.at[1];
	record.labels.at[1] = first;
}
static void
put_control(void)
{
	record.body.title = text("a\nb");
}
static void
spoil_utf8(void)
{
	record.body.text = text("\xc3\x28");
}
static void
doubt_much(void)
{
	record.confidence = 101;
}
static void
be_question(void)
{
	record.kind = RECORD_QUESTION;
}
static void
be_note_without_text(void)
{
	record.kind = RECORD_NOTE;
	record.body.text = bytes_view_of(NULL, 0);
	record.body.combine = RECORD_COMBINE_UNSTATED;
}
static void
number_a_note(void)
{
	record.kind = RECORD_NOTE;
	record.body.combine = RECORD_COMBINE_UNSTATED;
	record.body.identifier = text("1");
}
static void
come_from_nowhere(void)
{
	record.source.format = bytes_view_of(NULL, 0);
}

START_TEST(names_the_reason_for_each_fault)
{
	check(come_from_nowhere, ERR_NONE); /* then there is no source at all */
	check(name_nobody, ERR_MISSING);
	check(say_nothing, ERR_MISSING);
	check(combine_one, ERR_NOT_CANONICAL);
	check(combine_none, ERR_NOT_CANONICAL);
	check(swap_observables, ERR_ORDER);
	check(repeat_observable, ERR_ORDER);
	check(spoil_observable, ERR_VALUE);
	check(end_before_start, ERR_RANGE);
	check(swap_labels, ERR_ORDER);
	check(put_control, ERR_UTF8);
	check(spoil_utf8, ERR_UTF8);
	check(doubt_much, ERR_RANGE);
	check(be_question, ERR_VALUE);
	check(be_note_without_text, ERR_MISSING);
	check(number_a_note, ERR_VALUE);
}
END_TEST

/* The record with one more key at its end. */
static enum err
with_key(uint64_t key)
{
	struct writer writer;
	struct bytes bytes;
	enum err err;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	fill(false);
	encode(&bytes);
	ck_assert_int_eq(bytes.data[0], 0xde); /* map 16 */
	bytes_put_u16(bytes.data + 1, (uint16_t)(bytes_get_u16(bytes.data + 1) + 1));
	writer_open(&writer, &bytes);
	writer_uint(&writer, key);
	writer_uint(&writer, 7);
	err = decode(&bytes, false);
	bytes_release(&bytes);
	return err;
}

START_TEST(refuses_an_unknown_even_key_and_counts_an_odd_one)
{
	ck_assert_int_eq(with_key(40), ERR_UNKNOWN_CRITICAL);
	ck_assert_int_eq(with_key(41), ERR_NONE);
	ck_assert_uint_eq(decoded.unknown, 1);
	/* a key beyond 32 bits is not taken for a small one */
	ck_assert_int_eq(with_key(0x100000000ull), ERR_UNKNOWN_CRITICAL);
	ck_assert_int_eq(with_key(RECORD_KEY_KIND), ERR_ORDER);
}
END_TEST

START_TEST(is_known_by_the_hash_of_its_bytes)
{
	struct record_id id;
	struct hash hash;

	record_id_of(text("abc"), &id);
	digest_sha256_prefixed(0, text("abc"), &hash);
	ck_assert_mem_eq(id.bytes, hash.bytes, sizeof(id.bytes));
}
END_TEST

START_TEST(keeps_lists_in_order_and_bounded)
{
	struct record_texts texts = {0};
	char words[LABELS_MAX + 1][4];
	int i;

	for (i = (int)LABELS_MAX; i >= 0; i--) {
		(void)snprintf(words[i], sizeof(words[i]), "%02d", i);
		ck_assert_int_eq(
		    record_add_text(&texts, text(words[i])), i > 0 ? ERR_NONE : ERR_TOO_LARGE);
	}
	ck_assert_uint_eq(texts.count, LABELS_MAX);
	ck_assert_int_eq(record_add_text(&texts, text(words[5])), ERR_NONE);
	ck_assert_uint_eq(texts.count, LABELS_MAX);
	for (i = 1; i < (int)LABELS_MAX; i++)
		ck_assert_int_lt(bytes_view_compare(texts.at[i - 1], texts.at[i]), 0);
}
END_TEST

SUITE_MAIN("wire/record", gives_back_the_bytes_it_took, refuses_it_cut_short_and_prolonged,
    names_the_reason_for_each_fault, refuses_an_unknown_even_key_and_counts_an_odd_one,
    is_known_by_the_hash_of_its_bytes, keeps_lists_in_order_and_bounded)
