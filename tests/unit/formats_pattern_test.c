#include "formats/pattern.h"

#include "tests/unit/formats_fixture.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static enum err
read_pattern(struct fixture *fixture, struct bytes_view pattern)
{
	drafts_begin(&fixture->drafts, RECORD_INDICATOR);
	return pattern_read(pattern, &fixture->drafts);
}

START_TEST(reads_one_comparison)
{
	static const struct {
		const char *pattern;
		enum observable_type type;
		const char *value;
	} cases[] = {
	    {"[domain-name:value = 'evil.example']", OBSERVABLE_DOMAIN, "evil.example"},
	    {" [ domain-name:value='evil[.]example' ] ", OBSERVABLE_DOMAIN, "evil.example"},
	    {"[url:value == 'http://evil.example/it\\'s']", OBSERVABLE_URL,
		"http://evil.example/it's"},
	    {"[ipv4-addr:value = '192.0.2.1']", OBSERVABLE_IPV4, "192.0.2.1"},
	    {"[ipv4-addr:value = '192.0.2.0/24']", OBSERVABLE_CIDR, "192.0.2.0/24"},
	    {"[ipv6-addr:value = '2001:DB8::1']", OBSERVABLE_IPV6, "2001:db8::1"},
	    {"[email-addr:value = 'Ana@evil.example']", OBSERVABLE_EMAIL, "ana@evil.example"},
	    {"[file:hashes.MD5 = '" MD5 "']", OBSERVABLE_MD5, MD5},
	    {"[file:hashes.'SHA-256' = '" SHA256 "']", OBSERVABLE_SHA256, SHA256},
	    {"[file:hashes.SHA256 = '" SHA256 "']", OBSERVABLE_SHA256, SHA256},
	    {"[file:hashes.sha256 = '" SHA256 "']", OBSERVABLE_SHA256, SHA256},
	    {"[file:name = 'it\\\\s']", 0, NULL},
	    {"[file:name = 'a b.exe']", OBSERVABLE_FILENAME, "a b.exe"},
	    {"[autonomous-system:number = 64496]", OBSERVABLE_ASN, "AS64496"},
	    {"[network-traffic:dst_ref.type = 'domain-name' AND "
	     "network-traffic:dst_ref.value = 'evil.example']",
		OBSERVABLE_DOMAIN, "evil.example"},
	    {"[file:name IN ('a.exe')]", OBSERVABLE_FILENAME, "a.exe"},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();
		enum err err = read_pattern(fixture, bytes_view_str(cases[i].pattern));

		ck_assert_msg(
		    err == (cases[i].value != NULL ? ERR_NONE : ERR_NO), "%s", cases[i].pattern);
		if (err == ERR_NONE) {
			ck_assert_uint_eq(fixture->drafts.record.observables_count, 1);
			ck_observable(&fixture->drafts.record, 0, cases[i].type, cases[i].value);
			ck_assert_int_eq(
			    fixture->drafts.record.body.combine, RECORD_COMBINE_UNSTATED);
		}
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(tells_all_from_any)
{
	static const struct {
		const char *pattern;
		enum record_combine combine;
	} cases[] = {
	    {"[file:hashes.MD5 = '" MD5 "' AND file:name = 'a.exe']", RECORD_COMBINE_ALL},
	    {"[file:hashes.MD5 = '" MD5 "' OR file:name = 'a.exe']", RECORD_COMBINE_ANY},
	    {"[file:hashes.MD5 = '" MD5 "'] OR [file:name = 'a.exe']", RECORD_COMBINE_ANY},
	    {"[file:hashes.MD5='" MD5 "']OR[file:name = 'a.exe']", RECORD_COMBINE_ANY},
	    {"[domain-name:value IN ('a.example', 'b.example')]", RECORD_COMBINE_ANY},
	    {"[domain-name:value IN('a.example','b.example')] OR [ipv4-addr:value = '192.0.2.1']",
		RECORD_COMBINE_ANY},
	};
	uint32_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_msg(read_pattern(fixture, bytes_view_str(cases[i].pattern)) == ERR_NONE,
		    "%s", cases[i].pattern);
		ck_assert_uint_ge(fixture->drafts.record.observables_count, 2);
		ck_assert_int_eq(fixture->drafts.record.body.combine, cases[i].combine);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(leaves_every_other_pattern_and_adds_nothing)
{
	static const char *const patterns[] = {
	    "",
	    "[",
	    "[]",
	    "evil.example",
	    "[domain-name:value = 'a.example'",
	    "[domain-name:value = 'a.example]",
	    "[domain-name:value = a.example]",
	    "[domain-name:value = 'a.example'] x",
	    "[domain-name:value = 'a.example' ANDfile:name = 'a']",
	    "[domain-name:value != 'a.example']",
	    "[domain-name:value NOT = 'a.example']",
	    "[NOT domain-name:value = 'a.example']",
	    "[domain-name:value LIKE '%.example']",
	    "[domain-name:value MATCHES 'a.*']",
	    "[domain-name:value = 'not a domain']",
	    "[ipv4-addr:value = 'a.example']",
	    "[ipv4-addr:value ISSUBSET '192.0.2.0/24']",
	    "[process:name = 'a.exe']",
	    "[file:hashes.'SHA3-256' = '" SHA256 "']",
	    "[file:hashes.MD5 = '" SHA256 "']",
	    "[file:size = 1]",
	    "[domain-name:value = 'a.example' AND process:name = 'a.exe']",
	    "[domain-name:value = 'a.example' OR process:name = 'a.exe']",
	    "[domain-name:value = 'a.example' AND domain-name:value = 'b.example' OR file:name = "
	    "'c']",
	    "[(domain-name:value = 'a.example' OR file:name = 'c') AND file:name = 'd']",
	    "[domain-name:value = 'a.example'] AND [file:name = 'c']",
	    "[domain-name:value = 'a.example'] FOLLOWEDBY [file:name = 'c']",
	    "[domain-name:value = 'a.example'] WITHIN 600 SECONDS",
	    "[domain-name:value = 'a.example' AND file:name = 'b'] OR [file:name = 'c']",
	    "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]",
	    "[network-traffic:dst_ref.type = 'ipv4-addr']",
	    "[file:name IN ('a', 'b') AND domain-name:value = 'a.example']",
	    "[file:name IN ('a', ]",
	    "[file:name IN ()]",
	    "[file:name = h'00']",
	};
	uint32_t i;

	for (i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		struct fixture *fixture = fixture_open();

		ck_assert_msg(read_pattern(fixture, bytes_view_str(patterns[i])) == ERR_NO, "%s",
		    patterns[i]);
		ck_assert_uint_eq(fixture->drafts.record.observables_count, 0);
		ck_assert_int_eq(fixture->drafts.failure, REASON_STORED);
		fixture_free(fixture);
	}
}
END_TEST

START_TEST(leaves_a_pattern_cut_anywhere)
{
	static const char text[] =
	    "[file:hashes.'SHA-256' = '" SHA256 "' OR file:name IN ('a', 'b')]";
	struct fixture *fixture = fixture_open();
	size_t len;
	uint8_t *copy;

	ck_assert_int_eq(read_pattern(fixture, bytes_view_str(text)), ERR_NONE);
	for (len = 0; len < sizeof(text) - 1; len++) {
		copy = malloc(len == 0 ? 1 : len);
		ck_assert_ptr_nonnull(copy);
		memcpy(copy, text, len);
		ck_assert_int_eq(read_pattern(fixture, bytes_view_of(copy, len)), ERR_NO);
		free(copy);
	}
	fixture_free(fixture);
}
END_TEST

START_TEST(takes_no_nul_for_a_blank)
{
	static const char text[] = "[domain-name:value\0= 'a.example']";
	struct fixture *fixture = fixture_open();

	ck_assert_int_eq(read_pattern(fixture, bytes_view_of(text, sizeof(text) - 1)), ERR_NO);
	fixture_free(fixture);
}
END_TEST

START_TEST(reads_as_many_as_a_record_holds_and_no_more)
{
	struct fixture *fixture = fixture_open();
	struct bytes text;
	char word[64];
	uint32_t i;

	bytes_init(&text, 1u << 20);
	bytes_append_u8(&text, '[');
	for (i = 0; i < OBSERVABLES_MAX; i++) {
		(void)snprintf(word, sizeof(word), "%sdomain-name:value = 'a%u.example'",
		    i > 0 ? " OR " : "", i);
		bytes_append(&text, word, strlen(word));
	}
	bytes_append_u8(&text, ']');
	ck_assert_int_eq(read_pattern(fixture, bytes_as_view(&text)), ERR_NONE);
	ck_assert_uint_eq(fixture->drafts.record.observables_count, OBSERVABLES_MAX);
	text.len--;
	bytes_append(&text, " OR file:name = 'x']", 20);
	ck_assert_int_eq(read_pattern(fixture, bytes_as_view(&text)), ERR_NO);
	ck_assert_int_eq(fixture->drafts.failure, REASON_STORED);
	bytes_release(&text);
	fixture_free(fixture);
}
END_TEST

SUITE_MAIN("formats/pattern", reads_one_comparison, tells_all_from_any,
    leaves_every_other_pattern_and_adds_nothing, leaves_a_pattern_cut_anywhere,
    takes_no_nul_for_a_blank, reads_as_many_as_a_record_holds_and_no_more)
