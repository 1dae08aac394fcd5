#include "wire/observable.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

#define HEX32 "0123456789abcdef0123456789abcdef"
#define LABEL63 "a23456789012345678901234567890123456789012345678901234567890123"

struct accepted {
	enum observable_type type;
	const char *text;
	const char *canonical;
};

struct refused {
	enum observable_type type;
	const char *text;
	enum err err;
};

static struct bytes_view
view(const char *text)
{
	return bytes_view_str(text);
}

/* The canonical form is what the table says, checks, and is its own canonical form, as is
   what comes back from its defanged form. */
static void
expect(enum observable_type type, const char *text, const char *canonical)
{
	struct observable observable = {type, view(canonical)};
	struct bytes out, defanged, again;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	bytes_init(&defanged, 4 * OBSERVABLE_BYTES_MAX);
	bytes_init(&again, OBSERVABLE_BYTES_MAX);
	ck_assert_msg(observable_parse(type, view(text), &out) == ERR_NONE, "refused: %s", text);
	ck_assert_msg(bytes_view_is_equal(bytes_as_view(&out), view(canonical)), "%s: %.*s", text,
	    (int)out.len, (const char *)out.data);
	ck_assert_msg(observable_check(type, view(canonical)) == ERR_NONE, "check: %s", canonical);
	if (strcmp(text, canonical) != 0)
		ck_assert_msg(observable_check(type, view(text)) != ERR_NONE, "check: %s", text);
	observable_defang(&observable, &defanged);
	ck_assert_int_eq(observable_parse(type, bytes_as_view(&defanged), &again), ERR_NONE);
	ck_assert_msg(bytes_view_is_equal(bytes_as_view(&again), view(canonical)), "%.*s",
	    (int)defanged.len, (const char *)defanged.data);
	bytes_release(&out);
	bytes_release(&defanged);
	bytes_release(&again);
}

static void
expect_all(const struct accepted *rows, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		expect(rows[i].type, rows[i].text, rows[i].canonical);
}

static void
refuse_all(const struct refused *rows, size_t count)
{
	struct bytes out;
	size_t i;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	bytes_append(&out, "kept", 4);
	for (i = 0; i < count; i++) {
		enum err err = observable_parse(rows[i].type, view(rows[i].text), &out);

		ck_assert_msg(err == rows[i].err, "%s: %s", rows[i].text, err_name(err));
		ck_assert_msg(observable_check(rows[i].type, view(rows[i].text)) != ERR_NONE, "%s",
		    rows[i].text);
		ck_assert_int_eq(out.err, ERR_NONE);
		ck_assert(bytes_view_is_equal(bytes_as_view(&out), view("kept")));
	}
	bytes_release(&out);
}

#define EXPECT_ALL(rows) expect_all(rows, sizeof(rows) / sizeof(*(rows)))
#define REFUSE_ALL(rows) refuse_all(rows, sizeof(rows) / sizeof(*(rows)))

/* ---------------------------------------------------------------- addresses */

