#include "wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/wire_fixture.h"

#define COUNT_OF(table) (sizeof(table) / sizeof(*(table)))
#define BYTES_16 "0123456789abcdef"
#define BYTES_31 BYTES_16 "0123456789abcde"
#define BYTES_32 BYTES_16 BYTES_16
#define LATEST_AND_ONE "\xcf\x00\x00\xe6\x77\xd2\x1f\xdc\x00" /* TIME_MS_MAX + 1 */

/* Large: two of them, and nobody has one on the stack. */
static struct record made, found;

static struct org_id
org_of(uint8_t letter)
{
	struct org_id org;

	memset(org.bytes, letter, sizeof(org.bytes));
	return org;
}

static enum err
decode(struct bytes_view in)
{
	return record_decode(in, false, &found, NULL);
}

static enum err
decode_draft(struct bytes_view in)
{
	return record_decode(in, true, &found, NULL);
}

static void
encode(const struct record *record, struct bytes *out)
{
	bytes_init(out, FIXTURE_BYTES_MAX);
	ck_err(record_encode(record, out), ERR_NONE);
}

/* ---------------------------------------------------------------- records to begin with */

static struct record *
start(enum record_kind kind, enum tlp tlp)
{
	/* whatever stood there before must not shine through */
	memset(&made, 0xee, sizeof(made));
	record_init(&made, kind, tlp);
	made.is_draft = false;
	made.author = org_of(0xa1);
	made.created_ms = FIXTURE_TIME;
	memset(made.nonce.bytes, 0x17, sizeof(made.nonce.bytes));
	return &made;
}

static void
observe(struct record *record, enum observable_type type, const char *value)
{
	struct observable observable = {type, bytes_view_str(value)};

	ck_err(observable_check(type, observable.value), ERR_NONE);
	ck_err(record_add_observable(record, &observable), ERR_NONE);
}

static void
add_text(struct record_texts *texts, const char *text)
{
	ck_err(record_add_text(texts, bytes_view_str(text)), ERR_NONE);
}

static void
derive(struct record *record)
{
	struct org_id author = org_of(0xd1);

	record->has_derived = true;
	memset(record->derived.id.bytes, 0xd0, sizeof(record->derived.id.bytes));
	record->derived.author = author;
	audience_init(&record->derived.audience);
	ck_err(audience_add_org(&record->derived.audience, &author), ERR_NONE);
	marking_init(&record->derived.marking, TLP_AMBER);
}

/* Every key of the header. */
static struct record *
full_indicator(void)
{
	struct record *record = start(RECORD_INDICATOR, TLP_RED);
	struct org_id cert = org_of(0xb2), telco = org_of(0xc3);
	struct record_id reference;

	record->confidence = 85;
	record->severity = SEVERITY_HIGH;
	add_text(&record->affects.sectors, "telecom");
	add_text(&record->affects.sectors, "bank");
	add_text(&record->affects.services, "banca en l\xc3\xadnea");
	add_text(&record->affects.products, "example mail server 4.2");
	record->affects.is_it = true;
	record->affects.is_ot = true;
	record->marking.purpose = bytes_view_str("fraud prevention");
	record->marking.basis = bytes_view_str("legitimate interest");
	add_text(&record->labels, "phishing");
	add_text(&record->labels, "campaign:example");
	ck_err(audience_add_person(&record->audience, &cert, bytes_view_str("ana")), ERR_NONE);
	ck_err(audience_add_org(&record->audience, &telco), ERR_NONE);
	record->language = bytes_view_str("es-MX");
	observe(record, OBSERVABLE_DOMAIN, "login.bank.example");
	observe(record, OBSERVABLE_IPV4, "192.0.2.17");
	record->valid_from_ms = FIXTURE_TIME;
	record->valid_until_ms = FIXTURE_TIME + 90 * FIXTURE_DAY;
	memset(reference.bytes, 0x44, sizeof(reference.bytes));
	ck_err(record_add_reference(record, &reference), ERR_NONE);
	record->body.combine = RECORD_COMBINE_ALL;
	record->body.title = bytes_view_str("Portal falso");
	record->body.text = bytes_view_str("Visto desde el lunes.\n\n\t* en 192.0.2.17\n");
	record->body.pattern = bytes_view_str("[domain-name:value = 'login.bank.example']");
	record->body.first_seen_ms = FIXTURE_TIME - FIXTURE_DAY;
	record->body.last_seen_ms = FIXTURE_TIME;
	derive(record);
	record->source.format = bytes_view_str("stix-2.1");
	record->source.mapping = bytes_view_str("malla-stix/1");
	record->source.id = bytes_view_str("indicator--00000000-0000-4000-8000-000000000001");
	record->source.original = bytes_view_str("{\"type\":\"indicator\"}");
	add_text(&record->links, "https://cert.example/2026/17");
	return record;
}

static struct record *
small_indicator(void)
{
	struct record *record = start(RECORD_INDICATOR, TLP_CLEAR);

	observe(record, OBSERVABLE_IPV4, "192.0.2.1");
	return record;
}

static struct record *
note(void)
{
	struct record *record = start(RECORD_NOTE, TLP_GREEN);

	record->body.title = bytes_view_str("Doble control");
	record->body.text = bytes_view_str("# Pr\xc3\xa1"
					   "ctica\n\n1. Dos personas.\n");
	return record;
}

static struct record *
advisory(void)
{
	struct record *record = start(RECORD_ADVISORY, TLP_CLEAR);

	record->body.title = bytes_view_str("Example mail server: update now");
	record->body.text = bytes_view_str("Versions before 4.3.");
	record->body.identifier = bytes_view_str("NORTE-2026-003");
	return record;
}

static struct record *
sighting(void)
{
	struct record *record = start(RECORD_SIGHTING, TLP_AMBER);

	memset(record->body.target.bytes, 0x7a, sizeof(record->body.target.bytes));
	record->body.outcome = SIGHTING_FALSE_POSITIVE;
	record->body.text = bytes_view_str("A CDN.");
	record->body.first_seen_ms = FIXTURE_TIME - 2;
	record->body.last_seen_ms = FIXTURE_TIME - 2;
	record->body.count = NUMBER_MAX;
	return record;
}

typedef struct record *(*make_fn)(void);
static const make_fn MAKERS[] = {full_indicator, small_indicator, note, advisory, sighting};

/* ---------------------------------------------------------------- what survives */

static void
expect_survives(const struct record *record)
{
	struct bytes first, second;

	encode(record, &first);
	memset(&found, 0x99, sizeof(found));
	ck_err(record_decode(bytes_as_view(&first), record->is_draft, &found, NULL), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 0);
	encode(&found, &second);
	ck_same(bytes_as_view(&second), bytes_as_view(&first));
	bytes_release(&first);
	bytes_release(&second);
}

START_TEST(a_record_of_every_kind_survives_and_so_does_its_draft)
{
	size_t i;

	for (i = 0; i < COUNT_OF(MAKERS); i++) {
		struct record *record = MAKERS[i]();

		expect_survives(record);
		record->is_draft = true;
		expect_survives(record);
	}
}
END_TEST

