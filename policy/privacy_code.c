#include "policy/privacy_code.h"

#include <string.h>

#include "wire/account.h"

/* CURP: Instructivo normativo para la asignación de la CURP (DOF 18-10-2021).  RFC: the digit
   of SAT's "procedimiento para obtener la clave del RFC", modulo 11. */
#define CURP_LEN 18u
#define RFC_FIRM_LEN 12u
#define RFC_PERSON_LEN 13u
#define RFC_CUE_WITHIN 48u

/* ------------------------------------------------------------------ dates */

static unsigned
two_digits(const uint8_t *at)
{
	return (unsigned)(at[0] - '0') * 10 + (unsigned)(at[1] - '0');
}

/* Whether YYMMDD is a day; a leap day of a year 00 only where the century has it. */
static bool
is_day(const uint8_t *at, bool may_be_2000)
{
	static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	unsigned year = two_digits(at), month = two_digits(at + 2), day = two_digits(at + 4);

	if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
		return false;
	return month != 2 || day != 29 || (year % 4 == 0 && (year != 0 || may_be_2000));
}

/* ------------------------------------------------------------------ CURP */

static bool
is_state(const uint8_t *at)
{
	static const char states[] = "ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZ"
				     "YNZSNE";
	size_t i;

	for (i = 0; i + 2 < sizeof(states); i += 2) {
		if (memcmp(at, states + i, 2) == 0)
			return true;
	}
	return false;
}

static unsigned
curp_digit(const uint8_t *curp)
{
	unsigned sum = 0, value, i;

	for (i = 0; i + 1 < CURP_LEN; i++) {
		if (privacy_text_is_digit(curp[i]))
			value = curp[i] - (unsigned)'0';
		else if (curp[i] == PRIVACY_FOLD_ENE)
			value = 24;
		else /* the alphabet has an Ñ between N and O */
			value = curp[i] - (unsigned)'A' + 10 + (curp[i] > 'N');
		sum += value * (CURP_LEN - i);
	}
	return (10 - sum % 10) % 10;
}

size_t
privacy_code_curp(struct privacy_text *text, size_t start, size_t end)
{
	struct privacy_compact compact;
	bool is_right;

	privacy_text_compact(text, start, end, &compact);
	if (compact.len != CURP_LEN || privacy_text_is_word(privacy_text_at(text, end)) ||
	    memchr(compact.text, PRIVACY_FOLD_LETTER, compact.len) != NULL ||
	    memchr(compact.text, '&', compact.len) != NULL || !is_state(compact.text + 11) ||
	    !is_day(compact.text + 4, !privacy_text_is_digit(compact.text[16])))
		return 0;
	is_right = (unsigned)(compact.text[17] - '0') == curp_digit(compact.text);
	privacy_text_report(text, PRIVACY_CURP, is_right ? PRIVACY_CERTAIN : PRIVACY_LIKELY, start,
	    end, bytes_view_of(compact.text, compact.len));
	return end;
}

/* ------------------------------------------------------------------ RFC */

static uint8_t
rfc_digit(const uint8_t *rfc, size_t len)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ";
	/* a firm's is preceded by a blank, which is worth 37, at weight 13 */
	unsigned sum = len == RFC_FIRM_LEN ? 37 * 13 : 0, value, weight;
	size_t i;

	for (i = 0; i + 1 < len; i++) {
		weight = (unsigned)(len - i);
		if (rfc[i] == PRIVACY_FOLD_ENE)
			value = 38;
		else
			value = (unsigned)(strchr(alphabet, rfc[i]) - alphabet);
		sum += value * weight;
	}
	value = 11 - sum % 11;
	return (uint8_t)(value == 11 ? '0' : value == 10 ? 'A' : '0' + value);
}

/* How a code is spaced: not at all, between its groups, at a line's end, letter by letter. */
enum spacing { SPACING_NONE, SPACING_GROUPS, SPACING_BREAK, SPACING_LETTERS, SPACING_OTHER };

static enum spacing
spacing_of(const struct privacy_text *text, const struct privacy_compact *compact)
{
	size_t gaps = 0, breaks = 0, at_groups = 0, i, gap;
	uint8_t sign;

	for (i = 1; i < compact->len; i++) {
		gap = compact->at[i] - compact->at[i - 1];
		if (gap == 1)
			continue;
		sign = text->text[compact->at[i] - 1];
		gaps++;
		breaks += sign == '\n' || sign == PRIVACY_FOLD_SOFT;
		at_groups += i == compact->len - 9 || i == compact->len - 3;
	}
	if (gaps == 0)
		return SPACING_NONE;
	if (gaps == compact->len - 1)
		return SPACING_LETTERS;
	if (gaps == at_groups && (gaps == 2 || breaks == 0))
		return SPACING_GROUPS;
	return gaps == 1 && breaks == 1 ? SPACING_BREAK : SPACING_OTHER;
}

