#include "wire/predicate.h"

#include <string.h>

#include "tests/unit/suite.h"
#include "wire/glob.h"
#include "wire/predicate_text.h"

/* kind = indicator and tlp <= green */
static const uint8_t small[] = {
    0x93, 0x92, 0x01, 0x02, 0x93, 0x05, 0x01, 0x91, 0x01, 0x93, 0x07, 0x02, 0x91, 0x01};

static struct bytes_view
view(const char *text)
{
	return bytes_view_str(text);
}

static void
build_small(struct predicate *predicate)
{
	predicate_init(predicate);
	predicate_add_group(predicate, PREDICATE_AND, 2);
	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_KIND);
	predicate_add_number(predicate, 1);
	predicate_add_comparison(predicate, PREDICATE_AT_MOST, PREDICATE_TLP);
	predicate_add_number(predicate, 1);
}

/* One comparison of every form and op, in every group. */
static void
build_large(struct predicate *predicate)
{
	static const struct org_id org = {{1, 2, 3}};

	predicate_init(predicate);
	predicate_add_group(predicate, PREDICATE_OR, 3);
	predicate_add_group(predicate, PREDICATE_AND, 5);
	predicate_add_group(predicate, PREDICATE_SOME, 2);
	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_TYPE);
	predicate_add_number(predicate, 4);
	predicate_add_number(predicate, 5);
	predicate_add_group(predicate, PREDICATE_OR, 2);
	predicate_add_comparison(predicate, PREDICATE_UNDER, PREDICATE_VALUE);
	predicate_add_text(predicate, view("evil.example"));
	predicate_add_comparison(predicate, PREDICATE_WITHIN, PREDICATE_VALUE);
	predicate_add_text(predicate, view("2001:db8::/32"));
	predicate_add_text(predicate, view("192.0.2.0/24"));
	predicate_add_group(predicate, PREDICATE_NOT, 1);
	predicate_add_comparison(predicate, PREDICATE_LIKE, PREDICATE_LABEL);
	predicate_add_text(predicate, view("ransom*"));
	predicate_add_comparison(predicate, PREDICATE_GREATER, PREDICATE_CREATED);
	predicate_add_time(predicate, PREDICATE_BEFORE_NOW, 604800000);
	predicate_add_comparison(predicate, PREDICATE_LESS, PREDICATE_VALID_UNTIL);
	predicate_add_time(predicate, PREDICATE_ABSOLUTE, 1793491200000);
	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_AUDIENCE);
	predicate_add_number(predicate, PREDICATE_NOBODY);
	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_AUTHOR);
	predicate_add_org(predicate, &org);
	predicate_add_comparison(predicate, PREDICATE_AT_LEAST, PREDICATE_CONFIDENCE);
	predicate_add_number(predicate, 60);
}

START_TEST(encodes_what_the_protocol_says)
{
	struct predicate predicate;
	struct bytes out;

	build_small(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	bytes_init(&out, PREDICATE_BYTES_MAX);
	ck_assert_int_eq(predicate_encode(&predicate, &out), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), bytes_view_of(small, sizeof(small))));
	bytes_release(&out);
}
END_TEST