START_TEST(every_field_comes_back_as_it_was_said)
{
	const struct record *record = full_indicator();
	struct org_id cert = org_of(0xb2), telco = org_of(0xc3), author = org_of(0xd1);
	struct bytes bytes;

	encode(record, &bytes);
	memset(&found, 0x99, sizeof(found));
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	ck_assert(found.kind == RECORD_INDICATOR && !found.is_draft);
	ck_assert_mem_eq(found.author.bytes, record->author.bytes, 32);
	ck_assert_uint_eq(found.created_ms, FIXTURE_TIME);
	ck_assert_mem_eq(found.nonce.bytes, record->nonce.bytes, 16);
	ck_assert(found.confidence == 85 && found.severity == SEVERITY_HIGH);
	ck_assert_uint_eq(found.valid_from_ms, FIXTURE_TIME);
	ck_assert_uint_eq(found.valid_until_ms, FIXTURE_TIME + 90 * FIXTURE_DAY);
	ck_assert_int_eq(found.marking.tlp, TLP_RED);
	ck_same(found.marking.purpose, bytes_view_str("fraud prevention"));
	ck_assert(found.audience.orgs_count == 2 && audience_has_org(&found.audience, &telco));
	ck_assert(audience_has_person(&found.audience, &cert, bytes_view_str("ana")));
	ck_assert_uint_eq(found.affects.sectors.count, 2);
	ck_same(found.affects.sectors.at[0], bytes_view_str("bank"));
	ck_same(found.affects.services.at[0], bytes_view_str("banca en l\xc3\xadnea"));
	ck_same(found.affects.products.at[0], bytes_view_str("example mail server 4.2"));
	ck_assert(found.affects.is_it && found.affects.is_ot);
	ck_assert_uint_eq(found.labels.count, 2);
	ck_same(found.labels.at[1], bytes_view_str("phishing"));
	ck_same(found.language, bytes_view_str("es-MX"));
	ck_assert_uint_eq(found.observables_count, 2);
	ck_assert_int_eq(found.observables[0].type, OBSERVABLE_IPV4);
	ck_same(found.observables[1].value, bytes_view_str("login.bank.example"));
	ck_assert_uint_eq(found.references_count, 1);
	ck_assert_uint_eq(found.references[0].bytes[31], 0x44);
	ck_assert_uint_eq(found.links.count, 1);
	ck_assert_int_eq(found.body.combine, RECORD_COMBINE_ALL);
	ck_same(found.body.title, record->body.title);
	ck_same(found.body.text, record->body.text);
	ck_same(found.body.pattern, record->body.pattern);
	ck_assert_uint_eq(found.body.first_seen_ms, FIXTURE_TIME - FIXTURE_DAY);
	ck_assert_uint_eq(found.body.last_seen_ms, FIXTURE_TIME);
	ck_assert(found.has_derived && found.derived.marking.tlp == TLP_AMBER);
	ck_assert_mem_eq(found.derived.author.bytes, author.bytes, 32);
	ck_assert(audience_has_org(&found.derived.audience, &author));
	ck_same(found.source.format, record->source.format);
	ck_same(found.source.mapping, record->source.mapping);
	ck_same(found.source.id, record->source.id);
	ck_same(found.source.original, record->source.original);
	bytes_release(&bytes);
}
END_TEST

START_TEST(what_was_not_said_comes_back_unsaid)
{
	struct bytes bytes;

	encode(small_indicator(), &bytes);
	memset(&found, 0x99, sizeof(found));
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	ck_assert_uint_eq(found.confidence, CONFIDENCE_UNSTATED);
	ck_assert_int_eq(found.severity, SEVERITY_UNSTATED);
	ck_assert(found.valid_from_ms == 0 && found.valid_until_ms == 0);
	ck_assert(audience_is_empty(&found.audience) && found.audience_bytes.len == 0);
	ck_assert(found.affects.sectors.count == 0 && found.affects.services.count == 0);
	ck_assert(found.affects.products.count == 0);
	ck_assert(!found.affects.is_it && !found.affects.is_ot && found.labels.count == 0);
	ck_assert(found.language.len == 0 && found.references_count == 0);
	ck_assert(found.links.count == 0 && !found.has_derived && found.source.format.len == 0);
	ck_assert(found.body.combine == RECORD_COMBINE_UNSTATED && found.body.title.len == 0);
	ck_assert(found.body.count == 0 && found.body.outcome == SIGHTING_UNSTATED);
	bytes_release(&bytes);
}
END_TEST

