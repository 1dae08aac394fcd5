#include "wire/account.h"

#include <stdbool.h>
#include <string.h>

#define PHONE_DIGITS_MIN 8u
#define PHONE_DIGITS_MAX 15u
#define CLABE_DIGITS 18u
#define CARD_DIGITS_MIN 12u
#define CARD_DIGITS_MAX 19u
#define IBAN_CHARS_MAX 34u

struct iban_country {
	char code[3];
	uint8_t len;
};

/* In the order of their codes. */
/* clang-format off */
static const struct iban_country iban_countries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16},
    {"BG", 22}, {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22},
    {"CY", 28}, {"CZ", 24}, {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20},
    {"EG", 29}, {"ES", 24}, {"FI", 18}, {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22},
    {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27}, {"GT", 28}, {"HR", 21}, {"HU", 28},
    {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27}, {"JO", 30}, {"KW", 30},
    {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20}, {"LV", 21},
    {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27},
    {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24},
    {"PL", 28}, {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33},
    {"SA", 24}, {"SC", 31}, {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27},
    {"SO", 23}, {"ST", 25}, {"SV", 28}, {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29},
    {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
};
/* clang-format on */

static bool
is_digit(uint8_t letter)
{
	return letter >= '0' && letter <= '9';
}

/* The bytes to skip at text: one of the characters in `skipped`, or a no-break space. */
static size_t
skip_len(struct bytes_view text, size_t at, const char *skipped)
{
	if (text.data[at] != '\0' && strchr(skipped, text.data[at]) != NULL)
		return 1;
	if (text.len - at >= 2 && text.data[at] == 0xc2 && text.data[at + 1] == 0xa0)
		return 2;
	return 0;
}

/* What is left of text without the skipped characters: letters in upper case and digits, at
   most max of them.  False: something else, or more. */
static bool
compact(struct bytes_view text, const char *skipped, uint8_t *out, size_t max, size_t *len)
{
	size_t at = 0, skip;
	uint8_t letter;

	*len = 0;
	while (at < text.len) {
		skip = skip_len(text, at, skipped);
		if (skip > 0) {
			at += skip;
			continue;
		}
		letter = text.data[at++];
		if (letter >= 'a' && letter <= 'z')
			letter = (uint8_t)(letter - 'a' + 'A');
		if (*len == max || (!is_digit(letter) && (letter < 'A' || letter > 'Z')))
			return false;
		out[(*len)++] = letter;
	}
	return true;
}

static bool
are_digits(const uint8_t *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!is_digit(text[i]))
			return false;
	}
	return true;
}

/* ---------------------------------------------------------------- lines */

static bool
begins_with_tel(struct bytes_view text)
{
	return text.len >= 4 && (text.data[0] | 0x20) == 't' && (text.data[1] | 0x20) == 'e' &&
	       (text.data[2] | 0x20) == 'l' && text.data[3] == ':';
}

/* As in "+44 (0)20 …". */
static bool
has_trunk_digit(struct bytes_view text)
{
	size_t i;

	for (i = 0; i + 3 <= text.len; i++) {
		if (memcmp(text.data + i, "(0)", 3) == 0)
			return true;
	}
	return false;
}

enum err
account_parse_phone(struct bytes_view text, struct bytes *out)
{
	static const char between[] = " \t-.()";
	uint8_t digits[2 + PHONE_DIGITS_MAX];
	size_t at, len, skip, prefix = 2;

	if (has_trunk_digit(text))
		return ERR_VALUE;
	at = begins_with_tel(text) ? 4 : 0;
	while (at < text.len && (skip = skip_len(text, at, between)) > 0)
		at += skip;
	if (at < text.len && text.data[at] == '+') {
		at++;
		prefix = 0;
	}
	if (at == text.len ||
	    !compact(bytes_view_of(text.data + at, text.len - at), between, digits,
		prefix + PHONE_DIGITS_MAX, &len) ||
	    !are_digits(digits, len) || len < prefix + PHONE_DIGITS_MIN)
		return ERR_VALUE;
	if ((prefix > 0 && memcmp(digits, "00", 2) != 0) || digits[prefix] == '0')
		return ERR_VALUE;
	bytes_append_u8(out, '+');
	bytes_append(out, digits + prefix, len - prefix);
	return out->err;
}