START_TEST(decodes_to_the_same_bytes)
{
	struct predicate predicate, again;
	struct bytes first, second;

	build_large(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	bytes_init(&first, PREDICATE_BYTES_MAX);
	bytes_init(&second, PREDICATE_BYTES_MAX);
	ck_assert_int_eq(predicate_encode(&predicate, &first), ERR_NONE);
	ck_assert_int_eq(predicate_decode(bytes_as_view(&first), &again), ERR_NONE);
	ck_assert_uint_eq(again.nodes_count, predicate.nodes_count);
	ck_assert_int_eq(predicate_encode(&again, &second), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
	bytes_release(&first);
	bytes_release(&second);
}
END_TEST

START_TEST(takes_no_condition_as_every_record)
{
	static const uint8_t nothing[] = {0x90};
	struct predicate predicate;

	ck_assert_int_eq(predicate_decode(bytes_view_of(nothing, 1), &predicate), ERR_NONE);
	ck_assert_uint_eq(predicate.nodes_count, 0);
}
END_TEST

START_TEST(refuses_it_cut_short_anywhere)
{
	struct predicate predicate, out;
	struct bytes bytes;
	size_t cut;

	build_large(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	bytes_init(&bytes, PREDICATE_BYTES_MAX);
	ck_assert_int_eq(predicate_encode(&predicate, &bytes), ERR_NONE);
	for (cut = 0; cut < bytes.len; cut++)
		ck_assert_int_ne(predicate_decode(bytes_view_of(bytes.data, cut), &out), ERR_NONE);
	bytes_append_u8(&bytes, 0xc0);
	ck_assert_int_eq(predicate_decode(bytes_as_view(&bytes), &out), ERR_TRAILING);
	bytes_release(&bytes);
}
END_TEST

static const struct {
	const char *why;
	size_t at;
	uint8_t byte;
	enum err err;
} spoiled[] = {
    {"two nodes for three", 0, 0x92, ERR_TRUNCATED},
    {"four nodes for three", 0, 0x94, ERR_TRUNCATED},
    {"a map for the nodes", 0, 0x83, ERR_TYPE},
    {"op zero", 2, 0x00, ERR_RANGE},
    {"a comparison with no field", 2, 0x05, ERR_RANGE},
    {"NOT with two children", 2, 0x03, ERR_INVALID},
    {"AND with one child", 3, 0x01, ERR_INVALID},
    {"AND with three children", 3, 0x03, ERR_TRUNCATED},
    {"a group with a field", 5, 0x01, ERR_RANGE},
    {"an unknown op", 5, 0x0e, ERR_RANGE},
    {"kind has no order", 5, 0x06, ERR_TYPE},
    {"an unknown field", 6, 0x3f, ERR_RANGE},
    {"a field of the peer", 6, 0x40, ERR_RANGE},
    {"field zero", 6, 0x00, ERR_RANGE},
    {"a type outside SOME", 6, 0x0d, ERR_INVALID},
    {"no values", 7, 0x90, ERR_RANGE},
    {"an unknown kind", 8, 0x0b, ERR_RANGE},
    {"an unknown label", 13, 0x05, ERR_RANGE},
    {"an integer that is none", 13, 0xc0, ERR_TYPE},
};

START_TEST(refuses_each_spoiled_byte_for_its_reason)
{
	struct predicate out;
	uint8_t bytes[sizeof(small)];
	size_t i;

	for (i = 0; i < sizeof(spoiled) / sizeof(*spoiled); i++) {
		enum err err;

		memcpy(bytes, small, sizeof(small));
		bytes[spoiled[i].at] = spoiled[i].byte;
		err = predicate_decode(bytes_view_of(bytes, sizeof(bytes)), &out);
		ck_assert_msg(
		    err == spoiled[i].err || (spoiled[i].byte == 0x90 && err == ERR_TOO_LARGE),
		    "%s: %s", spoiled[i].why, err_name(err));
	}
}
END_TEST

START_TEST(refuses_counts_that_nothing_backs)
{
	static const uint8_t nodes[] = {0xdd, 0xff, 0xff, 0xff, 0xff, 0x92};
	static const uint8_t values[] = {
	    0x91, 0x93, 0x05, 0x01, 0xdd, 0x0f, 0xff, 0xff, 0xff, 0x01};
	struct predicate out;

	ck_assert_int_ne(predicate_decode(bytes_view_of(nodes, sizeof(nodes)), &out), ERR_NONE);
	ck_assert_int_ne(predicate_decode(bytes_view_of(values, sizeof(values)), &out), ERR_NONE);
}
END_TEST

START_TEST(refuses_values_out_of_order)
{
	static const uint8_t falling[] = {0x91, 0x93, 0x05, 0x01, 0x92, 0x02, 0x01};
	static const uint8_t twice[] = {0x91, 0x93, 0x05, 0x01, 0x92, 0x02, 0x02};
	struct predicate out;

	ck_assert_int_eq(
	    predicate_decode(bytes_view_of(falling, sizeof(falling)), &out), ERR_ORDER);
	ck_assert_int_eq(predicate_decode(bytes_view_of(twice, sizeof(twice)), &out), ERR_ORDER);
}
END_TEST

START_TEST(refuses_times_with_two_forms)
{
	static const uint8_t after_by_nothing[] = {0x91, 0x93, 0x06, 0x04, 0x91, 0x92, 0x02, 0x00};
	static const uint8_t half_second[] = {
	    0x91, 0x93, 0x06, 0x04, 0x91, 0x92, 0x01, 0xcd, 0x01, 0xf4};
	static const uint8_t other_base[] = {0x91, 0x93, 0x06, 0x04, 0x91, 0x92, 0x03, 0x00};
	static const uint8_t now[] = {0x91, 0x93, 0x06, 0x04, 0x91, 0x92, 0x01, 0x00};
	struct predicate out;

	ck_assert_int_eq(predicate_decode(bytes_view_of(now, sizeof(now)), &out), ERR_NONE);
	ck_assert_int_eq(
	    predicate_decode(bytes_view_of(after_by_nothing, sizeof(after_by_nothing)), &out),
	    ERR_NOT_CANONICAL);
	ck_assert_int_eq(predicate_decode(bytes_view_of(half_second, sizeof(half_second)), &out),
	    ERR_NOT_CANONICAL);
	ck_assert_int_eq(
	    predicate_decode(bytes_view_of(other_base, sizeof(other_base)), &out), ERR_RANGE);
}
END_TEST

static void
add_type(struct predicate *predicate)
{
	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_TYPE);
	predicate_add_number(predicate, 4);
}

static void
add_kind(struct predicate *predicate)
{
	predicate_add_comparison(predicate, PREDICATE_EQUAL, PREDICATE_KIND);
	predicate_add_number(predicate, 1);
}

/* A letter a node: A, O, N, S groups of two (N, s: of one), t a type, k a kind. */
static enum err
finish_shape(const char *shape)
{
	struct predicate predicate;

	predicate_init(&predicate);
	for (; *shape != '\0'; shape++) {
		switch (*shape) {
		case 'A':
			predicate_add_group(&predicate, PREDICATE_AND, 2);
			break;
		case 'O':
			predicate_add_group(&predicate, PREDICATE_OR, 2);
			break;
		case 'N':
			predicate_add_group(&predicate, PREDICATE_NOT, 1);
			break;
		case 'S':
			predicate_add_group(&predicate, PREDICATE_SOME, 2);
			break;
		case 's':
			predicate_add_group(&predicate, PREDICATE_SOME, 1);
			break;
		case 't':
			add_type(&predicate);
			break;
		default:
			add_kind(&predicate);
			break;
		}
	}
	return predicate_finish(&predicate);
}

START_TEST(accepts_only_the_normal_shapes)
{
	static const char *const good[] = {"k", "Akk", "Okk", "Nk", "st", "Stt", "StOtt", "NOkk",
	    "AkOkk", "OkAkk", "AstNStt", "NAkk"};
	static const char *const bad[] = {"t", "Att", "sk", "ss", "sst", "sNt", "sOtt", "SOttk",
	    "StAtt", "StOtOtt", "AAkkk", "OOkkk", "AkAkk", "NNk", "SsttA"};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(finish_shape(good[i]) == ERR_NONE, "%s", good[i]);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(finish_shape(bad[i]) == ERR_INVALID, "%s: %s", bad[i],
		    err_name(finish_shape(bad[i])));
	ck_assert_int_eq(finish_shape("kk"), ERR_TRAILING);
	ck_assert_int_eq(finish_shape("Ak"), ERR_TRUNCATED);
	ck_assert_int_eq(finish_shape("ANOkANOkANOkANOkk"), ERR_TRUNCATED);
	ck_assert_int_eq(finish_shape("NOkNOkNOkNOkNOkNOkk"), ERR_NONE);
	ck_assert_int_eq(finish_shape("NOkNOkNOkNOkNOkNOkNk"), ERR_TOO_DEEP);
}
END_TEST

START_TEST(stops_at_its_limits)
{
	struct predicate predicate;
	char text[200];
	uint32_t i;

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_AND, PREDICATE_NODES_MAX);
	for (i = 0; i < PREDICATE_NODES_MAX; i++)
		add_kind(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_TOO_LARGE);

	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_CONFIDENCE);
	for (i = 0; i <= PREDICATE_VALUES_MAX; i++)
		predicate_add_number(&predicate, i % 100);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_TOO_LARGE);

	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_LABEL);
	memset(text, 'a', sizeof(text));
	for (i = 0; i <= PREDICATE_TEXT_BYTES_MAX / 100; i++)
		predicate_add_text(&predicate, bytes_view_of(text, 100));
	ck_assert_int_eq(predicate_finish(&predicate), ERR_TOO_LARGE);

	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_LABEL);
	predicate_add_text(&predicate, bytes_view_of(text, LABEL_BYTES_MAX));
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_LABEL);
	predicate_add_text(&predicate, bytes_view_of(text, LABEL_BYTES_MAX + 1));
	ck_assert_int_eq(predicate_finish(&predicate), ERR_RANGE);
}
END_TEST