START_TEST(keeps_the_bytes_of_marking_and_audience)
{
	struct bytes bytes, expected;
	struct writer writer;

	encode(full_indicator(), &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes_init(&expected, FIXTURE_BYTES_MAX);
	writer_open(&writer, &expected);
	marking_write(&writer, &made.marking);
	ck_same(found.marking_bytes, bytes_as_view(&expected));
	bytes_clear(&expected);
	audience_write(&writer, &made.audience);
	ck_same(found.audience_bytes, bytes_as_view(&expected));
	ck_assert(found.audience_bytes.data > bytes.data &&
		  found.audience_bytes.data < bytes.data + bytes.len);
	bytes_release(&expected);
	bytes_release(&bytes);
}
END_TEST

START_TEST(the_id_is_the_hash_of_a_zero_byte_and_the_record)
{
	struct hash expected;
	struct record_id id;
	struct bytes bytes, prefixed;

	ck_err(digest_start(), ERR_NONE);
	encode(small_indicator(), &bytes);
	bytes_init(&prefixed, FIXTURE_BYTES_MAX);
	bytes_append_u8(&prefixed, 0);
	bytes_append(&prefixed, bytes.data, bytes.len);
	digest_sha256(bytes_as_view(&prefixed), &expected);
	record_id_of(bytes_as_view(&bytes), &id);
	ck_assert_mem_eq(id.bytes, expected.bytes, sizeof(id.bytes));
	bytes_release(&prefixed);
	bytes_release(&bytes);
}
END_TEST

/* ---------------------------------------------------------------- what is refused */

START_TEST(refuses_it_cut_short_or_with_more_behind_it)
{
	struct bytes bytes;
	size_t i;

	for (i = 0; i < COUNT_OF(MAKERS); i++) {
		encode(MAKERS[i](), &bytes);
		fixture_check_length(bytes_as_view(&bytes), decode);
		bytes_release(&bytes);
	}
}
END_TEST

START_TEST(misses_each_field_that_must_be_there)
{
	static const uint64_t whole[] = {RECORD_KEY_KIND, RECORD_KEY_AUTHOR, RECORD_KEY_CREATED,
	    RECORD_KEY_MARKING, RECORD_KEY_NONCE, RECORD_KEY_AUDIENCE};
	static const uint64_t body[] = {RECORD_KEY_BODY, RECORD_KEY_KIND};
	static const uint64_t observables[] = {RECORD_KEY_OBSERVABLES};
	struct bytes bytes;
	size_t i;

	encode(full_indicator(), &bytes);
	fixture_check_required(bytes_as_view(&bytes), 0, whole, COUNT_OF(whole), decode);
	bytes_release(&bytes);
	for (i = 2; i < COUNT_OF(MAKERS); i++) {
		encode(MAKERS[i](), &bytes);
		fixture_check_required(bytes_as_view(&bytes), 0, body, 1, decode);
		bytes_release(&bytes);
	}
	encode(small_indicator(), &bytes);
	fixture_check_required(bytes_as_view(&bytes), 0, observables, 1, decode);
	bytes_release(&bytes);
}
END_TEST

static const struct fixture_spoiled HEADER_SPOILED[] = {
    {"kind 0", 0, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"kind 11", 0, FIXTURE_RAW("\x0b"), ERR_RANGE},
    {"a note with an indicator's body", 0, FIXTURE_RAW("\x02"), ERR_VALUE},
    {"a confidence of 101", 1, FIXTURE_RAW("\x65"), ERR_RANGE},
    {"an unstated confidence, said aloud", 1, FIXTURE_RAW("\xcc\xff"), ERR_RANGE},
    {"a confidence as a float", 1, FIXTURE_RAW("\xca\x3f\x80\x00\x00"), ERR_TYPE},
    {"no confidence", 1, FIXTURE_RAW("\xc0"), ERR_TYPE},
    {"a confidence below nothing", 1, FIXTURE_RAW("\xff"), ERR_TYPE},
    {"an author of 31 bytes", 2, FIXTURE_RAW("\xc4\x1f" BYTES_31), ERR_RANGE},
    {"an author of 33 bytes", 2, FIXTURE_RAW("\xc4\x21" BYTES_32 "!"), ERR_TOO_LARGE},
    {"severity 0", 3, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"severity 5", 3, FIXTURE_RAW("\x05"), ERR_RANGE},
    {"severity in a longer form", 3, FIXTURE_RAW("\xcc\x03"), ERR_NOT_CANONICAL},
    {"created at no time", 4, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"created after the year 9999", 4, FIXTURE_RAW(LATEST_AND_ONE), ERR_RANGE},
    {"it affects nothing, said aloud", 5, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
    {"a marking that is a number", 6, FIXTURE_RAW("\x04"), ERR_TYPE},
    {"a marking without a label", 6, FIXTURE_RAW("\x80"), ERR_MISSING},
    {"no labels, said aloud", 7, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"an empty label", 7, FIXTURE_RAW("\x91\xa0"), ERR_RANGE},
    {"a label twice", 7,
	FIXTURE_RAW("\x92\xa1"
		    "a\xa1"
		    "a"),
	ERR_ORDER},
    {"labels out of order", 7,
	FIXTURE_RAW("\x92\xa1"
		    "b\xa1"
		    "a"),
	ERR_ORDER},
    {"a longer label before its beginning", 7,
	FIXTURE_RAW("\x92\xa2"
		    "aa\xa1"
		    "a"),
	ERR_ORDER},
    {"a label of two lines", 7,
	FIXTURE_RAW("\x91\xa3"
		    "a\nb"),
	ERR_UTF8},
    {"nobody, said aloud", 8, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
    {"RED for a community alone", 8, FIXTURE_RAW("\x81\x04\xc4\x20" BYTES_32), ERR_MISSING},
    {"a language of one letter", 9,
	FIXTURE_RAW("\xa1"
		    "e"),
	ERR_RANGE},
    {"a language of 36 letters", 9, FIXTURE_RAW("\xd9\x24" BYTES_32 "0123"), ERR_TOO_LARGE},
    {"a nonce of 15 bytes", 10,
	FIXTURE_RAW("\xc4\x0f"
		    "0123456789abcde"),
	ERR_RANGE},
    {"a nonce of 17 bytes", 10, FIXTURE_RAW("\xc4\x11" BYTES_16 "0"), ERR_TOO_LARGE},
    {"no observables, said aloud", 11, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"an observable of one part", 11, FIXTURE_RAW("\x91\x91\x01"), ERR_RANGE},
    {"an observable of three parts", 11,
	FIXTURE_RAW("\x91\x93\x01\xa9"
		    "192.0.2.1\x00"),
	ERR_TOO_LARGE},
    {"an observable of type 0", 11,
	FIXTURE_RAW("\x91\x92\x00\xa1"
		    "a"),
	ERR_RANGE},
    {"an observable of type 18", 11,
	FIXTURE_RAW("\x91\x92\x12\xa1"
		    "a"),
	ERR_RANGE},
    {"an empty observable", 11, FIXTURE_RAW("\x91\x92\x01\xa0"), ERR_RANGE},
    {"an address with a leading zero", 11,
	FIXTURE_RAW("\x91\x92\x01\xaa"
		    "192.0.2.01"),
	ERR_VALUE},
    {"a domain in capitals", 11,
	FIXTURE_RAW("\x91\x92\x04\xac"
		    "EVIL.example"),
	ERR_VALUE},
    {"a wrong check digit", 11,
	FIXTURE_RAW("\x91\x92\x10\xb0"
		    "4111111111111112"),
	ERR_VALUE},
    {"an observable twice", 11,
	FIXTURE_RAW("\x92\x92\x01\xa9"
		    "192.0.2.1\x92\x01\xa9"
		    "192.0.2.1"),
	ERR_ORDER},
    {"observables out of order by type", 11,
	FIXTURE_RAW("\x92\x92\x04\xac"
		    "evil.example\x92\x01\xa9"
		    "192.0.2.1"),
	ERR_ORDER},
    {"observables out of order by value", 11,
	FIXTURE_RAW("\x92\x92\x01\xa9"
		    "192.0.2.2\x92\x01\xa9"
		    "192.0.2.1"),
	ERR_ORDER},
    {"one observable, and how to combine it", 11,
	FIXTURE_RAW("\x91\x92\x01\xa9"
		    "192.0.2.1"),
	ERR_NOT_CANONICAL},
    {"valid from no time", 12, FIXTURE_RAW("\x00"), ERR_RANGE},
    {"no references, said aloud", 13, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"a reference of 31 bytes", 13, FIXTURE_RAW("\x91\xc4\x1f" BYTES_31), ERR_RANGE},
    {"a reference twice", 13, FIXTURE_RAW("\x92\xc4\x20" BYTES_32 "\xc4\x20" BYTES_32), ERR_ORDER},
    {"valid until before it is", 14, FIXTURE_RAW("\x01"), ERR_RANGE},
    {"valid after the year 9999", 14, FIXTURE_RAW(LATEST_AND_ONE), ERR_RANGE},
    {"no body, said aloud", 15, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
    {"a body that is a list", 15, FIXTURE_RAW("\x90"), ERR_TYPE},
    {"derived from nothing", 16, FIXTURE_RAW("\x80"), ERR_MISSING},
    {"no source, said aloud", 17, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
    {"no links, said aloud", 19, FIXTURE_RAW("\x90"), ERR_RANGE},
    {"an unknown even key", 18, FIXTURE_RAW("\x00"), ERR_UNKNOWN_CRITICAL},
};

START_TEST(refuses_each_spoiled_field_for_its_own_reason)
{
	struct bytes bytes;

	encode(full_indicator(), &bytes);
	fixture_check_spoiled(
	    bytes_as_view(&bytes), 0, HEADER_SPOILED, COUNT_OF(HEADER_SPOILED), decode);
	fixture_check_unknown(bytes_as_view(&bytes), 0, decode);
	bytes_release(&bytes);
}
END_TEST

/* ---------------------------------------------------------------- maps in the record */

/* The value of a key of the record. */
static struct bytes_view
value_of(struct bytes_view whole, uint64_t wanted)
{
	struct bytes_view value = {0};
	struct reader_map map;
	struct reader reader;
	uint64_t key;

	reader_open(&reader, whole);
	reader_map(&reader, &map, 64);
	while (reader_key(&reader, &map, &key)) {
		struct bytes_view at = reader_raw(&reader);

		if (key == wanted)
			value = at;
	}
	ck_err(reader_close(&reader), ERR_NONE);
	ck_assert_ptr_nonnull(value.data);
	return value;
}

/* What the decoder says once a field of a map in the record was edited. */
static enum err
decode_edited_inside(
    struct bytes_view whole, uint64_t key, uint64_t inner_key, struct bytes_view value)
{
	struct bytes inner;
	enum err err;

	bytes_init(&inner, FIXTURE_BYTES_MAX);
	fixture_edit(value_of(whole, key), 0, inner_key, value, &inner);
	err = fixture_decode_edited(whole, 0, key, bytes_as_view(&inner), decode);
	bytes_release(&inner);
	return err;
}

static void
check_spoiled_inside(
    make_fn make, uint64_t key, const struct fixture_spoiled *spoiled, size_t count)
{
	struct bytes bytes;
	size_t i;

	encode(make(), &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	for (i = 0; i < count; i++) {
		enum err err = decode_edited_inside(bytes_as_view(&bytes), key, spoiled[i].key,
		    bytes_view_of(spoiled[i].value, spoiled[i].len));

		ck_assert_msg(err == spoiled[i].err, "%s: %s instead of %s", spoiled[i].why,
		    err_name(err), err_name(spoiled[i].err));
	}
	bytes_release(&bytes);
}

static void
check_required_inside(make_fn make, uint64_t key, uint64_t inner_key)
{
	struct bytes_view none = {NULL, 0};
	struct bytes bytes;

	encode(make(), &bytes);
	ck_err(decode_edited_inside(bytes_as_view(&bytes), key, inner_key, none), ERR_MISSING);
	bytes_release(&bytes);
}

START_TEST(refuses_each_spoiled_field_of_a_body_for_its_own_reason)
{
	static const struct fixture_spoiled indicator[] = {
	    {"to be combined in no way", 0, FIXTURE_RAW("\x00"), ERR_RANGE},
	    {"to be combined in a third way", 0, FIXTURE_RAW("\x03"), ERR_RANGE},
	    {"an empty title", 1, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"a title with a tab", 1,
		FIXTURE_RAW("\xa3"
			    "a\tb"),
		ERR_UTF8},
	    {"a target", 2, FIXTURE_RAW("\xc4\x20" BYTES_32), ERR_VALUE},
	    {"an empty text", 3, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"a text with an escape", 3,
		FIXTURE_RAW("\xa2\x1b"
			    "c"),
		ERR_UTF8},
	    {"an outcome", 4, FIXTURE_RAW("\x01"), ERR_VALUE},
	    {"an empty pattern", 5, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"a reason", 6, FIXTURE_RAW("\x01"), ERR_VALUE},
	    {"an unknown even key", 10, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	    {"an unknown even key behind all", 44, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	    {"first seen at no time", 7, FIXTURE_RAW("\x00"), ERR_RANGE},
	    {"last seen before the first time", 9, FIXTURE_RAW("\x01"), ERR_RANGE},
	    {"last seen after the year 9999", 9, FIXTURE_RAW(LATEST_AND_ONE), ERR_RANGE},
	    {"a count", 11, FIXTURE_RAW("\x01"), ERR_VALUE},
	    {"an identifier", 13,
		FIXTURE_RAW("\xa1"
			    "a"),
		ERR_VALUE},
	};
	static const struct fixture_spoiled seen[] = {
	    {"to be combined", 0, FIXTURE_RAW("\x01"), ERR_VALUE},
	    {"a title", 1,
		FIXTURE_RAW("\xa1"
			    "a"),
		ERR_VALUE},
	    {"a target of 31 bytes", 2, FIXTURE_RAW("\xc4\x1f" BYTES_31), ERR_RANGE},
	    {"no outcome", 4, FIXTURE_RAW("\x00"), ERR_RANGE},
	    {"a fourth outcome", 4, FIXTURE_RAW("\x04"), ERR_RANGE},
	    {"a pattern", 5,
		FIXTURE_RAW("\xa1"
			    "a"),
		ERR_VALUE},
	    {"never", 11, FIXTURE_RAW("\x00"), ERR_RANGE},
	    {"more often than can be stored", 11,
		FIXTURE_RAW("\xcf\x80\x00\x00\x00\x00\x00\x00\x00"), ERR_RANGE},
	    {"an identifier", 13,
		FIXTURE_RAW("\xa1"
			    "a"),
		ERR_VALUE},
	};
	static const struct fixture_spoiled written[] = {
	    {"to be combined", 0, FIXTURE_RAW("\x01"), ERR_VALUE},
	    {"a target", 2, FIXTURE_RAW("\xc4\x20" BYTES_32), ERR_VALUE},
	    {"a pattern", 5,
		FIXTURE_RAW("\xa1"
			    "a"),
		ERR_VALUE},
	    {"seen", 7, FIXTURE_RAW("\x01"), ERR_VALUE},
	    {"an empty identifier", 13, FIXTURE_RAW("\xa0"), ERR_RANGE},
	};
	static const struct fixture_spoiled numbered[] = {{"a note with a number", 13,
	    FIXTURE_RAW("\xa1"
			"a"),
	    ERR_VALUE}};

	check_spoiled_inside(full_indicator, RECORD_KEY_BODY, indicator, COUNT_OF(indicator));
	check_spoiled_inside(sighting, RECORD_KEY_BODY, seen, COUNT_OF(seen));
	check_spoiled_inside(advisory, RECORD_KEY_BODY, written, COUNT_OF(written));
	check_spoiled_inside(note, RECORD_KEY_BODY, numbered, COUNT_OF(numbered));
}
END_TEST

START_TEST(misses_what_a_body_of_its_kind_must_have)
{
	check_required_inside(note, RECORD_KEY_BODY, RECORD_BODY_TITLE);
	check_required_inside(note, RECORD_KEY_BODY, RECORD_BODY_TEXT);
	check_required_inside(advisory, RECORD_KEY_BODY, RECORD_BODY_TITLE);
	check_required_inside(advisory, RECORD_KEY_BODY, RECORD_BODY_TEXT);
	check_required_inside(sighting, RECORD_KEY_BODY, RECORD_BODY_TARGET);
	check_required_inside(sighting, RECORD_KEY_BODY, RECORD_BODY_OUTCOME);
	check_required_inside(full_indicator, RECORD_KEY_SOURCE, RECORD_SOURCE_FORMAT);
	check_required_inside(full_indicator, RECORD_KEY_DERIVED, RECORD_DERIVED_ID);
	check_required_inside(full_indicator, RECORD_KEY_DERIVED, RECORD_DERIVED_AUTHOR);
	check_required_inside(full_indicator, RECORD_KEY_DERIVED, RECORD_DERIVED_MARKING);
}
END_TEST

START_TEST(refuses_each_spoiled_field_further_in_for_its_own_reason)
{
	static const struct fixture_spoiled affects[] = {
	    {"no sectors, said aloud", 1, FIXTURE_RAW("\x90"), ERR_RANGE},
	    {"sectors out of order", 1,
		FIXTURE_RAW("\x92\xa1"
			    "b\xa1"
			    "a"),
		ERR_ORDER},
	    {"no services, said aloud", 3, FIXTURE_RAW("\x90"), ERR_RANGE},
	    {"no environments, said aloud", 5, FIXTURE_RAW("\x90"), ERR_RANGE},
	    {"an environment twice", 5, FIXTURE_RAW("\x92\x02\x02"), ERR_ORDER},
	    {"environments out of order", 5, FIXTURE_RAW("\x92\x02\x01"), ERR_ORDER},
	    {"environment 0", 5, FIXTURE_RAW("\x91\x00"), ERR_RANGE},
	    {"environment 3", 5, FIXTURE_RAW("\x91\x03"), ERR_RANGE},
	    {"three environments", 5, FIXTURE_RAW("\x93\x01\x02\x02"), ERR_TOO_LARGE},
	    {"a product twice", 7,
		FIXTURE_RAW("\x92\xa1"
			    "a\xa1"
			    "a"),
		ERR_ORDER},
	    {"an unknown even key", 2, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	};
	static const struct fixture_spoiled derived[] = {
	    {"an id of 31 bytes", 0, FIXTURE_RAW("\xc4\x1f" BYTES_31), ERR_RANGE},
	    {"an author of 31 bytes", 2, FIXTURE_RAW("\xc4\x1f" BYTES_31), ERR_RANGE},
	    {"nobody, said aloud", 4, FIXTURE_RAW("\x80"), ERR_NOT_CANONICAL},
	    {"no label", 6, FIXTURE_RAW("\x80"), ERR_MISSING},
	    {"an unknown even key", 8, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	};
	static const struct fixture_spoiled source[] = {
	    {"an empty format", 1, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"an empty mapping", 3, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"an empty id", 5, FIXTURE_RAW("\xa0"), ERR_RANGE},
	    {"an empty original", 7, FIXTURE_RAW("\xc4\x00"), ERR_RANGE},
	    {"an original that is text", 7,
		FIXTURE_RAW("\xa1"
			    "a"),
		ERR_TYPE},
	    {"an unknown even key", 2, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	};
	static const struct fixture_spoiled marking[] = {
	    {"no such label", 0, FIXTURE_RAW("\x05"), ERR_RANGE},
	    {"an unknown even key", 18, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	};
	static const struct fixture_spoiled audience[] = {
	    {"an unknown even key", 6, FIXTURE_RAW("\x01"), ERR_UNKNOWN_CRITICAL},
	    {"persons of one who is not named", 0, FIXTURE_RAW("\x91\xc4\x20" BYTES_32),
		ERR_MISSING},
	};

	check_spoiled_inside(full_indicator, RECORD_KEY_AFFECTS, affects, COUNT_OF(affects));
	check_spoiled_inside(full_indicator, RECORD_KEY_DERIVED, derived, COUNT_OF(derived));
	check_spoiled_inside(full_indicator, RECORD_KEY_SOURCE, source, COUNT_OF(source));
	check_spoiled_inside(full_indicator, RECORD_KEY_MARKING, marking, COUNT_OF(marking));
	check_spoiled_inside(full_indicator, RECORD_KEY_AUDIENCE, audience, COUNT_OF(audience));
}
END_TEST

START_TEST(skips_and_counts_unknown_odd_keys_in_every_map)
{
	static const uint64_t maps[] = {RECORD_KEY_AFFECTS, RECORD_KEY_MARKING, RECORD_KEY_AUDIENCE,
	    RECORD_KEY_BODY, RECORD_KEY_DERIVED, RECORD_KEY_SOURCE};
	struct bytes_view value = bytes_view_of("\x92\x81\x01\xc3\xa2\x09\x0a", 7);
	struct bytes bytes;
	size_t i;

	encode(full_indicator(), &bytes);
	ck_err(fixture_decode_edited(bytes_as_view(&bytes), 0, 1001, value, decode), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 1);
	for (i = 0; i < COUNT_OF(maps); i++) {
		ck_err(decode_edited_inside(bytes_as_view(&bytes), maps[i], 1001, value), ERR_NONE);
		ck_assert_uint_eq(found.unknown, 1);
		/* and what stands behind it came through (its bytes are gone by now) */
		ck_assert_uint_eq(found.links.count, 1);
	}
	bytes_release(&bytes);
}
END_TEST

/* The smallest indicator with one more key at its end. */
static enum err
decode_with_last(uint64_t key)
{
	struct writer writer;
	struct bytes bytes;
	enum err err;

	encode(small_indicator(), &bytes);
	ck_assert_uint_eq(bytes.data[0] & 0xf0, 0x80);
	bytes.data[0]++;
	writer_open(&writer, &bytes);
	writer_uint(&writer, key);
	writer_uint(&writer, 7);
	err = decode(bytes_as_view(&bytes));
	bytes_release(&bytes);
	return err;
}

START_TEST(takes_no_large_or_late_key_for_one_it_knows)
{
	ck_err(decode_with_last(41), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 1);
	ck_err(decode_with_last(40), ERR_UNKNOWN_CRITICAL);
	/* as many bits further on as a shift or a cut to 32 bits would lose */
	ck_err(decode_with_last(32 + RECORD_KEY_DERIVED), ERR_UNKNOWN_CRITICAL);
	ck_err(decode_with_last(UINT64_C(0x100000000)), ERR_UNKNOWN_CRITICAL);
	ck_err(decode_with_last(UINT64_C(0x100000000) + RECORD_KEY_CONFIDENCE), ERR_NONE);
	ck_assert_uint_eq(found.confidence, CONFIDENCE_UNSTATED);
	ck_err(decode_with_last(RECORD_KEY_KIND), ERR_ORDER);
	ck_err(decode_with_last(RECORD_KEY_OBSERVABLES), ERR_ORDER);
}
END_TEST

/* A canonical map with `added` unknown odd keys at its end. */
static void
append_unknown(struct bytes_view map, uint32_t added, struct bytes *out)
{
	struct bytes next;
	uint32_t i;

	bytes_init(out, FIXTURE_BYTES_MAX);
	bytes_append(out, map.data, map.len);
	for (i = 0; i < added; i++) {
		bytes_init(&next, FIXTURE_BYTES_MAX);
		fixture_edit(bytes_as_view(out), 0, 101 + 2 * i, bytes_view_of("\x05", 1), &next);
		bytes_release(out);
		*out = next;
	}
}

/* The map under `key` (or the record itself) with as many keys as there may be, and one more.
   A body is counted with the keys that other kinds have. */
static void
check_room_for_unknown(struct bytes_view whole, uint64_t key, bool is_inside, uint32_t named)
{
	struct bytes_view map = is_inside ? value_of(whole, key) : whole;
	uint32_t room = named + UNKNOWN_KEYS_MAX - fixture_map_count(map), extra;
	struct bytes bytes;

	for (extra = 0; extra < 2; extra++) {
		enum err err;

		append_unknown(map, room + extra, &bytes);
		err = is_inside
			  ? fixture_decode_edited(whole, 0, key, bytes_as_view(&bytes), decode)
			  : decode(bytes_as_view(&bytes));
		ck_assert_msg(err == (extra == 0 ? ERR_NONE : ERR_TOO_LARGE), "key %u, %u more: %s",
		    (unsigned)key, (unsigned)(room + extra), err_name(err));
		if (extra == 0)
			ck_assert_uint_eq(found.unknown, room);
		bytes_release(&bytes);
	}
}

/* docs/protocol.md 1.2: sixteen keys more than are named, and no seventeenth. */
START_TEST(takes_sixteen_keys_more_than_it_names_in_every_map)
{
	struct bytes bytes;

	encode(full_indicator(), &bytes);
	check_room_for_unknown(bytes_as_view(&bytes), 0, false, 19);
	check_room_for_unknown(bytes_as_view(&bytes), RECORD_KEY_AFFECTS, true, 4);
	check_room_for_unknown(bytes_as_view(&bytes), RECORD_KEY_MARKING, true, 9);
	check_room_for_unknown(bytes_as_view(&bytes), RECORD_KEY_AUDIENCE, true, 3);
	check_room_for_unknown(bytes_as_view(&bytes), RECORD_KEY_BODY, true, 27);
	check_room_for_unknown(bytes_as_view(&bytes), RECORD_KEY_DERIVED, true, 4);
	check_room_for_unknown(bytes_as_view(&bytes), RECORD_KEY_SOURCE, true, 4);
	bytes_release(&bytes);
}
END_TEST

/* ---------------------------------------------------------------- what goes together */

START_TEST(refuses_kinds_that_have_no_body_yet)
{
	static const enum record_kind kinds[] = {RECORD_QUESTION, RECORD_RETRACTION};
	struct bytes bytes;
	size_t i;

	for (i = 0; i < COUNT_OF(kinds); i++) {
		struct record *record = start(kinds[i], TLP_CLEAR);

		encode(record, &bytes);
		ck_err(decode(bytes_as_view(&bytes)), ERR_VALUE);
		bytes_release(&bytes);
		record->body.title = bytes_view_str("a title");
		record->body.text = bytes_view_str("a text");
		encode(record, &bytes);
		ck_err(decode(bytes_as_view(&bytes)), ERR_VALUE);
		bytes_release(&bytes);
	}
}
END_TEST

START_TEST(an_indicator_says_how_to_combine_two_observables_and_never_one)
{
	struct record *record = small_indicator();
	struct bytes bytes;

	record->body.combine = RECORD_COMBINE_ANY;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NOT_CANONICAL);
	bytes_release(&bytes);
	observe(record, OBSERVABLE_IPV4, "192.0.2.2");
	expect_survives(record);
	record->body.combine = RECORD_COMBINE_UNSTATED;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NOT_CANONICAL);
	bytes_release(&bytes);
	/* a pattern alone is enough, and has nothing to combine */
	record = start(RECORD_INDICATOR, TLP_CLEAR);
	record->body.pattern = bytes_view_str("[process:name = 'a']");
	expect_survives(record);
	record->body.combine = RECORD_COMBINE_ALL;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NOT_CANONICAL);
	bytes_release(&bytes);
	record = start(RECORD_INDICATOR, TLP_CLEAR);
	record->body.title = bytes_view_str("nothing to look for");
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_MISSING);
	bytes_release(&bytes);
}
END_TEST

START_TEST(red_names_its_recipients)
{
	struct record *record = small_indicator();
	struct org_id org = org_of(0xb2);
	struct bytes bytes;
	size_t err_at = 0;

	record->marking.tlp = TLP_RED;
	encode(record, &bytes);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, &err_at), ERR_MISSING);
	/* what a caller needs to say why */
	ck_assert(found.marking_bytes.data == bytes.data + err_at && found.marking_bytes.len > 0);
	ck_assert(found.marking.tlp == TLP_RED && found.audience.orgs_count == 0);
	bytes_release(&bytes);
	record->audience.has_community = true;
	encode(record, &bytes);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, &err_at), ERR_MISSING);
	ck_assert(found.audience_bytes.data == bytes.data + err_at);
	bytes_release(&bytes);
	ck_err(audience_add_org(&record->audience, &org), ERR_NONE);
	expect_survives(record);
	/* no other label asks for it */
	for (record = small_indicator(); record->marking.tlp < TLP_RED; record->marking.tlp++)
		expect_survives(record);
}
END_TEST

START_TEST(a_draft_has_no_author_no_time_and_no_nonce)
{
	static const struct fixture_spoiled identity[] = {
	    {"an author", RECORD_KEY_AUTHOR, FIXTURE_RAW("\xc4\x20" BYTES_32), ERR_INVALID},
	    {"a time", RECORD_KEY_CREATED, FIXTURE_RAW("\x01"), ERR_INVALID},
	    {"a nonce", RECORD_KEY_NONCE, FIXTURE_RAW("\xc4\x10" BYTES_16), ERR_INVALID},
	};
	struct record *record = full_indicator();
	struct bytes bytes;

	encode(record, &bytes);
	ck_err(decode_draft(bytes_as_view(&bytes)), ERR_INVALID);
	bytes_release(&bytes);
	record->is_draft = true;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_MISSING);
	ck_err(decode_draft(bytes_as_view(&bytes)), ERR_NONE);
	ck_assert(found.is_draft);
	fixture_check_spoiled(bytes_as_view(&bytes), 0, identity, COUNT_OF(identity), decode_draft);
	fixture_check_length(bytes_as_view(&bytes), decode_draft);
	bytes_release(&bytes);
}
END_TEST

START_TEST(validity_ends_after_it_begins)
{
	struct record *record = small_indicator();
	struct bytes bytes;

	record->valid_from_ms = FIXTURE_TIME;
	record->valid_until_ms = FIXTURE_TIME;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_RANGE);
	bytes_release(&bytes);
	record->valid_until_ms++;
	expect_survives(record);
	/* one without the other, and long before it was written */
	record->valid_from_ms = 0;
	record->valid_until_ms = 1;
	expect_survives(record);
	record->valid_from_ms = TIME_MS_MAX;
	record->valid_until_ms = 0;
	expect_survives(record);
}
END_TEST

START_TEST(says_where_it_failed)
{
	struct bytes_view domain = bytes_view_of("\x91\x92\x04\xac"
						 "EVIL.example",
	    16);
	struct bytes_view order = bytes_view_of("\x92\xa1"
						"b\xa1"
						"a",
	    5);
	struct bytes bytes, edited;
	size_t err_at = 0;

	encode(small_indicator(), &bytes);
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(bytes_as_view(&bytes), 0, RECORD_KEY_OBSERVABLES, domain, &edited);
	ck_err(record_decode(bytes_as_view(&edited), false, &found, &err_at), ERR_VALUE);
	/* the observables are the last field: the pair stands behind the array's header */
	ck_assert_uint_eq(err_at, edited.len - 15);
	bytes_clear(&edited);
	fixture_edit(bytes_as_view(&bytes), 0, RECORD_KEY_LINKS, order, &edited);
	ck_err(record_decode(bytes_as_view(&edited), false, &found, &err_at), ERR_ORDER);
	ck_assert_uint_eq(err_at, edited.len - 2);
	bytes_release(&edited);
	bytes_release(&bytes);
}
END_TEST

/* ---------------------------------------------------------------- limits */

static char long_text[ORIGINAL_BYTES_MAX + 1];

/* A field of one record at its limit, and one above it. */
static void
check_longest(struct record *record, struct bytes_view *field, size_t len_max)
{
	struct bytes_view before = *field;
	struct bytes bytes;

	memset(long_text, 'a', sizeof(long_text));
	*field = bytes_view_of(long_text, len_max);
	expect_survives(record);
	field->len++;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
	bytes_release(&bytes);
	*field = before;
}

START_TEST(holds_every_text_to_its_limit)
{
	struct record *record = full_indicator();

	check_longest(record, &record->body.title, TITLE_BYTES_MAX);
	check_longest(record, &record->body.text, TEXT_BYTES_MAX);
	check_longest(record, &record->body.pattern, TEXT_BYTES_MAX);
	check_longest(record, &record->source.format, 64);
	check_longest(record, &record->source.mapping, 64);
	check_longest(record, &record->source.id, TERM_BYTES_MAX);
	check_longest(record, &record->source.original, ORIGINAL_BYTES_MAX);
	check_longest(record, &record->language, LANGUAGE_BYTES_MAX);
	check_longest(record, &record->affects.services.at[0], LABEL_BYTES_MAX);
	check_longest(record, &record->affects.products.at[0], LABEL_BYTES_MAX);
	check_longest(record, &record->links.at[0], OBSERVABLE_BYTES_MAX);
	record = advisory();
	check_longest(record, &record->body.identifier, LABEL_BYTES_MAX);
	add_text(&record->labels, "a");
	check_longest(record, &record->labels.at[0], LABEL_BYTES_MAX);
	add_text(&record->affects.sectors, "a");
	check_longest(record, &record->affects.sectors.at[0], LABEL_BYTES_MAX);
}
END_TEST

START_TEST(a_record_has_a_largest_size)
{
	struct record *record = note();
	struct bytes bytes;
	size_t err_at = 1;

	memset(long_text, 'a', sizeof(long_text));
	record->body.text = bytes_view_of(long_text, TEXT_BYTES_MAX);
	record->source.format = bytes_view_str("markdown");
	record->source.original = bytes_view_of(long_text, 60000);
	encode(record, &bytes);
	ck_assert_uint_lt(bytes.len, RECORD_BYTES_MAX);
	record->source.original.len += RECORD_BYTES_MAX - bytes.len;
	bytes_release(&bytes);
	/* the length of the original still takes two bytes, or four: come to the very limit */
	encode(record, &bytes);
	record->source.original.len -= bytes.len - RECORD_BYTES_MAX;
	bytes_release(&bytes);
	encode(record, &bytes);
	ck_assert_uint_eq(bytes.len, RECORD_BYTES_MAX);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	bytes_release(&bytes);
	record->source.original.len++;
	encode(record, &bytes);
	ck_err(record_decode(bytes_as_view(&bytes), false, &found, &err_at), ERR_TOO_LARGE);
	ck_assert_uint_eq(err_at, 0);
	bytes_release(&bytes);
}
END_TEST

/* A list field of `count` elements, written by hand: the builders would refuse. */
static enum err
decode_list(uint64_t key, uint32_t count)
{
	struct writer writer;
	struct bytes bytes, list;
	struct record *record = small_indicator();
	char text[32];
	uint32_t i;
	enum err err;

	if (key == RECORD_KEY_OBSERVABLES)
		record->body.combine = RECORD_COMBINE_ANY;
	encode(record, &bytes);
	bytes_init(&list, FIXTURE_BYTES_MAX);
	writer_open(&writer, &list);
	writer_array(&writer, count);
	for (i = 0; i < count; i++) {
		(void)snprintf(text, sizeof(text), "d%04u.example", (unsigned)i);
		if (key == RECORD_KEY_OBSERVABLES) {
			writer_array(&writer, 2);
			writer_uint(&writer, OBSERVABLE_DOMAIN);
		}
		if (key == RECORD_KEY_REFERENCES) {
			uint8_t id[32] = {0};

			bytes_put_u16(id, (uint16_t)i);
			writer_bin(&writer, id, sizeof(id));
		} else {
			writer_str(&writer, bytes_view_str(text));
		}
	}
	err = fixture_decode_edited(bytes_as_view(&bytes), 0, key, bytes_as_view(&list), decode);
	bytes_release(&list);
	bytes_release(&bytes);
	return err;
}

START_TEST(holds_every_list_to_its_limit)
{
	static const struct {
		uint64_t key;
		uint32_t max;
	} lists[] = {
	    {RECORD_KEY_LABELS, LABELS_MAX},
	    {RECORD_KEY_OBSERVABLES, OBSERVABLES_MAX},
	    {RECORD_KEY_REFERENCES, REFERENCES_MAX},
	    {RECORD_KEY_LINKS, LABELS_MAX},
	};
	size_t i;

	for (i = 0; i < COUNT_OF(lists); i++) {
		ck_err(decode_list(lists[i].key, lists[i].max), ERR_NONE);
		ck_err(decode_list(lists[i].key, lists[i].max + 1), ERR_TOO_LARGE);
	}
}
END_TEST

START_TEST(holds_what_it_affects_to_its_limit)
{
	struct record *record = small_indicator();
	struct record_texts *lists[] = {
	    &record->affects.sectors, &record->affects.services, &record->affects.products};
	char names[AFFECTS_MAX + 1][16];
	struct bytes bytes;
	size_t i, at;

	for (i = 0; i <= AFFECTS_MAX; i++)
		(void)snprintf(names[i], sizeof(names[i]), "n%02u", (unsigned)i);
	for (i = 0; i < COUNT_OF(lists); i++) {
		for (at = 0; at < AFFECTS_MAX; at++)
			add_text(lists[i], names[at]);
		expect_survives(record);
		add_text(lists[i], names[AFFECTS_MAX]);
		encode(record, &bytes);
		ck_err(decode(bytes_as_view(&bytes)), ERR_TOO_LARGE);
		bytes_release(&bytes);
		lists[i]->count = 0;
	}
}
END_TEST

/* ---------------------------------------------------------------- building */

START_TEST(builders_keep_their_lists_in_order_and_once)
{
	struct record *record = start(RECORD_INDICATOR, TLP_CLEAR);
	struct record_id id;
	static const uint8_t letters[] = {5, 1, 9, 5, 3, 1, 0, 9};
	size_t i;

	add_text(&record->labels, "b");
	add_text(&record->labels, "c");
	add_text(&record->labels, "a");
	add_text(&record->labels, "aa");
	add_text(&record->labels, "b");
	ck_assert_uint_eq(record->labels.count, 4);
	ck_same(record->labels.at[0], bytes_view_str("a"));
	ck_same(record->labels.at[1], bytes_view_str("aa"));
	ck_same(record->labels.at[3], bytes_view_str("c"));
	observe(record, OBSERVABLE_DOMAIN, "b.example");
	observe(record, OBSERVABLE_IPV4, "192.0.2.9");
	observe(record, OBSERVABLE_DOMAIN, "a.example");
	observe(record, OBSERVABLE_DOMAIN, "b.example");
	ck_assert_uint_eq(record->observables_count, 3);
	ck_assert_int_eq(record->observables[0].type, OBSERVABLE_IPV4);
	ck_same(record->observables[1].value, bytes_view_str("a.example"));
	for (i = 0; i < COUNT_OF(letters); i++) {
		memset(id.bytes, letters[i], sizeof(id.bytes));
		ck_err(record_add_reference(record, &id), ERR_NONE);
	}
	ck_assert_uint_eq(record->references_count, 5);
	for (i = 1; i < record->references_count; i++)
		ck_assert_int_lt(
		    memcmp(&record->references[i - 1], &record->references[i], sizeof(id)), 0);
	record->body.combine = RECORD_COMBINE_ANY;
	expect_survives(record);
}
END_TEST

START_TEST(builders_say_when_a_list_is_full)
{
	static char names[OBSERVABLES_MAX + 1][32];
	struct record *record = start(RECORD_INDICATOR, TLP_CLEAR);
	struct observable observable = {OBSERVABLE_DOMAIN, {NULL, 0}};
	struct record_id id = {{0}};
	uint32_t i;

	for (i = 0; i <= OBSERVABLES_MAX; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "d%04u.example", (unsigned)(999 - i));
		observable.value = bytes_view_str(names[i]);
		ck_err(record_add_observable(record, &observable),
		    i < OBSERVABLES_MAX ? ERR_NONE : ERR_TOO_LARGE);
		if (i > LABELS_MAX)
			continue;
		ck_err(record_add_text(&record->labels, bytes_view_str(names[i])),
		    i < LABELS_MAX ? ERR_NONE : ERR_TOO_LARGE);
		bytes_put_u16(id.bytes, (uint16_t)(999 - i));
		ck_err(record_add_reference(record, &id),
		    i < REFERENCES_MAX ? ERR_NONE : ERR_TOO_LARGE);
	}
	/* one that is there already still changes nothing */
	ck_err(record_add_text(&record->labels, bytes_view_str(names[0])), ERR_NONE);
	ck_assert_uint_eq(record->labels.count, LABELS_MAX);
	record->body.combine = RECORD_COMBINE_ANY;
	expect_survives(record);
}
END_TEST

START_TEST(what_is_not_filled_in_yet_is_well_formed_and_missed)
{
	struct record *record = sighting();
	struct bytes bytes;

	record->body.outcome = SIGHTING_UNSTATED;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_MISSING);
	bytes_release(&bytes);
	record = small_indicator();
	record->created_ms = 0;
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_MISSING);
	bytes_release(&bytes);
	/* no format: then there is no source at all */
	record = small_indicator();
	record->source.original = bytes_view_str("a,b");
	encode(record, &bytes);
	ck_err(decode(bytes_as_view(&bytes)), ERR_NONE);
	ck_assert_uint_eq(found.source.original.len, 0);
	bytes_release(&bytes);
}
END_TEST

