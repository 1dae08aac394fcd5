#include "policy/privacy_number.h"

#include <string.h>

#include "wire/account.h"

#define GROUPS_MAX 24u
#define GROUP_DIGITS_MAX 24u /* what is longer is no number of these */
#define GAP_MAX 3u
#define CARD_DIGITS_MIN 13u
#define CARD_DIGITS_MAX 19u
#define CLABE_DIGITS 18u
#define PHONE_DIGITS_MIN 7u
#define PHONE_DIGITS_MAX 15u
#define NATIONAL_DIGITS 10u
#define CUE_WITHIN 48u
#define PHONE_CUE_WITHIN 32u

/* What stands between two groups of digits. */
enum gap { GAP_END, GAP_SOFT, GAP_LINE, GAP_BLANK, GAP_DASH, GAP_DOT, GAP_BRACKET, GAP_OTHER };

struct run {
	size_t count;
	struct {
		size_t at;
		size_t len;
		enum gap gap; /* behind it */
	} groups[GROUPS_MAX];
};

/* Groups from `first` to `last` that were taken together. */
struct pick {
	size_t first;
	size_t last;
	size_t len;
	uint8_t digits[CARD_DIGITS_MAX + 1];
};

/* ------------------------------------------------------------------ groups */

static enum gap
gap_at(const struct privacy_text *text, size_t at, size_t *len)
{
	enum gap gap = GAP_END, one;
	uint8_t letter;

	for (*len = 0; *len <= GAP_MAX; ++*len) {
		letter = privacy_text_at(text, at + *len);
		if (privacy_text_is_digit(letter))
			return gap;
		if (letter == ' ' || letter == '\t')
			one = GAP_BLANK;
		else if (letter == '\n')
			one = GAP_LINE;
		else if (letter == PRIVACY_FOLD_SOFT)
			one = GAP_SOFT;
		else if (letter == '-' || letter == '_')
			one = GAP_DASH;
		else if (letter == '.')
			one = GAP_DOT;
		else if (letter == '(' || letter == ')')
			one = GAP_BRACKET;
		else if (letter == '/')
			one = GAP_OTHER;
		else
			return GAP_END;
		/* a bracket, or a sign among blanks, is what the gap is; an end of a line above all
		 */
		if (gap == GAP_END || gap == GAP_BLANK)
			gap = one;
		else if (one != GAP_BLANK && gap != GAP_LINE && gap != GAP_BRACKET)
			gap = one == GAP_LINE || one == GAP_BRACKET ? one : GAP_OTHER;
	}
	return GAP_END;
}

static void
read_run(const struct privacy_text *text, size_t at, struct run *out)
{
	size_t len, gap_len;
	enum gap gap;

	out->count = 0;
	while (out->count < GROUPS_MAX) {
		for (len = 0; privacy_text_is_digit(privacy_text_at(text, at + len)) &&
			      len <= GROUP_DIGITS_MAX;
		     len++)
			;
		/* digits that go on as a word are none of the number */
		if (len > GROUP_DIGITS_MAX || privacy_text_is_word(privacy_text_at(text, at + len)))
			break;
		gap = gap_at(text, at + len, &gap_len);
		out->groups[out->count].at = at;
		out->groups[out->count].len = len;
		out->groups[out->count++].gap = gap;
		if (gap == GAP_END)
			return;
		at += len + gap_len;
	}
	if (out->count > 0)
		out->groups[out->count - 1].gap = GAP_END;
}

static size_t
end_of(const struct run *run, size_t group)
{
	return run->groups[group].at + run->groups[group].len;
}

/* Take one group more.  False: then there would be too many digits. */
static bool
pick_more(const struct privacy_text *text, const struct run *run, size_t group, struct pick *pick)
{
	size_t len = run->groups[group].len;

	if (pick->len + len > sizeof(pick->digits))
		return false;
	memcpy(pick->digits + pick->len, text->text + run->groups[group].at, len);
	pick->len += len;
	pick->last = group;
	return true;
}

/* A decimal fraction, or digits that go on as one. */
static bool
is_fraction(const struct privacy_text *text, const struct run *run, const struct pick *pick)
{
	size_t start = run->groups[pick->first].at, end = end_of(run, pick->last);

	if (pick->first == pick->last && start >= 2 && text->text[start - 1] == '.' &&
	    privacy_text_is_digit(text->text[start - 2]))
		return true;
	return privacy_text_at(text, end) == '.' &&
	       privacy_text_is_digit(privacy_text_at(text, end + 1)) && pick->first == pick->last;
}