static enum err
finish_text(enum predicate_op op, const char *text)
{
	struct predicate predicate;

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(&predicate, op, PREDICATE_VALUE);
	predicate_add_text(&predicate, view(text));
	return predicate_finish(&predicate);
}

START_TEST(refuses_domains_and_networks_that_are_none)
{
	ck_assert_int_eq(finish_text(PREDICATE_UNDER, "evil.example"), ERR_NONE);
	ck_assert_int_ne(finish_text(PREDICATE_UNDER, "EVIL.example"), ERR_NONE);
	ck_assert_int_ne(finish_text(PREDICATE_UNDER, "not a domain"), ERR_NONE);
	ck_assert_int_eq(finish_text(PREDICATE_WITHIN, "192.0.2.0/24"), ERR_NONE);
	ck_assert_int_ne(finish_text(PREDICATE_WITHIN, "192.0.2.1/24"), ERR_NONE);
	ck_assert_int_ne(finish_text(PREDICATE_WITHIN, "evil.example"), ERR_NONE);
	ck_assert_int_eq(finish_text(PREDICATE_EQUAL, "bell\a"), ERR_UTF8);
	ck_assert_int_eq(finish_text(PREDICATE_EQUAL, "\xff"), ERR_UTF8);
	ck_assert_int_eq(finish_text(PREDICATE_EQUAL, ""), ERR_RANGE);
}
END_TEST