/* ---------------------------------------------------------------- accounts */

enum err
account_parse_clabe(struct bytes_view text, struct bytes *out)
{
	static const unsigned weights[] = {3, 7, 1};
	uint8_t digits[CLABE_DIGITS];
	unsigned sum = 0;
	size_t len, i;

	if (!compact(text, " \t-", digits, sizeof(digits), &len) || len != sizeof(digits) ||
	    !are_digits(digits, len) || memcmp(digits, "000", 3) == 0)
		return ERR_VALUE;
	for (i = 0; i < CLABE_DIGITS - 1; i++)
		sum += (unsigned)(digits[i] - '0') * weights[i % 3] % 10;
	if ((unsigned)(digits[CLABE_DIGITS - 1] - '0') != (10 - sum % 10) % 10)
		return ERR_CHECK_DIGIT;
	bytes_append(out, digits, len);
	return out->err;
}

static bool
has_iban_len(const uint8_t *iban, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(iban_countries) / sizeof(*iban_countries); i++) {
		if (memcmp(iban, iban_countries[i].code, 2) == 0)
			return len == iban_countries[i].len;
	}
	return false;
}

/* The number that the letters from start to end spell, A being 10, on top of `rest`. */
static unsigned
iban_rest(const uint8_t *iban, size_t start, size_t end, unsigned rest)
{
	size_t i;

	for (i = start; i < end; i++) {
		if (is_digit(iban[i]))
			rest = (rest * 10 + (unsigned)(iban[i] - '0')) % 97;
		else
			rest = (rest * 100 + (unsigned)(iban[i] - 'A') + 10) % 97;
	}
	return rest;
}

enum err
account_parse_iban(struct bytes_view text, struct bytes *out)
{
	uint8_t iban[IBAN_CHARS_MAX];
	unsigned check;
	size_t len;

	if (!compact(text, " \t-", iban, sizeof(iban), &len) || len < 4 ||
	    !are_digits(iban + 2, 2) || !has_iban_len(iban, len))
		return ERR_VALUE;
	check = (unsigned)(iban[2] - '0') * 10 + (unsigned)(iban[3] - '0');
	/* 00, 01 and 99 are 97, 98 and 02 once more: one account, one IBAN */
	if (check < 2 || check > 98 || iban_rest(iban, 0, 4, iban_rest(iban, 4, len, 0)) != 1)
		return ERR_CHECK_DIGIT;
	bytes_append(out, iban, len);
	return out->err;
}

/* ---------------------------------------------------------------- cards */

static bool
are_all_same(const uint8_t *digits, size_t len)
{
	size_t i;

	for (i = 1; i < len; i++) {
		if (digits[i] != digits[0])
			return false;
	}
	return true;
}

enum err
account_parse_card(struct bytes_view text, struct bytes *out)
{
	uint8_t digits[CARD_DIGITS_MAX];
	unsigned sum = 0, digit;
	size_t len, i;

	if (!compact(text, " \t-", digits, sizeof(digits), &len) || len < CARD_DIGITS_MIN ||
	    !are_digits(digits, len) || are_all_same(digits, len))
		return ERR_VALUE;
	for (i = 0; i < len; i++) {
		digit = (unsigned)(digits[len - 1 - i] - '0') << (i & 1);
		sum += digit > 9 ? digit - 9 : digit;
	}
	if (sum % 10 != 0)
		return ERR_CHECK_DIGIT;
	bytes_append(out, digits, len);
	return out->err;
}