START_TEST(says_that_there_was_no_room_at_every_size)
{
	const struct record *record = full_indicator();
	struct bytes whole, out;
	size_t cap;

	encode(record, &whole);
	for (cap = 0; cap <= whole.len; cap++) {
		bytes_init(&out, cap);
		ck_err(record_encode(record, &out), cap < whole.len ? ERR_TOO_LARGE : ERR_NONE);
		bytes_release(&out);
	}
	bytes_release(&whole);
}
END_TEST

/* ---------------------------------------------------------------- looking */

START_TEST(knows_the_names_of_kinds_severities_and_outcomes)
{
	static const struct {
		enum record_kind kind;
		const char *name;
	} kinds[] = {
#define KIND_ROW(symbol, code, name) {symbol, name},
	    RECORD_KIND_TABLE(KIND_ROW)
#undef KIND_ROW
	};
	enum record_kind kind;
	enum severity severity;
	enum sighting outcome;
	size_t i;
	int code;

	for (i = 0; i < COUNT_OF(kinds); i++) {
		ck_assert_str_eq(record_kind_name(kinds[i].kind), kinds[i].name);
		ck_assert(record_kind_parse(bytes_view_str(kinds[i].name), &kind));
		ck_assert_int_eq(kind, kinds[i].kind);
	}
	ck_assert_str_eq(record_kind_name((enum record_kind)99), "?");
	ck_assert(!record_kind_parse(bytes_view_str("indicators"), &kind));
	ck_assert(!record_kind_parse(bytes_view_str(""), &kind));
	for (code = SEVERITY_LOW; code <= SEVERITY_CRITICAL; code++) {
		ck_assert(
		    severity_parse(bytes_view_str(severity_name((enum severity)code)), &severity));
		ck_assert_int_eq(severity, code);
	}
	ck_assert_str_eq(severity_name(SEVERITY_UNSTATED), "");
	ck_assert(!severity_parse(bytes_view_str(""), &severity));
	for (code = SIGHTING_SEEN; code <= SIGHTING_EXPIRED; code++) {
		ck_assert(
		    sighting_parse(bytes_view_str(sighting_name((enum sighting)code)), &outcome));
		ck_assert_int_eq(outcome, code);
	}
	ck_assert_str_eq(sighting_name(SIGHTING_UNSTATED), "");
	ck_assert(!sighting_parse(bytes_view_str("unseen"), &outcome));
}
END_TEST