static enum err
resolve_by_letter(void *context, struct bytes_view name, struct org_id *out)
{
	(void)context;
	if (name.len == 0 || name.data[0] == '?')
		return ERR_NOT_FOUND;
	memset(out->bytes, 'z' - name.data[0], sizeof(out->bytes));
	return ERR_NONE;
}

START_TEST(resolves_authors_and_keeps_them_in_order)
{
	struct predicate predicate;
	struct bytes out;

	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_AUTHOR);
	predicate_add_name(&predicate, view("Banco"));
	predicate_add_name(&predicate, view("cert"));
	predicate_add_name(&predicate, view("cert-mx"));
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	ck_assert(!predicate_is_resolved(&predicate));
	bytes_init(&out, 1000);
	ck_assert_int_eq(predicate_encode(&predicate, &out), ERR_MISSING);
	ck_assert_uint_eq(out.len, 0);

	ck_assert_int_eq(
	    predicate_resolve_authors(&predicate, resolve_by_letter, NULL, NULL), ERR_NONE);
	ck_assert(predicate_is_resolved(&predicate));
	ck_assert_uint_eq(predicate.nodes[0].values, 2); /* both certs are the same one */
	ck_assert_int_eq(predicate_encode(&predicate, &out), ERR_NONE);
	ck_assert_int_eq(predicate_decode(bytes_as_view(&out), &predicate), ERR_NONE);
	bytes_release(&out);
}
END_TEST

START_TEST(says_which_author_is_unknown)
{
	struct predicate predicate;
	struct bytes_view name = {NULL, 0};

	predicate_init(&predicate);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_AUTHOR);
	predicate_add_name(&predicate, view("cert"));
	predicate_add_name(&predicate, view("?who"));
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	ck_assert_int_eq(
	    predicate_resolve_authors(&predicate, resolve_by_letter, NULL, &name), ERR_NOT_FOUND);
	ck_assert(bytes_view_is_equal(name, view("?who")));
}
END_TEST

static void
note_step(void *context, enum predicate_step step, const struct predicate *predicate,
    const struct predicate_node *node)
{
	static const char letters[] = "<,>";
	struct bytes *out = context;

	(void)predicate;
	bytes_append_u8(out,
	    step == PREDICATE_STEP_LEAF ? (uint8_t)('a' + node->field) : (uint8_t)letters[step]);
}

START_TEST(walks_in_order)
{
	struct predicate predicate;
	struct bytes out;

	build_large(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	bytes_init(&out, 1000);
	predicate_walk(&predicate, note_step, &out);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), view("<<<n,<o,o>>,<i>,e,k,m>,d,g>")));
	bytes_release(&out);
}
END_TEST

START_TEST(counts_times_from_now_without_wrapping)
{
	struct predicate_value value = {.number = 5000, .base = PREDICATE_BEFORE_NOW};

	ck_assert_uint_eq(predicate_time(&value, 7000), 2000);
	ck_assert_uint_eq(predicate_time(&value, 4000), 0);
	value.base = PREDICATE_AFTER_NOW;
	ck_assert_uint_eq(predicate_time(&value, 7000), 12000);
	ck_assert_uint_eq(predicate_time(&value, UINT64_MAX - 1), TIME_MS_MAX);
	ck_assert_uint_eq(predicate_time(&value, TIME_MS_MAX - 10), TIME_MS_MAX);
	value.base = PREDICATE_ABSOLUTE;
	ck_assert_uint_eq(predicate_time(&value, 7000), 5000);
}
END_TEST