/* ------------------------------------------------------------------ layouts */

/* Whether the groups' lengths are those of the layout ("4444"), with one sort of gap; what an end
   of a line has cut may be one group in two pieces. */
static bool
has_layout(const struct run *run, const struct pick *pick, const char *layout)
{
	enum gap sort = GAP_END;
	size_t group = pick->first, want;

	for (; *layout != '\0'; layout++) {
		size_t have = 0;

		want = *layout >= 'a' ? (size_t)(*layout - 'a') + 10 : (size_t)(*layout - '0');
		while (group <= pick->last && have < want) {
			enum gap gap = run->groups[group].gap;

			have += run->groups[group].len;
			if (have < want && gap != GAP_SOFT && gap != GAP_LINE)
				return false;
			if (have == want && layout[1] != '\0' && gap != GAP_SOFT &&
			    gap != GAP_LINE) {
				if (sort != GAP_END && gap != sort)
					return false;
				sort = gap;
			}
			group++;
		}
		if (have != want)
			return false;
	}
	return group == pick->last + 1 && sort != GAP_OTHER && sort != GAP_BRACKET;
}

/* Each digit by itself. */
static bool
is_letter_by_letter(const struct run *run, const struct pick *pick)
{
	size_t i;

	for (i = pick->first; i <= pick->last; i++) {
		if (run->groups[i].len != 1 || (i > pick->first && i < pick->last &&
						   run->groups[i].gap != run->groups[i - 1].gap))
			return false;
	}
	return true;
}

/* Two pieces of one number, on two lines. */
static bool
is_cut_by_line(const struct run *run, const struct pick *pick)
{
	enum gap gap = run->groups[pick->first].gap;

	return pick->last == pick->first + 1 && (gap == GAP_LINE || gap == GAP_SOFT);
}

static bool
is_spaced_by_any(const struct run *run, const struct pick *pick)
{
	size_t i;

	for (i = pick->first; i < pick->last; i++) {
		if (run->groups[i].gap == GAP_OTHER || run->groups[i].gap == GAP_BRACKET)
			return false;
	}
	return true;
}

static bool
is_laid_out(const struct run *run, const struct pick *pick, const char *const *layouts)
{
	if (pick->first == pick->last || is_letter_by_letter(run, pick) ||
	    is_cut_by_line(run, pick))
		return true;
	for (; *layouts != NULL; layouts++) {
		if (has_layout(run, pick, *layouts))
			return true;
	}
	return false;
}

/* Whether the number goes on before or behind, over the gap that it has itself. */
static bool
goes_on(const struct run *run, const struct pick *pick)
{
	enum gap before = pick->first > 0 ? run->groups[pick->first - 1].gap : GAP_END;
	enum gap behind = run->groups[pick->last].gap;

	return before == GAP_DASH || before == GAP_DOT || behind == GAP_DASH || behind == GAP_DOT;
}

/* ------------------------------------------------------------------ accounts */

/* Banks (ABM), brokers and the other participants of SPEI: 001 to 168, 600 to 749, 901 to 903. */
static bool
is_bank(const uint8_t *digits)
{
	unsigned bank = (unsigned)(digits[0] - '0') * 100 + (unsigned)(digits[1] - '0') * 10 +
			(unsigned)(digits[2] - '0');

	return (bank >= 1 && bank <= 168) || (bank >= 600 && bank <= 749) ||
	       (bank >= 901 && bank <= 903);
}

static bool
is_clabe(const struct privacy_text *text, const struct run *run, const struct pick *pick)
{
	static const char *const layouts[] = {"33b1", "33c", "44442", "666", "333333", "6b1", "3f",
	    "6c", "5553", "24444", "99", "a8", NULL};
	uint8_t room[CLABE_DIGITS];
	struct bytes out = {room, 0, sizeof(room), sizeof(room), ERR_NONE};

	if (pick->len != CLABE_DIGITS || !is_bank(pick->digits) ||
	    memcmp(pick->digits + 3, "000", 3) == 0 ||
	    account_parse_clabe(bytes_view_of(pick->digits, pick->len), &out) != ERR_NONE)
		return false;
	if (privacy_text_is_cued(
		text, PRIVACY_CUE_ACCOUNT, run->groups[pick->first].at, CUE_WITHIN))
		return is_spaced_by_any(run, pick);
	return is_laid_out(run, pick, layouts) && !goes_on(run, pick);
}