START_TEST(has_a_headline_and_knows_what_is_personal)
{
	struct record *record = full_indicator();

	ck_same(record_headline(record), bytes_view_str("Portal falso"));
	record->body.title.len = 0;
	ck_same(record_headline(record), bytes_view_str("192.0.2.17"));
	ck_assert(!record_is_personal(record));
	observe(record, OBSERVABLE_PHONE, "+525555550100");
	ck_assert(record_is_personal(record));
	record->observables_count = 0;
	ck_same(record_headline(record), record->body.pattern);
	ck_assert(!record_is_personal(record));
	ck_same(record_headline(sighting()), bytes_view_str("A CDN."));
}
END_TEST

/* ---------------------------------------------------------------- drafts made whole */

/* The whole record that `record`, made a draft, is completed to. */
static enum err
complete(const struct record *record, size_t room, struct bytes *draft, struct bytes *out)
{
	static struct record as_draft;

	as_draft = *record;
	as_draft.is_draft = true;
	encode(&as_draft, draft);
	memset(&found, 0x99, sizeof(found));
	ck_err(record_decode(bytes_as_view(draft), true, &found, NULL), ERR_NONE);
	found.author = record->author;
	found.created_ms = record->created_ms;
	found.nonce = record->nonce;
	bytes_init(out, room);
	return record_complete(&found, bytes_as_view(draft), out);
}