START_TEST(writes_addresses_in_one_way)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_IPV4, "192.0.2.1", "192.0.2.1"},
	    {OBSERVABLE_IPV4, "0.0.0.0", "0.0.0.0"},
	    {OBSERVABLE_IPV4, "255.255.255.255", "255.255.255.255"},
	    {OBSERVABLE_IPV4, "192[.]0(.)2{.}1", "192.0.2.1"},
	    {OBSERVABLE_IPV4, "192\\.0[dot]2(DOT)1", "192.0.2.1"},
	    {OBSERVABLE_IPV4, "\xef\xbb\xbf\xc2\xa0 192.0.2.1\t\xc2\xa0\r\n", "192.0.2.1"},
	    {OBSERVABLE_IPV6, "2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
	    {OBSERVABLE_IPV6, "2001:0db8::0001", "2001:db8::1"},
	    {OBSERVABLE_IPV6, "[2001:db8::1]", "2001:db8::1"},
	    {OBSERVABLE_IPV6, "2001[:]db8[:][:]1", "2001:db8::1"},
	    {OBSERVABLE_IPV6, "::", "::"},
	    {OBSERVABLE_IPV6, "[::]", "::"},
	    {OBSERVABLE_IPV6, "::1", "::1"},
	    {OBSERVABLE_IPV6, "1::", "1::"},
	    {OBSERVABLE_IPV6, "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
	    {OBSERVABLE_IPV6, "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
	    {OBSERVABLE_IPV6, "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	    {OBSERVABLE_IPV6, "2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"},
	    {OBSERVABLE_IPV6, "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	    {OBSERVABLE_IPV6, "::ffff:c000:201", "::ffff:192.0.2.1"},
	    {OBSERVABLE_IPV6, "::FFFF:192.0.2.1", "::ffff:192.0.2.1"},
	    {OBSERVABLE_IPV6, "64:ff9b::192.0.2.1", "64:ff9b::c000:201"},
	    {OBSERVABLE_IPV6, "1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"},
	    {OBSERVABLE_CIDR, "192.0.2.77/24", "192.0.2.0/24"},
	    {OBSERVABLE_CIDR, "192.0.2.255/31", "192.0.2.254/31"},
	    {OBSERVABLE_CIDR, "192.0.2.1/32", "192.0.2.1/32"},
	    {OBSERVABLE_CIDR, "198.51.100.7/0", "0.0.0.0/0"},
	    {OBSERVABLE_CIDR, "198[.]51[.]100[.]0/24", "198.51.100.0/24"},
	    {OBSERVABLE_CIDR, "2001:DB8:FFFF::1/33", "2001:db8:8000::/33"},
	    {OBSERVABLE_CIDR, "2001:db8::1/128", "2001:db8::1/128"},
	    {OBSERVABLE_CIDR, "::1/0", "::/0"},
	};

	EXPECT_ALL(rows);
}
END_TEST

START_TEST(refuses_what_is_not_an_address)
{
	static const struct refused rows[] = {
	    {OBSERVABLE_IPV4, "", ERR_VALUE},
	    {OBSERVABLE_IPV4, "  ", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.2", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.2.", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.2.1.", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.2.1.1", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.02.1", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.2.256", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0.2.1111", ERR_VALUE},
	    {OBSERVABLE_IPV4, "192.0. 2.1", ERR_VALUE},
	    {OBSERVABLE_IPV4, "0xc0.0.2.1", ERR_VALUE},
	    {OBSERVABLE_IPV4, "3221225985", ERR_VALUE},
	    {OBSERVABLE_IPV4, "::1", ERR_VALUE},
	    {OBSERVABLE_IPV6, "fe80::1%eth0", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1:2:3:4:5:6:7", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1:2:3:4:5:6:7:8:9", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1:2:3:4:5:6:7:8::", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1:2:3:4::5:6:7:8", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1::2::3", ERR_VALUE},
	    {OBSERVABLE_IPV6, ":::", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1:::2", ERR_VALUE},
	    {OBSERVABLE_IPV6, ":1::", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1::2:", ERR_VALUE},
	    {OBSERVABLE_IPV6, "12345::", ERR_VALUE},
	    {OBSERVABLE_IPV6, "g::", ERR_VALUE},
	    {OBSERVABLE_IPV6, "::192.0.2", ERR_VALUE},
	    {OBSERVABLE_IPV6, "::192.0.2.1:1", ERR_VALUE},
	    {OBSERVABLE_IPV6, "1:2:3:4:5:6:7:192.0.2.1", ERR_VALUE},
	    {OBSERVABLE_IPV6, "[2001:db8::1", ERR_VALUE},
	    {OBSERVABLE_IPV6, "[]", ERR_VALUE},
	    {OBSERVABLE_IPV6, "192.0.2.1", ERR_VALUE},
	    {OBSERVABLE_CIDR, "192.0.2.1", ERR_VALUE},
	    {OBSERVABLE_CIDR, "192.0.2.0/33", ERR_VALUE},
	    {OBSERVABLE_CIDR, "192.0.2.0/024", ERR_VALUE},
	    {OBSERVABLE_CIDR, "192.0.2.0/", ERR_VALUE},
	    {OBSERVABLE_CIDR, "192.0.2.0/24/", ERR_VALUE},
	    {OBSERVABLE_CIDR, "192.0.2.0/255.255.255.0", ERR_VALUE},
	    {OBSERVABLE_CIDR, "2001:db8::/129", ERR_VALUE},
	    {OBSERVABLE_CIDR, "[2001:db8::]/32", ERR_VALUE},
	    {OBSERVABLE_CIDR, "/24", ERR_VALUE},
	};

	REFUSE_ALL(rows);
}
END_TEST

static void
expect_range(enum observable_type type, const char *value, const char *first, const char *last)
{
	struct observable observable = {type, view(value)};
	char text[2][33] = {"", ""};
	uint8_t range[2][16];
	unsigned i, side;

	ck_assert(observable_range(&observable, range[0], range[1]));
	for (side = 0; side < 2; side++) {
		for (i = 0; i < 16; i++)
			snprintf(text[side] + 2 * i, 3, "%02x", range[side][i]);
	}
	ck_assert_str_eq(text[0], first);
	ck_assert_str_eq(text[1], last);
}

START_TEST(tells_the_first_and_last_address)
{
	static const struct observable domain = {
	    OBSERVABLE_DOMAIN, {(const uint8_t *)"a.example", 9}};
	uint8_t first[16], last[16];

	expect_range(OBSERVABLE_IPV4, "192.0.2.1", "00000000000000000000ffffc0000201",
	    "00000000000000000000ffffc0000201");
	expect_range(OBSERVABLE_IPV6, "2001:db8::1", "20010db8000000000000000000000001",
	    "20010db8000000000000000000000001");
	expect_range(OBSERVABLE_CIDR, "192.0.2.0/23", "00000000000000000000ffffc0000200",
	    "00000000000000000000ffffc00003ff");
	expect_range(OBSERVABLE_CIDR, "0.0.0.0/0", "00000000000000000000ffff00000000",
	    "00000000000000000000ffffffffffff");
	expect_range(OBSERVABLE_CIDR, "192.0.2.1/32", "00000000000000000000ffffc0000201",
	    "00000000000000000000ffffc0000201");
	expect_range(OBSERVABLE_CIDR, "::/0", "00000000000000000000000000000000",
	    "ffffffffffffffffffffffffffffffff");
	expect_range(OBSERVABLE_CIDR, "2001:db8:8000::/33", "20010db8800000000000000000000000",
	    "20010db8ffffffffffffffffffffffff");
	ck_assert(!observable_range(&domain, first, last));
}
END_TEST

/* ---------------------------------------------------------------- names */

START_TEST(writes_names_in_one_way)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_DOMAIN, "evil.example", "evil.example"},
	    {OBSERVABLE_DOMAIN, "EVIL.Example.", "evil.example"},
	    {OBSERVABLE_DOMAIN, "evil[.]example", "evil.example"},
	    {OBSERVABLE_DOMAIN, "evil[[.]]example", "evil.example"},
	    {OBSERVABLE_DOMAIN, "evil[\\.]example", "evil.example"},
	    {OBSERVABLE_DOMAIN, "_dmarc.a-b.example", "_dmarc.a-b.example"},
	    {OBSERVABLE_DOMAIN, "r3---sn.example", "r3---sn.example"},
	    {OBSERVABLE_DOMAIN, "1.2.3.x4", "1.2.3.x4"},
	    {OBSERVABLE_DOMAIN, LABEL63 ".example", LABEL63 ".example"},
	    {OBSERVABLE_DOMAIN,
		"b\xc3\xbc"
		"cher.example",
		"xn--bcher-kva.example"},
	    {OBSERVABLE_DOMAIN,
		"B\xc3\x9c"
		"CHER.example",
		"xn--bcher-kva.example"},
	    {OBSERVABLE_DOMAIN,
		"bu\xcc\x88"
		"cher.example",
		"xn--bcher-kva.example"},
	    {OBSERVABLE_DOMAIN, "XN--BCHER-KVA.example", "xn--bcher-kva.example"},
	    {OBSERVABLE_DOMAIN,
		"stra\xc3\x9f"
		"e.example",
		"xn--strae-oqa.example"},
	    {OBSERVABLE_DOMAIN,
		"b\xc3\xbc"
		"cher\xe3\x80\x82"
		"example",
		"xn--bcher-kva.example"},
	    {OBSERVABLE_DOMAIN, "\xef\xbd\x81.example", "a.example"},
	    {OBSERVABLE_EMAIL, "Ana.Perez+x@Example.ORG", "ana.perez+x@example.org"},
	    {OBSERVABLE_EMAIL, "ana[at]example[.]org", "ana@example.org"},
	    {OBSERVABLE_EMAIL, "ana(AT)example(dot)org", "ana@example.org"},
	    {OBSERVABLE_EMAIL, "ana at example dot org", "ana@example.org"},
	    {OBSERVABLE_EMAIL, "ana[@]example.org.", "ana@example.org"},
	    {OBSERVABLE_EMAIL, "a!#$%&'*+-/=?^_`{|}~@example.org",
		"a!#$%&'*+-/=?^_`{|}~@example.org"},
	    {OBSERVABLE_EMAIL,
		"ana@b\xc3\xbc"
		"cher.example",
		"ana@xn--bcher-kva.example"},
	    {OBSERVABLE_EMAIL, LABEL63 "4@example.org", LABEL63 "4@example.org"},
	};

	EXPECT_ALL(rows);
}
END_TEST

START_TEST(refuses_what_is_not_a_name)
{
	static const struct refused rows[] = {
	    {OBSERVABLE_DOMAIN, "", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, ".", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "localhost", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "localhost.", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, ".evil.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "evil..example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "evil.example..", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "-evil.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "evil-.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "ev il.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "evil!.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "192.0.2.1", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "evil.123", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "a" LABEL63 ".example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, LABEL63 "." LABEL63 "." LABEL63 "." LABEL63, ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "xn--.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "xn--abc-.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "xn--99999999.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "b\xc3.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "\xe2\x80\x8d.example", ERR_VALUE},
	    {OBSERVABLE_DOMAIN, "http://evil.example/", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana@", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana@localhost", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana@[192.0.2.1]", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana@b@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, ".ana@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana.@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "ana..b@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "\"ana b\"@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, "an\xc3\xa1@example.org", ERR_VALUE},
	    {OBSERVABLE_EMAIL, LABEL63 "45@example.org", ERR_VALUE},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(takes_a_name_of_full_length_and_no_longer)
{
	static const char full[] =
	    LABEL63 "." LABEL63 "." LABEL63 ".b234567890123456789012345678901234567890123456789"
		    "01234567.org";
	char longer[sizeof(full) + 1];

	ck_assert_uint_eq(strlen(full), 253);
	expect(OBSERVABLE_DOMAIN, full, full);
	snprintf(longer, sizeof(longer), "%s", full);
	strcat(longer, "s");
	ck_assert_int_eq(observable_check(OBSERVABLE_DOMAIN, view(longer)), ERR_VALUE);
}
END_TEST

/* ---------------------------------------------------------------- urls */

START_TEST(writes_urls_in_one_way)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_URL, "http://evil.example/", "http://evil.example/"},
	    {OBSERVABLE_URL, "HTTP://EVIL.example", "http://evil.example/"},
	    {OBSERVABLE_URL, "hxxp://evil[.]example/a", "http://evil.example/a"},
	    {OBSERVABLE_URL, "hXXps[://]evil[.]example/a", "https://evil.example/a"},
	    {OBSERVABLE_URL, "hxxp[:]//evil(.)example/a(.)b", "http://evil.example/a(.)b"},
	    {OBSERVABLE_URL, "http://evil.example/a[.]b", "http://evil.example/a.b"},
	    {OBSERVABLE_URL, "fxp://evil.example/", "ftp://evil.example/"},
	    {OBSERVABLE_URL, "http://evil.example:80/", "http://evil.example/"},
	    {OBSERVABLE_URL, "https://evil.example:443?a", "https://evil.example/?a"},
	    {OBSERVABLE_URL, "ftp://evil.example:21/", "ftp://evil.example/"},
	    {OBSERVABLE_URL, "ws://evil.example:080/", "ws://evil.example/"},
	    {OBSERVABLE_URL, "wss://evil.example:443/", "wss://evil.example/"},
	    {OBSERVABLE_URL, "https://evil.example:80/", "https://evil.example:80/"},
	    {OBSERVABLE_URL, "http://evil.example:/", "http://evil.example/"},
	    {OBSERVABLE_URL, "http://evil.example:65535/", "http://evil.example:65535/"},
	    {OBSERVABLE_URL, "http://evil.example:0/", "http://evil.example:0/"},
	    {OBSERVABLE_URL, "ldap://evil.example:1389/o=x", "ldap://evil.example:1389/o=x"},
	    {OBSERVABLE_URL, "http://192.0.2.1:8080/x", "http://192.0.2.1:8080/x"},
	    {OBSERVABLE_URL, "http://[2001:DB8::0:1]:8080/x", "http://[2001:db8::1]:8080/x"},
	    {OBSERVABLE_URL, "http://[::]/", "http://[::]/"},
	    {OBSERVABLE_URL, "http://evil.example./", "http://evil.example/"},
	    {OBSERVABLE_URL,
		"http://b\xc3\xbc"
		"cher.example/\xc3\xbc",
		"http://xn--bcher-kva.example/%C3%BC"},
	    {OBSERVABLE_URL, "http://b%c3%bccher.%65xample/", "http://xn--bcher-kva.example/"},
	};

	EXPECT_ALL(rows);
}
END_TEST

START_TEST(escapes_in_urls_what_must_be_and_nothing_else)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_URL, "http://Ana:P%40w@evil.example/", "http://Ana:P%40w@evil.example/"},
	    {OBSERVABLE_URL, "http://good.example\\@evil.example/",
		"http://good.example%5C@evil.example/"},
	    {OBSERVABLE_URL, "http://a@b@evil.example/", "http://a%40b@evil.example/"},
	    {OBSERVABLE_URL, "http://@evil.example/", "http://evil.example/"},
	    {OBSERVABLE_URL, "http://a(%61t)b@evil.example/", "http://a%28at%29b@evil.example/"},
	    {OBSERVABLE_URL, "http://e.example/%7e%41%2f%3a%zz%4",
		"http://e.example/~A%2F%3A%25zz%254"},
	    {OBSERVABLE_URL, "http://e.example/%4%31", "http://e.example/%2541"},
	    {OBSERVABLE_URL, "http://e.example/a b\t\"<>", "http://e.example/a%20b%09%22%3C%3E"},
	    {OBSERVABLE_URL, "http://e.example/a/./b/../c", "http://e.example/a/c"},
	    {OBSERVABLE_URL, "http://e.example/../..", "http://e.example/"},
	    {OBSERVABLE_URL, "http://e.example/a/..", "http://e.example/"},
	    {OBSERVABLE_URL, "http://e.example/a/b/.", "http://e.example/a/b/"},
	    {OBSERVABLE_URL, "http://e.example/a//../b", "http://e.example/a/b"},
	    {OBSERVABLE_URL, "http://e.example/a/%2E%2e/b/...", "http://e.example/b/..."},
	    {OBSERVABLE_URL, "http://e.example//a//", "http://e.example//a//"},
	    {OBSERVABLE_URL, "http://e.example/?a[]=../b&c=%5d",
		"http://e.example/?a%5B%5D=../b&c=%5D"},
	    {OBSERVABLE_URL, "http://e.example/?", "http://e.example/?"},
	    {OBSERVABLE_URL, "http://e.example#A/../b#c", "http://e.example/#A/../b%23c"},
	    {OBSERVABLE_URL, "http://e.example/?u=http://f.example",
		"http://e.example/?u=http://f.example"},
	    {OBSERVABLE_URL, "http://e.example/(%2E)(dot)(at)", "http://e.example/(.)(dot)(at)"},
	    {OBSERVABLE_URL, "http://e.example/[%2E]{%2e}\\%2e",
		"http://e.example/%5B.%5D%7B.%7D%5C."},
	};

	EXPECT_ALL(rows);
}
END_TEST

START_TEST(refuses_what_is_not_a_url)
{
	static const struct refused rows[] = {
	    {OBSERVABLE_URL, "evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "//evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "://evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "1http://evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "ht_tp://evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "http:/evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "http:\\\\evil.example/a", ERR_VALUE},
	    {OBSERVABLE_URL, "mailto:ana@example.org", ERR_VALUE},
	    {OBSERVABLE_URL, "http://", ERR_VALUE},
	    {OBSERVABLE_URL, "http:///a", ERR_VALUE},
	    {OBSERVABLE_URL, "http://?a", ERR_VALUE},
	    {OBSERVABLE_URL, "http://ana@/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://localhost/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://192.0.2.256/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://192.0.02.1/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://ev il.example/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://evil.example%00/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://evil%2fa.example/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://evil.example:65536/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://evil.example:8a/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://evil.example:80:80/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://[2001:db8::1/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://[2001:db8::1]a/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://[192.0.2.1]/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://2001:db8::1/", ERR_VALUE},
	    {OBSERVABLE_URL, "http://evil.example/\xc3(", ERR_VALUE},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(takes_a_url_of_full_length_and_no_longer)
{
	static const char start[] = "http://evil.example/";
	char text[OBSERVABLE_BYTES_MAX + 1];
	struct bytes out;

	memset(text, 'a', sizeof(text));
	memcpy(text, start, sizeof(start) - 1);
	bytes_init(&out, 2 * OBSERVABLE_BYTES_MAX);
	ck_assert_int_eq(
	    observable_check(OBSERVABLE_URL, bytes_view_of(text, sizeof(text) - 1)), ERR_NONE);
	ck_assert_int_eq(
	    observable_check(OBSERVABLE_URL, bytes_view_of(text, sizeof(text))), ERR_TOO_LARGE);
	ck_assert_int_eq(observable_parse(OBSERVABLE_URL, bytes_view_of(text, sizeof(text)), &out),
	    ERR_TOO_LARGE);
	text[100] = ' '; /* three bytes of what is written */
	ck_assert_int_eq(
	    observable_parse(OBSERVABLE_URL, bytes_view_of(text, sizeof(text) - 1), &out),
	    ERR_TOO_LARGE);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(
	    observable_parse(OBSERVABLE_URL, bytes_view_of(text, sizeof(text) - 3), &out),
	    ERR_NONE);
	ck_assert_uint_eq(out.len, OBSERVABLE_BYTES_MAX);
	bytes_release(&out);
}
END_TEST

/* ---------------------------------------------------------------- the rest */

START_TEST(writes_the_rest_in_one_way)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_MD5, " 0123456789ABCDEF0123456789abcdef\n", HEX32},
	    {OBSERVABLE_SHA1, HEX32 "01234567", HEX32 "01234567"},
	    {OBSERVABLE_SHA256, HEX32 HEX32, HEX32 HEX32},
	    {OBSERVABLE_SHA512, HEX32 HEX32 HEX32 HEX32, HEX32 HEX32 HEX32 HEX32},
	    {OBSERVABLE_FILENAME, " Factura 1.exe ", "Factura 1.exe"},
	    {OBSERVABLE_FILENAME, "factura[.]exe", "factura.exe"},
	    {OBSERVABLE_FILENAME, "a(.)b(at)c{.}d", "a(.)b(at)c{.}d"},
	    {OBSERVABLE_FILENAME, "...", "..."},
	    {OBSERVABLE_FILENAME, "\xc3\x91.pdf", "\xc3\x91.pdf"},
	    {OBSERVABLE_ASN, "64496", "AS64496"},
	    {OBSERVABLE_ASN, "as64496", "AS64496"},
	    {OBSERVABLE_ASN, "ASN64496", "AS64496"},
	    {OBSERVABLE_ASN, "AS0", "AS0"},
	    {OBSERVABLE_ASN, "AS4294967295", "AS4294967295"},
	    {OBSERVABLE_PHONE, "+525555550100", "+525555550100"},
	    {OBSERVABLE_PHONE, "tel:+52 (55) 5555-0100", "+525555550100"},
	    {OBSERVABLE_PHONE,
		"(00)52\xc2\xa0"
		"55.5555.0100",
		"+525555550100"},
	    {OBSERVABLE_PHONE, "+12345678", "+12345678"},
	    {OBSERVABLE_PHONE, "+123456789012345", "+123456789012345"},
	    {OBSERVABLE_CLABE, "032180000118359719", "032180000118359719"},
	    {OBSERVABLE_CLABE, "032 180 00011835971-9", "032180000118359719"},
	    {OBSERVABLE_IBAN, "gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"},
	    {OBSERVABLE_IBAN, "ES91-2100-0418-4502-0005-1332", "ES9121000418450200051332"},
	    {OBSERVABLE_IBAN, "NO9386011117947", "NO9386011117947"},
	    {OBSERVABLE_IBAN, "MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"},
	    {OBSERVABLE_CARD, "4111 1111-1111 1111", "4111111111111111"},
	    {OBSERVABLE_CARD, "378282246310005", "378282246310005"},
	    {OBSERVABLE_CVE, "cve-2026-12345", "CVE-2026-12345"},
	    {OBSERVABLE_CVE, "CVE-1999-0001", "CVE-1999-0001"},
	    {OBSERVABLE_CVE, "CVE-2999-1234567890123456789", "CVE-2999-1234567890123456789"},
	};

	EXPECT_ALL(rows);
}
END_TEST

START_TEST(refuses_what_the_rest_are_not)
{
	static const struct refused rows[] = {
	    {OBSERVABLE_MD5, HEX32 "0", ERR_VALUE},
	    {OBSERVABLE_MD5, "g123456789abcdef0123456789abcdef", ERR_VALUE},
	    {OBSERVABLE_SHA1, HEX32, ERR_VALUE},
	    {OBSERVABLE_SHA256, HEX32, ERR_VALUE},
	    {OBSERVABLE_SHA512, HEX32 HEX32, ERR_VALUE},
	    {OBSERVABLE_FILENAME, "", ERR_VALUE},
	    {OBSERVABLE_FILENAME, ".", ERR_VALUE},
	    {OBSERVABLE_FILENAME, "..", ERR_VALUE},
	    {OBSERVABLE_FILENAME, "[.].", ERR_VALUE},
	    {OBSERVABLE_FILENAME, "a/b", ERR_VALUE},
	    {OBSERVABLE_FILENAME, "a\\.b", ERR_VALUE},
	    {OBSERVABLE_FILENAME, "a\nb", ERR_VALUE},
	    {OBSERVABLE_FILENAME,
		"a\xc2\x85"
		"b",
		ERR_VALUE},
	    {OBSERVABLE_FILENAME,
		"a\xff"
		"b",
		ERR_VALUE},
	    {OBSERVABLE_ASN, "AS", ERR_VALUE},
	    {OBSERVABLE_ASN, "AS064496", ERR_VALUE},
	    {OBSERVABLE_ASN, "AS4294967296", ERR_VALUE},
	    {OBSERVABLE_ASN, "AS10000000000", ERR_VALUE},
	    {OBSERVABLE_ASN, "AS1.10", ERR_VALUE},
	    {OBSERVABLE_ASN, "AS-1", ERR_VALUE},
	    {OBSERVABLE_PHONE, "5555550100", ERR_VALUE},
	    {OBSERVABLE_PHONE, "+1234567", ERR_VALUE},
	    {OBSERVABLE_PHONE, "+1234567890123456", ERR_VALUE},
	    {OBSERVABLE_PHONE, "+025555550100", ERR_VALUE},
	    {OBSERVABLE_PHONE, "000525555550100", ERR_VALUE},
	    {OBSERVABLE_PHONE, "++525555550100", ERR_VALUE},
	    {OBSERVABLE_PHONE, "+52555555o100", ERR_VALUE},
	    {OBSERVABLE_PHONE, "tel:", ERR_VALUE},
	    {OBSERVABLE_PHONE, "+44 (0)20 7946 0100", ERR_VALUE},
	};

	REFUSE_ALL(rows);
}
END_TEST

START_TEST(refuses_wrong_check_digits_and_what_has_none)
{
	static const struct refused rows[] = {
	    {OBSERVABLE_CLABE, "032180000118359718", ERR_CHECK_DIGIT},
	    {OBSERVABLE_CLABE, "032180000118359791", ERR_CHECK_DIGIT},
	    {OBSERVABLE_CLABE, "03218000011835971", ERR_VALUE},
	    {OBSERVABLE_CLABE, "0321800001183597190", ERR_VALUE},
	    {OBSERVABLE_CLABE, "000180000118359710", ERR_VALUE},
	    {OBSERVABLE_CLABE, "03218000011835971X", ERR_VALUE},
	    {OBSERVABLE_IBAN, "GB83WEST12345698765432", ERR_CHECK_DIGIT},
	    {OBSERVABLE_IBAN, "GB82WEST12345698765423", ERR_CHECK_DIGIT},
	    {OBSERVABLE_IBAN, "GB82WEST1234569876543", ERR_VALUE},
	    {OBSERVABLE_IBAN, "GB82WEST123456987654321", ERR_VALUE},
	    {OBSERVABLE_IBAN, "MX82WEST12345698765432", ERR_VALUE},
	    {OBSERVABLE_IBAN, "GBX2WEST12345698765432", ERR_VALUE},
	    {OBSERVABLE_IBAN, "GB82WEST1234569876543!", ERR_VALUE},
	    {OBSERVABLE_IBAN, "GB", ERR_VALUE},
	    {OBSERVABLE_CARD, "4111111111111112", ERR_CHECK_DIGIT},
	    {OBSERVABLE_CARD, "0000000000000000", ERR_VALUE},
	    {OBSERVABLE_CARD, "41111111111", ERR_VALUE},
	    {OBSERVABLE_CARD, "41111111111111111111", ERR_VALUE},
	    {OBSERVABLE_CARD, "411111111111111x", ERR_VALUE},
	    {OBSERVABLE_CVE, "2026-12345", ERR_VALUE},
	    {OBSERVABLE_CVE, "CVE-1998-0001", ERR_VALUE},
	    {OBSERVABLE_CVE, "CVE-3000-0001", ERR_VALUE},
	    {OBSERVABLE_CVE, "CVE-2026-123", ERR_VALUE},
	    {OBSERVABLE_CVE, "CVE-2026-12345678901234567890", ERR_VALUE},
	    {OBSERVABLE_CVE, "CVE-2026-1234x", ERR_VALUE},
	    {OBSERVABLE_CVE, "CVE-20260-1234", ERR_VALUE},
	};

	REFUSE_ALL(rows);
}
END_TEST

/* Every digit changed to every other. */
START_TEST(finds_each_single_wrong_digit)
{
	static const struct {
		enum observable_type type;
		const char *text;
		size_t skip; /* letters, and digits that are bound by more than the check */
	} rows[] = {
	    {OBSERVABLE_CLABE, "032180000118359719", 3},
	    {OBSERVABLE_IBAN, "DE89370400440532013000", 2},
	    {OBSERVABLE_CARD, "378282246310005", 0},
	};
	char text[32], digit;
	size_t i, at;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		memcpy(text, rows[i].text, strlen(rows[i].text) + 1);
		for (at = rows[i].skip; text[at] != '\0'; at++) {
			for (digit = '0'; digit <= '9'; digit++) {
				enum err expected =
				    digit == rows[i].text[at] ? ERR_NONE : ERR_CHECK_DIGIT;

				text[at] = digit;
				ck_assert_int_eq(
				    observable_check(rows[i].type, view(text)), expected);
			}
			text[at] = rows[i].text[at];
		}
	}
}
END_TEST

START_TEST(refuses_check_numbers_that_repeat_others)
{
	/* 97 more and 97 less give the same remainder: each of these has a twin in 02..98 */
	static const char *const twins[] = {"00", "01", "99"};
	static const char *const account = "WEST12345698765432";
	char iban[23];
	struct bytes out;
	unsigned number, found = 0;
	size_t i;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	for (number = 0; number < 100; number++) {
		snprintf(iban, sizeof(iban), "GB%02u%s", number, account);
		found += observable_parse(OBSERVABLE_IBAN, view(iban), &out) == ERR_NONE;
	}
	ck_assert_uint_eq(found, 1);
	/* accounts whose check digits are 97, 98 and 02, searched for by counting */
	for (i = 0; i < 1000; i++) {
		size_t j, right = 0;

		for (number = 2; number < 99; number++) {
			snprintf(iban, sizeof(iban), "GB%02uWEST%014zu", number, i);
			right += observable_check(OBSERVABLE_IBAN, view(iban)) == ERR_NONE;
		}
		ck_assert_uint_eq(right, 1);
		for (j = 0; j < sizeof(twins) / sizeof(*twins); j++) {
			snprintf(iban, sizeof(iban), "GB%sWEST%014zu", twins[j], i);
			ck_assert_int_eq(
			    observable_check(OBSERVABLE_IBAN, view(iban)), ERR_CHECK_DIGIT);
		}
	}
	bytes_release(&out);
}
END_TEST

START_TEST(takes_a_filename_of_255_bytes_and_no_more)
{
	char text[256];

	memset(text, 'a', sizeof(text));
	ck_assert_int_eq(observable_check(OBSERVABLE_FILENAME, bytes_view_of(text, 255)), ERR_NONE);
	ck_assert_int_eq(
	    observable_check(OBSERVABLE_FILENAME, bytes_view_of(text, 256)), ERR_VALUE);
}
END_TEST

START_TEST(refuses_a_nul_wherever_it_stands)
{
	static const struct observable rows[] = {
	    {OBSERVABLE_IPV4, {(const uint8_t *)"192.0.2.1\0", 10}},
	    {OBSERVABLE_IPV6, {(const uint8_t *)"::1\0", 4}},
	    {OBSERVABLE_DOMAIN, {(const uint8_t *)"a.example\0", 10}},
	    {OBSERVABLE_DOMAIN, {(const uint8_t *)"\xc3\xbc\0.example", 11}},
	    {OBSERVABLE_EMAIL, {(const uint8_t *)"a\0@b.example", 12}},
	    {OBSERVABLE_URL, {(const uint8_t *)"http://a\0.example/", 18}},
	    {OBSERVABLE_FILENAME, {(const uint8_t *)"a\0b", 3}},
	    {OBSERVABLE_PHONE, {(const uint8_t *)"+525555550100\0", 14}},
	    {OBSERVABLE_CARD, {(const uint8_t *)"4111111111111111\0", 17}},
	    {OBSERVABLE_CVE, {(const uint8_t *)"CVE-2026-1234\0", 14}},
	};
	struct bytes out;
	size_t i;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_int_eq(observable_parse(rows[i].type, rows[i].value, &out), ERR_VALUE);
		ck_assert_int_eq(observable_check(rows[i].type, rows[i].value), ERR_VALUE);
	}
	bytes_release(&out);
}
END_TEST