/* The issuers' ranges by their first six digits, ascending, and which lengths they give out. */
/* clang-format off */
static const struct issuer {
	uint32_t first;
	uint32_t last;
	uint8_t shortest;
	uint8_t longest;
} issuers[] = {
    {220000, 220499, 16, 19}, {222100, 272099, 16, 16}, {286900, 286999, 16, 16},
    {300000, 305999, 14, 19}, {309500, 309599, 14, 19}, {340000, 349999, 15, 15},
    {352800, 358999, 16, 19}, {360000, 369999, 14, 19}, {370000, 379999, 15, 15},
    {380000, 399999, 14, 19}, {400000, 499999, 13, 19}, {500000, 509999, 13, 19},
    {510000, 559999, 16, 16}, {560000, 589999, 13, 19}, {601100, 601199, 16, 19},
    {604000, 605999, 13, 19}, {606000, 609999, 16, 16}, {620000, 629999, 16, 19},
    {630000, 639999, 13, 19}, {644000, 659999, 16, 19}, {670000, 679999, 13, 19},
    {810000, 817199, 16, 19}, {979200, 979299, 16, 16},
};
/* clang-format on */

static bool
is_issued(const uint8_t *digits, size_t len)
{
	uint32_t prefix = 0;
	size_t i;

	for (i = 0; i < 6; i++)
		prefix = prefix * 10 + (uint32_t)(digits[i] - '0');
	/* Visa: 13, 16 and 19, no others */
	if (digits[0] == '4' && len != 13 && len != 16 && len != 19)
		return false;
	for (i = 0; i < sizeof(issuers) / sizeof(*issuers); i++) {
		if (prefix >= issuers[i].first && prefix <= issuers[i].last &&
		    len >= issuers[i].shortest && len <= issuers[i].longest)
			return true;
	}
	return false;
}

static bool
is_card(const struct privacy_text *text, const struct run *run, const struct pick *pick)
{
	static const char *const layouts[] = {"4444", "465", "464", "44443", "6d", "88", "6a", "4c",
	    "454", "445", "4441", "44432", NULL};
	uint8_t room[CARD_DIGITS_MAX];
	struct bytes out = {room, 0, sizeof(room), sizeof(room), ERR_NONE};

	if (pick->len < CARD_DIGITS_MIN || pick->len > CARD_DIGITS_MAX ||
	    !is_issued(pick->digits, pick->len) ||
	    account_parse_card(bytes_view_of(pick->digits, pick->len), &out) != ERR_NONE)
		return false;
	if (privacy_text_is_cued(text, PRIVACY_CUE_CARD, run->groups[pick->first].at, CUE_WITHIN))
		return is_spaced_by_any(run, pick);
	return is_laid_out(run, pick, layouts) && !goes_on(run, pick);
}

/* ------------------------------------------------------------------ telephones */

/* ITU-T E.164: the country codes that nobody has. */
static bool
has_country(const uint8_t *digits)
{
	static const char spare[][4] = {"21", "28", "29", "69", "80", "83", "89", "97"};
	/* of those tens, some threes are given out */
	static const char given[][4] = {"211", "212", "213", "216", "218", "290", "291", "297",
	    "298", "299", "690", "691", "692", "800", "808", "970", "971", "972", "973", "974",
	    "975", "976", "977", "979"};
	size_t i;

	if (digits[0] == '0')
		return false;
	if (digits[0] == '1')
		return digits[1] >= '2';
	for (i = 0; i < sizeof(given) / sizeof(*given); i++) {
		if (memcmp(digits, given[i], 3) == 0)
			return true;
	}
	for (i = 0; i < sizeof(spare) / sizeof(*spare); i++) {
		if (memcmp(digits, spare[i], 2) == 0)
			return false;
	}
	return true;
}

/* How many digits an international number has: exactly, where the country says so. */
static size_t
international_len(const uint8_t *digits, size_t len)
{
	if (digits[0] == '1')
		return 11;
	if (memcmp(digits, "521", 3) == 0 && len >= 13)
		return 13;
	return memcmp(digits, "52", 2) == 0 ? 12 : 0;
}

static bool
is_phone_gap(enum gap gap)
{
	return gap == GAP_BLANK || gap == GAP_DASH || gap == GAP_DOT || gap == GAP_BRACKET ||
	       gap == GAP_SOFT;
}

