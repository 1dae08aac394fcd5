/*
 * HOME/config: what it may say, and what is said of a mistake.
 */
#define _XOPEN_SOURCE 700

#include "node/config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/suite.h"

static enum err
parse(const char *text, struct config *out, char words[256])
{
	return config_parse(bytes_view_str(text), out, words);
}

START_TEST(takes_an_empty_text_as_the_defaults)
{
	static const char *const texts[] = {"", "\n", "\n\n  \t\n", "# nothing\n", "  # nothing"};
	struct config config;
	char words[256];
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		memset(&config, 0xff, sizeof(config));
		ck_assert_int_eq(parse(texts[i], &config, words), ERR_NONE);
		ck_assert_uint_eq(config.listen_count, 0);
		ck_assert_uint_eq(config.credit, CREDIT_DEFAULT);
		ck_assert_int_eq(config.log, LOG_NOTICE);
		ck_assert_str_eq(words, "");
	}
}
END_TEST

START_TEST(takes_every_key)
{
	struct config config;
	char words[256];

	ck_assert_int_eq(parse("listen = tcp://192.0.2.1:7001 # here\r\n"
			       "\tlisten=tcp://[2001:db8::1]:7002\n"
			       "credit = 64\n"
			       "log = debug",
			     &config, words),
	    ERR_NONE);
	ck_assert_uint_eq(config.listen_count, 2);
	ck_assert_str_eq(config.listen[0], "tcp://192.0.2.1:7001");
	ck_assert_str_eq(config.listen[1], "tcp://[2001:db8::1]:7002");
	ck_assert_uint_eq(config.credit, 64);
	ck_assert_int_eq(config.log, LOG_DEBUG);
	ck_assert_int_eq(parse("log = info\ncredit = 1\n", &config, words), ERR_NONE);
	ck_assert_int_eq(config.log, LOG_INFO);
	ck_assert_uint_eq(config.credit, 1);
}
END_TEST

static const struct {
	const char *text;
	const char *words;
} MISTAKES[] = {
    {"listen", "line 1, column 1: found 'listen', expected key = value"},
    {"\n\n  credit 8", "line 3, column 3: found 'credit 8', expected key = value"},
    {"port = 7001", "line 1, column 1: found 'port', expected listen, credit or log"},
    {" Listen = tcp://192.0.2.1:1", "line 1, column 2: found 'Listen', expected"},
    {"= 8", "expected listen, credit or log"},
    {"listen =", "expected an endpoint"},
    {"listen = 192.0.2.1:7001", "line 1, column 10: found '192.0.2.1:7001', expected an endpoint"},
    {"listen = tcp://192.0.2.1", "expected an endpoint"},
    {"listen = tcp://192.0.2.1:0", "expected an endpoint"},
    {"listen = tcp://192.0.2.1:65536", "expected an endpoint"},
    {"listen = tcp://192.0.2.1:7001 tcp://192.0.2.1:7002", "expected an endpoint"},
    {"credit = 0", "line 1, column 10: found '0', expected a number from 1 to 64"},
    {"credit = 65", "expected a number from 1 to 64"},
    {"credit = 4294967297", "expected a number from 1 to 64"},
    {"credit = -1", "expected a number from 1 to 64"},
    {"credit = 0x8", "expected a number from 1 to 64"},
    {"credit =", "expected a number from 1 to 64"},
    {"log = verbose", "line 1, column 7: found 'verbose', expected notice, info or debug"},
    {"log = ", "expected notice, info or debug"},
};

START_TEST(says_line_column_and_what_was_expected)
{
	struct config config, before;
	char words[256];
	size_t i;

	memset(&config, 0x5a, sizeof(config));
	before = config;
	for (i = 0; i < sizeof(MISTAKES) / sizeof(*MISTAKES); i++) {
		ck_assert_msg(
		    parse(MISTAKES[i].text, &config, words) == ERR_INVALID, "%s", MISTAKES[i].text);
		ck_assert_msg(
		    strstr(words, MISTAKES[i].words) != NULL, "%s: %s", MISTAKES[i].text, words);
		ck_assert_int_eq(memcmp(&config, &before, sizeof(config)), 0);
	}
}
END_TEST

START_TEST(takes_eight_endpoints_and_no_ninth)
{
	char text[1024] = "", words[256];
	struct config config;
	int i;

	for (i = 0; i < 8; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "listen = tcp://192.0.2.1:%d\n", 7001 + i);
	ck_assert_int_eq(parse(text, &config, words), ERR_NONE);
	ck_assert_uint_eq(config.listen_count, ENDPOINTS_MAX);
	ck_assert_str_eq(config.listen[7], "tcp://192.0.2.1:7008");
	(void)snprintf(
	    text + strlen(text), sizeof(text) - strlen(text), "listen = tcp://192.0.2.1:1");
	ck_assert_int_eq(parse(text, &config, words), ERR_INVALID);
	ck_assert_ptr_nonnull(strstr(words, "line 9"));
	ck_assert_ptr_nonnull(strstr(words, "at most 8"));
}
END_TEST

/* A text that is long, binary or without an end is told in few words. */
START_TEST(survives_any_bytes)
{
	uint8_t text[4096];
	struct config config;
	char words[256];
	size_t i, len;

	for (len = 1; len < sizeof(text); len = len * 2 + 1) {
		for (i = 0; i < len; i++)
			text[i] = (uint8_t)(i * 37 + len);
		text[0] = 'x';
		ck_assert_int_ne(config_parse(bytes_view_of(text, len), &config, words), ERR_NONE);
		memset(text, 'a', len);
		ck_assert_int_eq(
		    config_parse(bytes_view_of(text, len), &config, words), ERR_INVALID);
		ck_assert_uint_lt(strlen(words), 256);
	}
}
END_TEST

START_TEST(reads_a_missing_file_as_an_empty_one)
{
	const char *base = getenv("TMPDIR");
	char folder[128], path[HOME_FILE_MAX], words[256];
	struct config config;
	struct home home;

	(void)snprintf(
	    folder, sizeof(folder), "%s/malla-config-XXXXXX", base == NULL ? P_tmpdir : base);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(home_resolve(folder, &home), ERR_NONE);
	ck_assert_int_eq(config_read(&home, &config, words), ERR_NONE);
	ck_assert_uint_eq(config.credit, CREDIT_DEFAULT);
	home_file(&home, "config", path);
	ck_assert_int_eq(home_write(path, bytes_view_str("credit = 3\n"), 0600), ERR_NONE);
	ck_assert_int_eq(config_read(&home, &config, words), ERR_NONE);
	ck_assert_uint_eq(config.credit, 3);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

SUITE_MAIN("node/config", takes_an_empty_text_as_the_defaults, takes_every_key,
    says_line_column_and_what_was_expected, takes_eight_endpoints_and_no_ninth, survives_any_bytes,
    reads_a_missing_file_as_an_empty_one)