START_TEST(refuses_an_unknown_type)
{
	struct bytes out;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	ck_assert_int_eq(
	    observable_parse((enum observable_type)0, view("192.0.2.1"), &out), ERR_VALUE);
	ck_assert_int_eq(observable_check((enum observable_type)18, view("192.0.2.1")), ERR_VALUE);
	ck_assert(!observable_type_is_known(0));
	ck_assert(observable_type_is_known(1));
	ck_assert(observable_type_is_known(17));
	ck_assert(!observable_type_is_known(18));
	ck_assert(!observable_type_is_known(0x100000001));
	ck_assert_str_eq(observable_type_name((enum observable_type)18), "?");
	bytes_release(&out);
}
END_TEST

START_TEST(appends_behind_what_is_there)
{
	struct bytes out;

	bytes_init(&out, 16);
	bytes_append(&out, "value=", 6);
	ck_assert_int_eq(observable_parse(OBSERVABLE_IPV4, view("192.0.2.1"), &out), ERR_NONE);
	ck_assert(bytes_view_is_equal(bytes_as_view(&out), view("value=192.0.2.1")));
	ck_assert_int_eq(observable_parse(OBSERVABLE_IPV4, view("192.0.2.1"), &out), ERR_TOO_LARGE);
	ck_assert_uint_eq(out.len, 15);
	bytes_release(&out);
}
END_TEST

