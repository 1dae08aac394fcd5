#include "base/hex.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/suite.h"

START_TEST(writes_every_byte_in_lower_case)
{
	char text[3], wanted[3];
	unsigned byte;

	for (byte = 0; byte < 256; byte++) {
		uint8_t data = (uint8_t)byte;

		hex_encode(&data, 1, text);
		(void)snprintf(wanted, sizeof(wanted), "%02x", byte);
		ck_assert_str_eq(text, wanted);
	}
}
END_TEST

START_TEST(writes_just_the_digits_and_an_end)
{
	static const uint8_t data[] = {0x00, 0x9a, 0xff};
	char text[9];

	memset(text, '#', sizeof(text));
	hex_encode(data, sizeof(data), text);
	ck_assert(memcmp(text, "009aff\0##", sizeof(text)) == 0);
	hex_encode(data, 0, text);
	ck_assert(memcmp(text,
		      "\0"
		      "09aff\0##",
		      sizeof(text)) == 0);
}
END_TEST

START_TEST(reads_digits_of_either_case)
{
	static const uint8_t wanted[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
	uint8_t data[8];

	ck_assert_int_eq(hex_decode("0123456789abcdef", data, 8), ERR_NONE);
	ck_assert(memcmp(data, wanted, 8) == 0);
	memset(data, 0, sizeof(data));
	ck_assert_int_eq(hex_decode("0123456789ABCDEF", data, 8), ERR_NONE);
	ck_assert(memcmp(data, wanted, 8) == 0);
	ck_assert_int_eq(hex_decode("", data, 0), ERR_NONE);
}
END_TEST

START_TEST(refuses_another_number_of_digits)
{
	uint8_t data[5] = {0, 0, 0, 0, 0xee};
	static const char digits[] = "0123456789";
	char text[11];
	size_t len;

	for (len = 0; len <= 10; len++) {
		memcpy(text, digits, len);
		text[len] = '\0';
		ck_assert_int_eq(hex_decode(text, data, 4), len == 8 ? ERR_NONE : ERR_VALUE);
		ck_assert_uint_eq(data[4], 0xee);
	}
	ck_assert_int_eq(hex_decode("00", data, 0), ERR_VALUE);
}
END_TEST

/* Every other character, high digit and low; a NUL makes the text too short. */
START_TEST(refuses_every_character_that_is_no_digit)
{
	char text[5] = "0000";
	uint8_t data[2];
	unsigned at, letter;

	for (at = 0; at < 4; at++) {
		for (letter = 0; letter < 256; letter++) {
			bool is_digit =
			    letter != 0 && strchr("0123456789abcdefABCDEF", (int)letter) != NULL;

			text[at] = (char)letter;
			ck_assert_msg(
			    hex_decode(text, data, 2) == (is_digit ? ERR_NONE : ERR_VALUE),
			    "character %u at %u", letter, at);
		}
		text[at] = '0';
	}
	ck_assert_int_eq(hex_decode("0x12", data, 2), ERR_VALUE);
	ck_assert_int_eq(hex_decode(" 012", data, 2), ERR_VALUE);
	ck_assert_int_eq(hex_decode("012\n", data, 2), ERR_VALUE);
}
END_TEST

SUITE_MAIN("base/hex", writes_every_byte_in_lower_case, writes_just_the_digits_and_an_end,
    reads_digits_of_either_case, refuses_another_number_of_digits,
    refuses_every_character_that_is_no_digit)