START_TEST(a_draft_is_completed_as_encoding_would)
{
	struct bytes draft, wanted, completed;
	size_t i;

	for (i = 0; i < COUNT_OF(MAKERS); i++) {
		struct record *record = MAKERS[i]();

		encode(record, &wanted);
		ck_err(complete(record, wanted.len, &draft, &completed), ERR_NONE);
		ck_same(bytes_as_view(&completed), bytes_as_view(&wanted));
		ck_assert(!found.is_draft);
		bytes_release(&completed);
		bytes_release(&draft);
		bytes_release(&wanted);
	}
}
END_TEST

/* From 13 fields on, three more need another form of the map's head. */
START_TEST(a_draft_of_any_number_of_fields_is_completed)
{
	static struct record whole;
	struct bytes draft, wanted, completed;
	uint32_t left_out;

	for (left_out = 0; left_out < 64; left_out++) {
		whole = *full_indicator();
		if (left_out & 1)
			whole.confidence = CONFIDENCE_UNSTATED;
		if (left_out & 2)
			whole.severity = SEVERITY_UNSTATED;
		if (left_out & 4)
			whole.labels.count = 0;
		if (left_out & 8)
			whole.language.len = 0;
		if (left_out & 16)
			whole.valid_from_ms = 0;
		if (left_out & 32)
			whole.has_derived = false;
		encode(&whole, &wanted);
		ck_err(complete(&whole, wanted.len, &draft, &completed), ERR_NONE);
		ck_same(bytes_as_view(&completed), bytes_as_view(&wanted));
		bytes_release(&completed);
		bytes_release(&draft);
		bytes_release(&wanted);
	}
}
END_TEST