/* Groups from `first` on, as many as a telephone number may have, `max` digits at most. */
static void
pick_phone(const struct privacy_text *text, const struct run *run, size_t first, size_t max,
    struct pick *pick)
{
	size_t group;

	*pick = (struct pick){.first = first, .last = first};
	for (group = first; group < run->count; group++) {
		if (pick->len + run->groups[group].len > max ||
		    !pick_more(text, run, group, pick) || !is_phone_gap(run->groups[group].gap))
			return;
	}
}

/* '+' and a country, or 00 and a country: with the number of digits in the prefix. */
static bool
is_international(const struct privacy_text *text, const struct run *run, size_t first,
    size_t prefix, struct pick *pick)
{
	bool is_cued =
	    privacy_text_is_cued(text, PRIVACY_CUE_PHONE, run->groups[first].at, PHONE_CUE_WITHIN);
	size_t exact;

	pick_phone(text, run, first, PHONE_DIGITS_MAX + prefix, pick);
	if (pick->len < prefix + 8 || !has_country(pick->digits + prefix))
		return false;
	exact = international_len(pick->digits + prefix, pick->len - prefix);
	/* "+52 55 1234 5678 12": the last groups are none of it */
	while (exact > 0 && pick->len > prefix + exact && pick->last > pick->first)
		pick->len -= run->groups[pick->last--].len;
	if (exact > 0)
		return pick->len == prefix + exact;
	return pick->len >= prefix + 10 || is_cued;
}

/* The areas of two digits: Mexico City, Guadalajara, Monterrey. */
static bool
is_short_area(const uint8_t *digits)
{
	return memcmp(digits, "55", 2) == 0 || memcmp(digits, "56", 2) == 0 ||
	       memcmp(digits, "33", 2) == 0 || memcmp(digits, "81", 2) == 0;
}

/* Ten digits laid out as people write them: an area of two or three, and the rest. */
static bool
is_national_layout(const struct run *run, const struct pick *pick, bool has_trunk)
{
	static const char *const short_area[] = {"244", "22222", "28", "2224", "2422", NULL};
	static const char *const long_area[] = {"334", "3322", NULL};
	static const char *const behind_trunk[] = {"a", "37", "28", NULL};
	struct pick plain = *pick;
	struct run even = *run;
	size_t i;

	/* the gap behind the area may be another one, "(55) 1234-5678" */
	if (plain.last > plain.first + 1 && is_phone_gap(even.groups[plain.first].gap))
		even.groups[plain.first].gap = even.groups[plain.first + 1].gap;
	else if (plain.last == plain.first + 1 && even.groups[plain.first].gap == GAP_BRACKET)
		even.groups[plain.first].gap = GAP_BLANK;
	for (i = plain.first; i < plain.last; i++) {
		if (!is_phone_gap(run->groups[i].gap) ||
		    (even.groups[i].gap == GAP_DOT) != (run->groups[i].gap == GAP_DOT))
			return false;
	}
	for (i = 0; is_short_area(pick->digits) && short_area[i] != NULL; i++) {
		if (has_layout(&even, &plain, short_area[i]))
			return true;
	}
	for (i = 0; pick->digits[0] >= '2' && long_area[i] != NULL; i++) {
		if (has_layout(&even, &plain, long_area[i]))
			return true;
	}
	for (i = 0; has_trunk && pick->digits[0] >= '2' && behind_trunk[i] != NULL; i++) {
		if (has_layout(&even, &plain, behind_trunk[i]))
			return true;
	}
	return false;
}

static bool
is_trunk(const struct privacy_text *text, const struct run *run, size_t group)
{
	const uint8_t *at = text->text + run->groups[group].at;
	size_t len = run->groups[group].len;

	return (len == 1 && at[0] == '1') || (len == 2 && memcmp(at, "01", 2) == 0) ||
	       (len == 2 && memcmp(at, "52", 2) == 0) ||
	       (len == 3 && (memcmp(at, "044", 3) == 0 || memcmp(at, "045", 3) == 0));
}

