/* What people type, and that nothing of it comes between parse, check and defang. */
#include "wire/defang.h"

#include <string.h>

#include "tests/unit/suite.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define HEX32 "0123456789abcdef0123456789abcdef"

static struct bytes_view
view(const char *text)
{
	return bytes_view_str(text);
}

/* What must hold of any text whatever: a canonical form is one for check and for parse, comes
   back from its defanged form, and no other text passes the check. */
static void
expect_fixed_point(enum observable_type type, struct bytes_view text)
{
	struct observable observable = {.type = type};
	struct bytes value, again, defanged;

	bytes_init(&value, OBSERVABLE_BYTES_MAX);
	bytes_init(&again, OBSERVABLE_BYTES_MAX);
	bytes_init(&defanged, 4 * OBSERVABLE_BYTES_MAX);
	if (observable_parse(type, text, &value) != ERR_NONE) {
		ck_assert_int_ne(observable_check(type, text), ERR_NONE);
		goto out;
	}
	observable.value = bytes_as_view(&value);
	ck_assert_int_eq(observable_check(type, observable.value), ERR_NONE);
	ck_assert_int_eq(
	    observable_check(type, text) == ERR_NONE, bytes_view_is_equal(text, observable.value));
	ck_assert_int_eq(observable_parse(type, observable.value, &again), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&again), observable.value));
	bytes_clear(&again);
	observable_defang(&observable, &defanged);
	ck_assert_int_eq(observable_parse(type, bytes_as_view(&defanged), &again), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&again), observable.value));
out:
	bytes_release(&value);
	bytes_release(&again);
	bytes_release(&defanged);
}

START_TEST(trims_every_kind_of_blank)
{
	static const struct {
		const char *text;
		const char *trimmed;
	} rows[] = {
	    {"", ""},
	    {" \t\r\n\v\f", ""},
	    {"\xef\xbb\xbf", ""},
	    {" a b ", "a b"},
	    {"\xef\xbb\xbf\xc2\xa0 a\xc2\xa0 \xc2\xa0", "a"},
	    {"\xc2", "\xc2"},
	    {"\xa0", "\xa0"},
	    {"a\xef\xbb", "a\xef\xbb"},
	    {"a\xc2\xa0z", "a\xc2\xa0z"},
	};
	size_t i;

	for (i = 0; i < COUNT(rows); i++)
		ck_assert_msg(
		    bytes_view_is_equal(defang_trim(view(rows[i].text)), view(rows[i].trimmed)),
		    "%zu", i);
}
END_TEST

START_TEST(undoes_what_each_type_allows)
{
	static const struct {
		enum observable_type type;
		const char *text;
		const char *plain;
	} rows[] = {
	    {OBSERVABLE_DOMAIN, "a[.]b(.)c{.}d\\.e", "a.b.c.d.e"},
	    {OBSERVABLE_DOMAIN, "a[dot]b(DOT)c dot d Dot e", "a.b.c.d.e"},
	    {OBSERVABLE_DOMAIN, "a[[.]]b((dot))c[\\.]d", "a.b.c.d"},
	    {OBSERVABLE_DOMAIN, "hxxp://a.b", "hxxp://a.b"},
	    {OBSERVABLE_DOMAIN, "a[.b.]c(.d", "a[.b.]c(.d"},
	    {OBSERVABLE_DOMAIN, "a dotb", "a dotb"},
	    {OBSERVABLE_EMAIL, "a[at]b", "a@b"},
	    {OBSERVABLE_EMAIL, "a(At)b", "a@b"},
	    {OBSERVABLE_EMAIL, "a[@]b", "a@b"},
	    {OBSERVABLE_EMAIL, "a at b", "a@b"},
	    {OBSERVABLE_EMAIL, "a[[at]]b", "a@b"},
	    {OBSERVABLE_IPV6, "1[:][:]2", "1::2"},
	    {OBSERVABLE_URL, "hxxp://a", "http://a"},
	    {OBSERVABLE_URL, "hXXps[:]//a", "https://a"},
	    {OBSERVABLE_URL, "FXP[://]a", "ftp://a"},
	    {OBSERVABLE_URL, "fxps://a", "ftps://a"},
	    {OBSERVABLE_URL, "hxxpx://a", "hxxpx://a"},
	    {OBSERVABLE_URL, "http://a(dot)b/c(dot)d", "http://a.b/c(dot)d"},
	    {OBSERVABLE_URL, "http://a dot b?c dot d", "http://a.b?c dot d"},
	    {OBSERVABLE_URL, "http://a(at)b#c(at)d", "http://a@b#c(at)d"},
	    {OBSERVABLE_URL, "http://a[.]b/c[.]d{.}e\\.f", "http://a.b/c.d.e.f"},
	    {OBSERVABLE_URL, "http://a/hxxp://b", "http://a/hxxp://b"},
	    {OBSERVABLE_FILENAME, "a[.]b[dot]c", "a.b.c"},
	    {OBSERVABLE_FILENAME, "a(.)b{.}c(dot)d dot e[at]f[:]", "a(.)b{.}c(dot)d dot e[at]f[:]"},
	};
	struct bytes out;
	size_t i;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	for (i = 0; i < COUNT(rows); i++) {
		bytes_clear(&out);
		ck_assert_int_eq(defang_undo(rows[i].type, view(rows[i].text), &out), ERR_NONE);
		ck_assert_msg(bytes_view_is_equal(bytes_as_view(&out), view(rows[i].plain)),
		    "%s: %.*s", rows[i].text, (int)out.len, (const char *)out.data);
	}
	bytes_release(&out);
}
END_TEST