/* ---------------------------------------------------------------- types */

START_TEST(knows_the_types_by_their_names)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_IPV4, "ipv4-addr", NULL},
	    {OBSERVABLE_IPV6, "IPv6-Addr", NULL},
	    {OBSERVABLE_CIDR, "subnet", NULL},
	    {OBSERVABLE_CIDR, "network", NULL},
	    {OBSERVABLE_CIDR, "netblock", NULL},
	    {OBSERVABLE_DOMAIN, "domain-name", NULL},
	    {OBSERVABLE_DOMAIN, "HOSTNAME", NULL},
	    {OBSERVABLE_DOMAIN, "fqdn", NULL},
	    {OBSERVABLE_DOMAIN, "host", NULL},
	    {OBSERVABLE_URL, "uri", NULL},
	    {OBSERVABLE_URL, "link", NULL},
	    {OBSERVABLE_EMAIL, "e-mail", NULL},
	    {OBSERVABLE_EMAIL, "email-src", NULL},
	    {OBSERVABLE_MD5, "md-5", NULL},
	    {OBSERVABLE_SHA256, "SHA-256", NULL},
	    {OBSERVABLE_ASN, "autonomous-system", NULL},
	    {OBSERVABLE_ASN, "as", NULL},
	    {OBSERVABLE_CVE, "vulnerability", NULL},
	    {OBSERVABLE_FILENAME, "file", NULL},
	    {OBSERVABLE_PHONE, "tel", NULL},
	    {OBSERVABLE_CARD, "pan", NULL},
	};
	enum observable_type type;
	uint64_t code;
	size_t i;

	for (code = 1; code <= OBSERVABLE_TYPE_MAX; code++) {
		ck_assert(observable_type_parse(
		    view(observable_type_name((enum observable_type)code)), &type));
		ck_assert_uint_eq(type, code);
	}
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_msg(observable_type_parse(view(rows[i].text), &type), "%s", rows[i].text);
		ck_assert_int_eq(type, rows[i].type);
	}
	ck_assert(!observable_type_parse(view("ip"), &type));
	ck_assert(!observable_type_parse(view("hash"), &type));
	ck_assert(!observable_type_parse(view(""), &type));
	ck_assert(!observable_type_parse(view("ipv"), &type));
	ck_assert(!observable_type_parse(view("ipv44"), &type));
	ck_assert(!observable_type_parse(view("autonomous-systems-of-all"), &type));
}
END_TEST