START_TEST(writes_itself_as_text)
{
	struct predicate predicate;
	struct bytes out;

	build_large(&predicate);
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	bytes_init(&out, 4000);
	predicate_text_write(&predicate, &out);
	ck_assert_int_eq(out.err, ERR_NONE);
	bytes_append_u8(&out, 0);
	ck_assert_str_eq((const char *)out.data,
	    "type in (domain, url) and (value under \"evil.example\" or value in "
	    "(\"192.0.2.0/24\", "
	    "\"2001:db8::/32\")) and label !~ \"ransom*\" and created > now - 7d and valid_until < "
	    "2026-11-01 and audience = nobody or author = "
	    "0102030000000000000000000000000000000000000000000000000000000000 or confidence >= 60");
	bytes_release(&out);
}
END_TEST

START_TEST(writes_equal_networks_so_that_they_stay_equal)
{
	struct predicate predicate;
	struct bytes out;

	predicate_init(&predicate);
	predicate_add_group(&predicate, PREDICATE_NOT, 1);
	predicate_add_group(&predicate, PREDICATE_SOME, 1);
	predicate_add_comparison(&predicate, PREDICATE_EQUAL, PREDICATE_VALUE);
	predicate_add_text(&predicate, view("192.0.2.0/24"));
	predicate_add_text(&predicate, view("a \"b\\"));
	ck_assert_int_eq(predicate_finish(&predicate), ERR_NONE);
	bytes_init(&out, 4000);
	predicate_text_write(&predicate, &out);
	bytes_append_u8(&out, 0);
	ck_assert_str_eq(
	    (const char *)out.data, "not (value = \"192.0.2.0/24\" or value = \"a \\\"b\\\\\")");
	bytes_release(&out);
}
END_TEST

START_TEST(matches_globs)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {{"*", "", true}, {"", "", true}, {"", "a", false}, {"a", "", false},
	    {"a*c", "abbc", true}, {"a*c", "abbcd", false}, {"*.example", "evil.example", true},
	    {"*.example", "example", false}, {"?", "\xc3\xb1", true}, {"??", "\xc3\xb1", false},
	    {"*a*b", "xaxaxb", true}, {"*ab*ab*", "abxab", true}, {"*ab*ab*", "ab", false},
	    {"[a]", "[a]", true}, {"[a]", "a", false}, {"A", "a", false}, {"**?", "x", true}};
	struct bytes out;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		ck_assert_msg(
		    glob_match(view(cases[i].pattern), view(cases[i].text)) == cases[i].matches,
		    "%s on %s", cases[i].pattern, cases[i].text);
	bytes_init(&out, 100);
	glob_to_sqlite(view("a[b*"), &out);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), view("a[[]b*")));
	bytes_release(&out);
}
END_TEST

START_TEST(knows_its_fields)
{
	enum predicate_field field;
	uint32_t i;

	for (i = 1; i <= PREDICATE_FIELD_MAX; i++) {
		if (i > PREDICATE_FIELD_SENT_MAX && i < PREDICATE_PEER) {
			ck_assert_str_eq(predicate_field_name((enum predicate_field)i), "?");
			continue;
		}
		ck_assert_int_eq(
		    predicate_field_is_peer((enum predicate_field)i), i >= PREDICATE_PEER);
		ck_assert(predicate_field_parse(
		    view(predicate_field_name((enum predicate_field)i)), &field));
		ck_assert_uint_eq(field, i);
	}
	ck_assert(predicate_field_parse(view("observable.type"), &field));
	ck_assert_int_eq(field, PREDICATE_TYPE);
	ck_assert(predicate_field_parse(view("observable.value"), &field));
	ck_assert_int_eq(field, PREDICATE_VALUE);
	ck_assert(!predicate_field_parse(view("Kind"), &field));
	ck_assert_str_eq(predicate_field_name((enum predicate_field)99), "?");
}
END_TEST

SUITE_MAIN("wire/predicate", encodes_what_the_protocol_says, decodes_to_the_same_bytes,
    takes_no_condition_as_every_record, refuses_it_cut_short_anywhere,
    refuses_each_spoiled_byte_for_its_reason, refuses_counts_that_nothing_backs,
    refuses_values_out_of_order, refuses_times_with_two_forms, accepts_only_the_normal_shapes,
    stops_at_its_limits, refuses_domains_and_networks_that_are_none,
    resolves_authors_and_keeps_them_in_order, says_which_author_is_unknown, walks_in_order,
    counts_times_from_now_without_wrapping, writes_itself_as_text,
    writes_equal_networks_so_that_they_stay_equal, matches_globs, knows_its_fields)