static bool
is_national(const struct privacy_text *text, const struct run *run, size_t first, struct pick *pick)
{
	bool has_trunk = is_trunk(text, run, first) && first + 1 < run->count &&
			 is_phone_gap(run->groups[first].gap);
	size_t area = first + has_trunk, start = run->groups[first].at;
	uint8_t before = start > 0 ? text->text[start - 1] : 0;

	pick_phone(text, run, area, NATIONAL_DIGITS, pick);
	if (pick->len != NATIONAL_DIGITS || !is_national_layout(run, pick, has_trunk))
		return false;
	/* a row of numbers, a version, a date with its hour */
	if ((first > 0 && run->groups[first - 1].gap != GAP_LINE) ||
	    (run->groups[pick->last].gap != GAP_END && run->groups[pick->last].gap != GAP_LINE))
		return false;
	if (before == '-' || before == '.' || before == '/' || before == '_' || before == '$')
		return false;
	pick->first = first;
	return true;
}

/* Whatever follows the word telephone. */
static bool
is_called_phone(
    const struct privacy_text *text, const struct run *run, size_t first, struct pick *pick)
{
	if (!privacy_text_is_cued(text, PRIVACY_CUE_PHONE, run->groups[first].at, PHONE_CUE_WITHIN))
		return false;
	pick_phone(text, run, first, 13, pick);
	return pick->len >= PHONE_DIGITS_MIN;
}

static bool
is_phone(const struct privacy_text *text, const struct run *run, size_t first, struct pick *pick)
{
	size_t start = run->groups[first].at;
	uint8_t before = start > 0 ? text->text[start - 1] : 0;
	bool is_bracketed = before == '(' && start > 1;
	size_t plus = is_bracketed ? start - 2 : start - 1;

	if (start > 0 && text->text[plus] == '+' &&
	    (plus == 0 || !privacy_text_is_word(text->text[plus - 1])) &&
	    is_international(text, run, first, 0, pick))
		return true;
	if (run->groups[first].len >= 2 && run->groups[first].len != 3 &&
	    memcmp(text->text + start, "00", 2) == 0 && !privacy_text_is_word(before) &&
	    before != '.' && is_international(text, run, first, 2, pick) &&
	    (pick->last > pick->first || memcmp(pick->digits, "0052", 4) == 0))
		return true;
	return is_national(text, run, first, pick) || is_called_phone(text, run, first, pick);
}

/* ------------------------------------------------------------------ the whole */

static bool
report(struct privacy_text *text, const struct run *run, const struct pick *pick,
    enum privacy_kind kind)
{
	privacy_text_report(text, kind, kind == PRIVACY_PHONE ? PRIVACY_LIKELY : PRIVACY_CERTAIN,
	    run->groups[pick->first].at, end_of(run, pick->last),
	    bytes_view_of(pick->digits, pick->len));
	return true;
}

/* What begins with group `first`; *last is its last one. */
static bool
find_at(struct privacy_text *text, const struct run *run, size_t first, size_t *last)
{
	struct pick pick = {.first = first, .last = first};
	enum privacy_kind kind = PRIVACY_PHONE;
	bool is_found = false;
	size_t group;

	for (group = first; group < run->count && !is_found; group++) {
		if (!pick_more(text, run, group, &pick))
			break;
		if (pick.len < CARD_DIGITS_MIN || is_fraction(text, run, &pick))
			continue;
		is_found = true;
		if (is_clabe(text, run, &pick))
			kind = PRIVACY_CLABE;
		else if (is_card(text, run, &pick))
			kind = PRIVACY_CARD;
		else
			is_found = false;
	}
	if (!is_found && !is_phone(text, run, first, &pick))
		return false;
	*last = pick.last;
	return report(text, run, &pick, kind);
}

/* Beyond what a run may hold, or what is no number: behind these digits. */
static size_t
behind_digits(const struct privacy_text *text, size_t at)
{
	while (privacy_text_is_word(privacy_text_at(text, at)))
		at++;
	return at;
}

size_t
privacy_number_read(struct privacy_text *text, size_t start)
{
	struct run run;
	size_t group, last, keep;

	read_run(text, start, &run);
	if (run.count == 0)
		return behind_digits(text, start);
	/* of a run that goes on, the last groups are read again with what follows */
	keep = run.count == GROUPS_MAX ? GROUPS_MAX / 3 : run.count;
	for (group = 0; group < keep; group++) {
		if (find_at(text, &run, group, &last)) {
			text->cue[PRIVACY_CUE_PHONE] = 0;
			group = last;
		}
	}
	return group < run.count ? run.groups[group].at : end_of(&run, run.count - 1);
}
