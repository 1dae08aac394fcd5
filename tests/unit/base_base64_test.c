#include "base/base64.h"

#include <string.h>

#include "tests/unit/suite.h"

/* RFC 4648 section 10, and bytes that need the letters + and / */
static const struct {
	const char *bytes;
	const char *text;
} VECTORS[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xef\xff", "++//"},
};

START_TEST(agrees_with_the_standards_vectors)
{
	struct bytes out;
	size_t i;

	bytes_init(&out, 100);
	for (i = 0; i < sizeof(VECTORS) / sizeof(*VECTORS); i++) {
		bytes_clear(&out);
		ck_assert_int_eq(base64_encode(bytes_view_str(VECTORS[i].bytes), &out), ERR_NONE);
		ck_assert(
		    bytes_view_is_equal(bytes_as_view(&out), bytes_view_str(VECTORS[i].text)));
		bytes_clear(&out);
		ck_assert_int_eq(base64_decode(bytes_view_str(VECTORS[i].text), &out), ERR_NONE);
		ck_assert(
		    bytes_view_is_equal(bytes_as_view(&out), bytes_view_str(VECTORS[i].bytes)));
	}
	bytes_release(&out);
}
END_TEST

static const struct {
	const char *why;
	const char *text;
} REFUSED[] = {
    {"one letter", "Z"},
    {"three letters", "Zm9"},
    {"no padding", "Zg"},
    {"half the padding", "Zg="},
    {"too much padding", "Z==="},
    {"nothing but padding", "===="},
    {"padding before a letter", "Z=g="},
    {"padding inside", "Zg==Zm9v"},
    {"spare bits of one byte", "Zh=="},
    {"spare bits of two bytes", "Zm9="},
    {"a blank", "Zm9 "},
    {"a line feed", "Zm9v\nZm9"},
    {"a letter of the URL alphabet", "-m9v"},
    {"another one", "Zm9_"},
    {"a letter before A", "@m9v"},
    {"a letter after Z", "[m9v"},
    {"a letter before a", "`m9v"},
    {"a letter after z", "{m9v"},
    {"a byte above 127", "\xc3\xa1mv"},
};

START_TEST(refuses_every_other_text)
{
	struct bytes out;
	size_t i;

	bytes_init(&out, 100);
	bytes_append(&out, "before", 6);
	for (i = 0; i < sizeof(REFUSED) / sizeof(*REFUSED); i++) {
		ck_assert_msg(base64_decode(bytes_view_str(REFUSED[i].text), &out) == ERR_VALUE,
		    "%s", REFUSED[i].why);
		ck_assert(bytes_view_is_equal(bytes_as_view(&out), bytes_view_str("before")));
	}
	bytes_release(&out);
}
END_TEST

START_TEST(gives_back_every_byte)
{
	uint8_t all[256];
	struct bytes text, back;
	size_t i, len;

	for (i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(i * 7);
	bytes_init(&text, 1000);
	bytes_init(&back, 1000);
	for (len = 0; len <= sizeof(all); len++) {
		bytes_clear(&text);
		bytes_clear(&back);
		ck_assert_int_eq(base64_encode(bytes_view_of(all, len), &text), ERR_NONE);
		ck_assert_int_eq(base64_decode(bytes_as_view(&text), &back), ERR_NONE);
		ck_assert(bytes_view_is_equal(bytes_as_view(&back), bytes_view_of(all, len)));
	}
	bytes_release(&text);
	bytes_release(&back);
}
END_TEST

START_TEST(says_when_there_is_no_room)
{
	struct bytes out;

	bytes_init(&out, 3);
	ck_assert_int_eq(base64_encode(bytes_view_str("foo"), &out), ERR_TOO_LARGE);
	bytes_clear(&out);
	ck_assert_int_eq(base64_decode(bytes_view_str("Zm9vYmFy"), &out), ERR_TOO_LARGE);
	bytes_release(&out);
}
END_TEST

SUITE_MAIN("base/base64", agrees_with_the_standards_vectors, refuses_every_other_text,
    gives_back_every_byte, says_when_there_is_no_room)