/* Undoing one defanging may leave another, and what was escaped may look like one. */
START_TEST(leaves_nothing_that_looks_defanged)
{
	static const struct {
		enum observable_type type;
		const char *text;
	} nested[] = {
	    {OBSERVABLE_EMAIL, "a{{.}}b@evil.example"},
	    {OBSERVABLE_EMAIL, "a{[dot]}b@evil.example"},
	    {OBSERVABLE_FILENAME, "a[[.]]b"},
	    {OBSERVABLE_FILENAME, "a[[[.]]]"},
	    {OBSERVABLE_FILENAME, "[[dot]]x"},
	    {OBSERVABLE_DOMAIN, "evil((.))example"},
	    {OBSERVABLE_DOMAIN, "evil[\\.]example"},
	    {OBSERVABLE_URL, "http://evil.example/[[.]]"},
	    {OBSERVABLE_URL, "http://evil.example/((.))"},
	    {OBSERVABLE_URL, "http://a(%2E)b@evil.example/"},
	    {OBSERVABLE_URL, "http://a(%64ot)b@evil.example/"},
	    {OBSERVABLE_URL, "http://evil.example/(%64ot)"},
	    {OBSERVABLE_URL, "http://evil.example/%5B.%5D%5Bat%5D"},
	    {OBSERVABLE_URL, "http://evil.example/%5C."},
	    {OBSERVABLE_URL, "http://evil%2Eexample/"},
	    {OBSERVABLE_URL, "http://hxxp.example/hxxp://x"},
	};
	struct bytes out;
	size_t i;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	for (i = 0; i < COUNT(nested); i++) {
		bytes_clear(&out);
		ck_assert_msg(
		    observable_parse(nested[i].type, view(nested[i].text), &out) == ERR_NONE, "%s",
		    nested[i].text);
		expect_fixed_point(nested[i].type, view(nested[i].text));
	}
	bytes_release(&out);
	ck_assert_int_ne(observable_check(OBSERVABLE_URL, view("hxxp://evil.example/")), ERR_NONE);
	ck_assert_int_ne(observable_check(OBSERVABLE_FILENAME, view("a[.]exe")), ERR_NONE);
	ck_assert_int_ne(observable_check(OBSERVABLE_EMAIL, view("a{.}b@evil.example")), ERR_NONE);
}
END_TEST