START_TEST(knows_which_types_are_personal)
{
	static const enum observable_type personal[] = {
	    OBSERVABLE_EMAIL, OBSERVABLE_PHONE, OBSERVABLE_CLABE, OBSERVABLE_IBAN, OBSERVABLE_CARD};
	unsigned code, count = 0;
	size_t i;

	for (code = 1; code <= OBSERVABLE_TYPE_MAX; code++)
		count += observable_is_personal((enum observable_type)code);
	for (i = 0; i < sizeof(personal) / sizeof(*personal); i++)
		ck_assert(observable_is_personal(personal[i]));
	ck_assert_uint_eq(count, sizeof(personal) / sizeof(*personal));
}
END_TEST

START_TEST(guesses_what_a_text_is)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_URL, "hxxps[://]evil[.]example", NULL},
	    {OBSERVABLE_URL, "http://ana@evil.example/", NULL},
	    {OBSERVABLE_EMAIL, "ana[at]example[.]org", NULL},
	    {OBSERVABLE_CVE, " cve-2026-12345", NULL},
	    {OBSERVABLE_ASN, " as64496", NULL},
	    {OBSERVABLE_CIDR, "192.0.2.0/24", NULL},
	    {OBSERVABLE_CIDR, "2001:db8::/32", NULL},
	    {OBSERVABLE_IPV4, "192[.]0[.]2[.]1", NULL},
	    {OBSERVABLE_IPV6, "2001:db8::1", NULL},
	    {OBSERVABLE_MD5, HEX32, NULL},
	    {OBSERVABLE_SHA1, HEX32 "01234567", NULL},
	    {OBSERVABLE_SHA256, HEX32 HEX32, NULL},
	    {OBSERVABLE_SHA512, HEX32 HEX32 HEX32 HEX32, NULL},
	    {OBSERVABLE_DOMAIN, "evil(dot)example", NULL},
	    {OBSERVABLE_DOMAIN, "as64496.example", NULL},
	};
	static const char *const none[] = {"", " ", "evil", "64496", "+525555550100",
	    "032180000118359719", "GB82WEST12345698765432", "4111111111111111", "a b.example",
	    "192.0.2.256", HEX32 "0", "CVE-2026-1"};
	enum observable_type type;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ck_assert_msg(observable_guess(view(rows[i].text), &type), "%s", rows[i].text);
		ck_assert_msg(
		    type == rows[i].type, "%s: %s", rows[i].text, observable_type_name(type));
	}
	for (i = 0; i < sizeof(none) / sizeof(*none); i++)
		ck_assert_msg(!observable_guess(view(none[i]), &type), "%s", none[i]);
}
END_TEST