/* What this version does not know is not put under the author's name. */
START_TEST(what_is_unknown_in_a_draft_is_not_completed)
{
	struct bytes draft, edited, wanted, completed;

	encode(small_indicator(), &wanted);
	made.is_draft = true;
	encode(&made, &draft);
	bytes_init(&edited, FIXTURE_BYTES_MAX);
	fixture_edit(bytes_as_view(&draft), 0, 61, bytes_view_of("\x05", 1), &edited);
	ck_err(record_decode(bytes_as_view(&edited), true, &found, NULL), ERR_NONE);
	ck_assert_uint_eq(found.unknown, 1);
	found.author = made.author;
	found.created_ms = made.created_ms;
	found.nonce = made.nonce;
	bytes_init(&completed, FIXTURE_BYTES_MAX);
	ck_err(record_complete(&found, bytes_as_view(&edited), &completed), ERR_NONE);
	ck_same(bytes_as_view(&completed), bytes_as_view(&wanted));
	bytes_release(&completed);
	bytes_release(&wanted);
	bytes_release(&edited);
	bytes_release(&draft);
}
END_TEST

START_TEST(completing_says_that_there_was_no_room_at_every_size)
{
	struct bytes draft, completed, wanted;
	size_t room, len;

	encode(full_indicator(), &wanted);
	len = wanted.len;
	bytes_release(&wanted);
	for (room = 0; room < len; room++) {
		ck_err(complete(full_indicator(), room, &draft, &completed), ERR_TOO_LARGE);
		bytes_release(&completed);
		bytes_release(&draft);
	}
}
END_TEST