/* One text or more of every type, with all that its form may have. */
static const struct {
	enum observable_type type;
	const char *text;
} samples[] = {
    {OBSERVABLE_IPV4, "192[.]0.2(.)107"},
    {OBSERVABLE_IPV6, "[2001:DB8:0:0:1::ffff]"},
    {OBSERVABLE_IPV6, "::ffff:192.0.2.7"},
    {OBSERVABLE_CIDR, "192.0.2.129/25"},
    {OBSERVABLE_CIDR, "2001:db8:8000::1/33"},
    {OBSERVABLE_DOMAIN, "_dmarc.Evil-1[.]example."},
    {OBSERVABLE_DOMAIN, "xn--mnchen-3ya.example"},
    {OBSERVABLE_DOMAIN, "m\xc3\xbcnchen\xe3\x80\x82"
			"b dot example"},
    {OBSERVABLE_URL, "hXXps[:]//U:p@Evil[.]example:8443/%7ea/../b%2fc?q=1 2#f"},
    {OBSERVABLE_URL, "http://[2001:DB8::1]:80/./a(.)b"},
    {OBSERVABLE_URL, "http://192.0.2.7:080?%zz%41"},
    {OBSERVABLE_EMAIL, "User.{n}+tag[at]evil(dot)example"},
    {OBSERVABLE_MD5, HEX32},
    {OBSERVABLE_SHA1, HEX32 "89ABCDEF"},
    {OBSERVABLE_SHA256, HEX32 HEX32},
    {OBSERVABLE_SHA512, HEX32 HEX32 HEX32 HEX32},
    {OBSERVABLE_FILENAME, " Fa\xc3\xb1o [x](1)[.]exe"},
    {OBSERVABLE_ASN, "ASN4294967295"},
    {OBSERVABLE_PHONE, "tel:00 52 (55) 5555-0100"},
    {OBSERVABLE_CLABE, "032 180 00011835971-9"},
    {OBSERVABLE_IBAN, "gb82 west 1234 5698 7654 32"},
    {OBSERVABLE_CARD, "3782 822463-10005"},
    {OBSERVABLE_CVE, "cve-2026-12345"},
};

START_TEST(holds_of_every_text_cut_short_or_spoiled)
{
	static const uint8_t spoilers[] = {
	    0x00, ' ', '.', '/', ':', '@', '[', ']', '%', '-', '0', 'A', '_', 0x7f, 0x80, 0xc3};
	uint8_t text[256];
	size_t i, at, k, len;

	for (i = 0; i < COUNT(samples); i++) {
		len = strlen(samples[i].text);
		memcpy(text, samples[i].text, len);
		for (at = 0; at < len; at++) {
			expect_fixed_point(samples[i].type, bytes_view_of(text, at));
			for (k = 0; k < COUNT(spoilers); k++) {
				text[at] = spoilers[k];
				expect_fixed_point(samples[i].type, bytes_view_of(text, len));
			}
			text[at] = (uint8_t)samples[i].text[at];
		}
	}
}
END_TEST

START_TEST(holds_of_every_text_as_every_type)
{
	struct bytes out;
	size_t i;
	int type;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	for (i = 0; i < COUNT(samples); i++) {
		bytes_clear(&out);
		ck_assert_msg(
		    observable_parse(samples[i].type, view(samples[i].text), &out) == ERR_NONE,
		    "%s", samples[i].text);
		for (type = 1; type <= OBSERVABLE_TYPE_MAX; type++)
			expect_fixed_point((enum observable_type)type, view(samples[i].text));
	}
	bytes_release(&out);
}
END_TEST

/* A defanged text may be longer than any value, what is left of it may not. */
START_TEST(counts_the_bytes_that_are_left)
{
	struct bytes text, out;
	size_t i;

	bytes_init(&text, 8 * OBSERVABLE_BYTES_MAX);
	bytes_init(&out, 2 * OBSERVABLE_BYTES_MAX);
	for (i = 0; i < OBSERVABLE_BYTES_MAX; i++)
		bytes_append(&text, "[dot]", 5);
	ck_assert_int_eq(defang_undo(OBSERVABLE_DOMAIN, bytes_as_view(&text), &out), ERR_NONE);
	ck_assert_uint_eq(out.len, OBSERVABLE_BYTES_MAX);
	bytes_clear(&out);
	bytes_append(&text, "x", 1);
	ck_assert_int_eq(defang_undo(OBSERVABLE_DOMAIN, bytes_as_view(&text), &out), ERR_TOO_LARGE);
	ck_assert_uint_eq(out.len, 0);
	bytes_release(&text);
	bytes_release(&out);
}
END_TEST

SUITE_MAIN("wire/defang", trims_every_kind_of_blank, undoes_what_each_type_allows,
    leaves_nothing_that_looks_defanged, holds_of_every_text_cut_short_or_spoiled,
    holds_of_every_text_as_every_type, counts_the_bytes_that_are_left)