/* ---------------------------------------------------------------- looking */

START_TEST(orders_by_type_and_then_by_bytes)
{
	struct observable a = {OBSERVABLE_IPV4, view("192.0.2.9")};
	struct observable b = {OBSERVABLE_IPV6, view("::1")};
	struct observable c = {OBSERVABLE_IPV6, view("::11")};

	ck_assert_int_lt(observable_compare(&a, &b), 0);
	ck_assert_int_gt(observable_compare(&b, &a), 0);
	ck_assert_int_lt(observable_compare(&b, &c), 0);
	ck_assert_int_gt(observable_compare(&c, &b), 0);
	ck_assert_int_eq(observable_compare(&c, &c), 0);
}
END_TEST

START_TEST(finds_the_host)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_URL, "http://a:b%40@evil.example:8080/x@y?z", "evil.example"},
	    {OBSERVABLE_URL, "https://evil.example/", "evil.example"},
	    {OBSERVABLE_URL, "http://192.0.2.1/", ""},
	    {OBSERVABLE_URL, "http://[2001:db8::1]:8080/", ""},
	    {OBSERVABLE_EMAIL, "ana@example.org", "example.org"},
	    {OBSERVABLE_DOMAIN, "example.org", "example.org"},
	    {OBSERVABLE_IPV4, "192.0.2.1", ""},
	    {OBSERVABLE_FILENAME, "example.org", ""},
	};
	struct observable observable;
	struct bytes_view host;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		observable = (struct observable){rows[i].type, view(rows[i].text)};
		host = observable_host(&observable);
		ck_assert_msg(
		    bytes_view_is_equal(host, view(rows[i].canonical)), "%s", rows[i].text);
		if (host.len > 0)
			ck_assert(
			    host.data >= observable.value.data &&
			    host.data + host.len <= observable.value.data + observable.value.len);
	}
}
END_TEST