SUITE_MAIN("wire/record", a_record_of_every_kind_survives_and_so_does_its_draft,
    every_field_comes_back_as_it_was_said, what_was_not_said_comes_back_unsaid,
    keeps_the_bytes_of_marking_and_audience, the_id_is_the_hash_of_a_zero_byte_and_the_record,
    refuses_it_cut_short_or_with_more_behind_it, misses_each_field_that_must_be_there,
    refuses_each_spoiled_field_for_its_own_reason,
    refuses_each_spoiled_field_of_a_body_for_its_own_reason,
    misses_what_a_body_of_its_kind_must_have,
    refuses_each_spoiled_field_further_in_for_its_own_reason,
    skips_and_counts_unknown_odd_keys_in_every_map, takes_no_large_or_late_key_for_one_it_knows,
    takes_sixteen_keys_more_than_it_names_in_every_map, refuses_kinds_that_have_no_body_yet,
    an_indicator_says_how_to_combine_two_observables_and_never_one, red_names_its_recipients,
    a_draft_has_no_author_no_time_and_no_nonce, validity_ends_after_it_begins, says_where_it_failed,
    holds_every_text_to_its_limit, a_record_has_a_largest_size, holds_every_list_to_its_limit,
    holds_what_it_affects_to_its_limit, builders_keep_their_lists_in_order_and_once,
    builders_say_when_a_list_is_full, what_is_not_filled_in_yet_is_well_formed_and_missed,
    says_that_there_was_no_room_at_every_size, knows_the_names_of_kinds_severities_and_outcomes,
    has_a_headline_and_knows_what_is_personal, a_draft_is_completed_as_encoding_would,
    a_draft_of_any_number_of_fields_is_completed, what_is_unknown_in_a_draft_is_not_completed,
    completing_says_that_there_was_no_room_at_every_size)