/* The whole public, and residents abroad: nobody's. */
static bool
is_generic_rfc(const uint8_t *rfc, size_t len)
{
	return len == RFC_PERSON_LEN &&
	       (memcmp(rfc, "XAXX010101000", len) == 0 || memcmp(rfc, "XEXX010101000", len) == 0);
}

size_t
privacy_code_rfc(struct privacy_text *text, size_t start, size_t end)
{
	bool is_cued = privacy_text_is_cued(text, PRIVACY_CUE_RFC, start, RFC_CUE_WITHIN);
	struct privacy_compact compact;
	enum spacing spacing;
	bool is_right;
	size_t day;

	privacy_text_compact(text, start, end, &compact);
	if ((compact.len != RFC_FIRM_LEN && compact.len != RFC_PERSON_LEN) ||
	    privacy_text_is_word(privacy_text_at(text, end)) ||
	    memchr(compact.text, PRIVACY_FOLD_LETTER, compact.len) != NULL)
		return 0;
	day = compact.len - 9;
	if (!is_day(compact.text + day, true) || is_generic_rfc(compact.text, compact.len) ||
	    memchr(compact.text + day, PRIVACY_FOLD_ENE, 9) != NULL)
		return 0;
	spacing = spacing_of(text, &compact);
	is_right = compact.text[compact.len - 1] == rfc_digit(compact.text, compact.len);
	/* "all 200101 and": what is spaced has to be right, and what has blanks to be called so */
	if (spacing == SPACING_OTHER || (spacing != SPACING_NONE && !is_right) ||
	    (spacing != SPACING_NONE && !is_cued && text->text[compact.at[day] - 1] != '-' &&
		spacing != SPACING_BREAK) ||
	    (!is_right && !is_cued))
		return 0;
	privacy_text_report(text, PRIVACY_RFC, is_right ? PRIVACY_CERTAIN : PRIVACY_LIKELY, start,
	    end, bytes_view_of(compact.text, compact.len));
	return end;
}

/* ------------------------------------------------------------------ IBAN */

#define IBAN_LEN_MIN 15u
#define IBAN_LEN_MAX 34u
#define IBAN_GAP_MAX 2u

/* Groups of four and a rest, or nothing between, or one end of a line, or letter by letter. */
static bool
is_iban_spaced(const struct privacy_text *text, const struct privacy_compact *compact)
{
	size_t gaps = 0, breaks = 0, fours = 0, i;
	uint8_t sign;

	for (i = 1; i < compact->len; i++) {
		if (compact->at[i] == compact->at[i - 1] + 1)
			continue;
		sign = text->text[compact->at[i] - 1];
		gaps++;
		breaks += sign == '\n' || sign == PRIVACY_FOLD_SOFT;
		fours += i % 4 == 0;
	}
	if (gaps == 0 || gaps == compact->len - 1)
		return true;
	if (fours == (compact->len - 1) / 4 && gaps - fours <= (breaks > 0))
		return true;
	return gaps == 1 && breaks == 1;
}

/* Everything that might belong to it, over small gaps. */
static void
gather_iban(const struct privacy_text *text, size_t at, struct privacy_compact *out)
{
	size_t gap = 0;
	uint8_t letter;

	out->len = 0;
	for (; at < text->len && out->len < IBAN_LEN_MAX && gap <= IBAN_GAP_MAX; at++) {
		letter = text->text[at];
		if (letter >= 'a' && letter <= 'z')
			letter = (uint8_t)(letter - 'a' + 'A');
		if ((letter >= 'A' && letter <= 'Z') || privacy_text_is_digit(letter)) {
			out->at[out->len] = at;
			out->text[out->len++] = letter;
			gap = 0;
		} else if (letter != 0 && strchr(" \n\t-.\x02", letter) != NULL) {
			gap++;
		} else {
			return;
		}
	}
}

size_t
privacy_code_iban(struct privacy_text *text, size_t start)
{
	struct privacy_compact compact;
	uint8_t room[IBAN_LEN_MAX];
	struct bytes out;
	size_t len;

	gather_iban(text, start, &compact);
	for (len = compact.len; len >= IBAN_LEN_MIN; len--) {
		size_t end = compact.at[len - 1] + 1;

		if (privacy_text_is_word(privacy_text_at(text, end)))
			continue;
		out = (struct bytes){room, 0, sizeof(room), sizeof(room), ERR_NONE};
		if (account_parse_iban(bytes_view_of(compact.text, len), &out) != ERR_NONE)
			continue;
		compact.len = len;
		if (!is_iban_spaced(text, &compact))
			return 0;
		privacy_text_report(text, PRIVACY_IBAN, PRIVACY_CERTAIN, start, end,
		    bytes_view_of(compact.text, len));
		return end;
	}
	return 0;
}