START_TEST(defangs_what_could_be_followed)
{
	static const struct accepted rows[] = {
	    {OBSERVABLE_URL, "http://evil.example/a.b", "hxxp://evil[.]example/a.b"},
	    {OBSERVABLE_URL, "https://a.b@evil.example:8/", "hxxps://a.b@evil[.]example:8/"},
	    {OBSERVABLE_URL, "ftp://evil.example/", "fxp://evil[.]example/"},
	    {OBSERVABLE_URL, "ws://192.0.2.1/", "ws[:]//192[.]0[.]2[.]1/"},
	    {OBSERVABLE_URL, "http://[2001:db8::1]/", "hxxp://[2001[:]db8[:][:]1]/"},
	    {OBSERVABLE_DOMAIN, "a.evil.example", "a[.]evil[.]example"},
	    {OBSERVABLE_EMAIL, "ana.b@example.org", "ana.b[@]example[.]org"},
	    {OBSERVABLE_IPV4, "192.0.2.1", "192[.]0[.]2[.]1"},
	    {OBSERVABLE_IPV6, "2001:db8::1", "2001[:]db8[:][:]1"},
	    {OBSERVABLE_CIDR, "192.0.2.0/24", "192[.]0[.]2[.]0/24"},
	    {OBSERVABLE_FILENAME, "a.exe", "a.exe"},
	    {OBSERVABLE_ASN, "AS64496", "AS64496"},
	};
	struct bytes out;
	size_t i;

	bytes_init(&out, OBSERVABLE_BYTES_MAX);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct observable observable = {rows[i].type, view(rows[i].text)};

		bytes_clear(&out);
		observable_defang(&observable, &out);
		ck_assert_msg(bytes_view_is_equal(bytes_as_view(&out), view(rows[i].canonical)),
		    "%s: %.*s", rows[i].text, (int)out.len, (const char *)out.data);
	}
	bytes_release(&out);
}
END_TEST

SUITE_MAIN("wire/observable", writes_addresses_in_one_way, refuses_what_is_not_an_address,
    tells_the_first_and_last_address, writes_names_in_one_way, refuses_what_is_not_a_name,
    takes_a_name_of_full_length_and_no_longer, writes_urls_in_one_way,
    escapes_in_urls_what_must_be_and_nothing_else, refuses_what_is_not_a_url,
    takes_a_url_of_full_length_and_no_longer, writes_the_rest_in_one_way,
    refuses_what_the_rest_are_not, refuses_wrong_check_digits_and_what_has_none,
    finds_each_single_wrong_digit, refuses_check_numbers_that_repeat_others,
    takes_a_filename_of_255_bytes_and_no_more, refuses_a_nul_wherever_it_stands,
    refuses_an_unknown_type, appends_behind_what_is_there, knows_the_types_by_their_names,
    knows_which_types_are_personal, guesses_what_a_text_is, orders_by_type_and_then_by_bytes,
    finds_the_host, defangs_what_could_be_followed)
