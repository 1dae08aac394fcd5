#include "wire/words.h"

#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "wire/record.h"

#define STEPS_MAX 8 /* from a letter with several marks to the bare one */

struct walk {
	words_fn each;
	void *context;
	size_t len;
	uint8_t word[WORDS_BYTES_MAX];
};

static enum err
end_word(struct walk *walk)
{
	struct bytes_view word = bytes_view_of(walk->word, walk->len);

	walk->len = 0;
	return word.len == 0 ? ERR_NONE : walk->each(walk->context, word);
}

/* ------------------------------------------------------------------ characters */

/* a..z and 0..9 as they are, A..Z small, all else 0 */
static const uint8_t plain[128] = {['0'] = '0',
    ['1'] = '1',
    ['2'] = '2',
    ['3'] = '3',
    ['4'] = '4',
    ['5'] = '5',
    ['6'] = '6',
    ['7'] = '7',
    ['8'] = '8',
    ['9'] = '9',
    ['A'] = 'a',
    ['B'] = 'b',
    ['C'] = 'c',
    ['D'] = 'd',
    ['E'] = 'e',
    ['F'] = 'f',
    ['G'] = 'g',
    ['H'] = 'h',
    ['I'] = 'i',
    ['J'] = 'j',
    ['K'] = 'k',
    ['L'] = 'l',
    ['M'] = 'm',
    ['N'] = 'n',
    ['O'] = 'o',
    ['P'] = 'p',
    ['Q'] = 'q',
    ['R'] = 'r',
    ['S'] = 's',
    ['T'] = 't',
    ['U'] = 'u',
    ['V'] = 'v',
    ['W'] = 'w',
    ['X'] = 'x',
    ['Y'] = 'y',
    ['Z'] = 'z',
    ['a'] = 'a',
    ['b'] = 'b',
    ['c'] = 'c',
    ['d'] = 'd',
    ['e'] = 'e',
    ['f'] = 'f',
    ['g'] = 'g',
    ['h'] = 'h',
    ['i'] = 'i',
    ['j'] = 'j',
    ['k'] = 'k',
    ['l'] = 'l',
    ['m'] = 'm',
    ['n'] = 'n',
    ['o'] = 'o',
    ['p'] = 'p',
    ['q'] = 'q',
    ['r'] = 'r',
    ['s'] = 's',
    ['t'] = 't',
    ['u'] = 'u',
    ['v'] = 'v',
    ['w'] = 'w',
    ['x'] = 'x',
    ['y'] = 'y',
    ['z'] = 'z'};

/* What does not fit whole is left out, and so is all behind it. */
static void
add(struct walk *walk, ucs4_t c)
{
	uint8_t bytes[6];
	int len = u8_uctomb(bytes, c, sizeof(bytes));

	if (len <= 0)
		return;
	if (walk->len + (size_t)len > sizeof(walk->word)) {
		memset(walk->word + walk->len, 0, sizeof(walk->word) - walk->len);
		walk->len = sizeof(walk->word);
		return;
	}
	memcpy(walk->word + walk->len, bytes, (size_t)len);
	walk->len += (size_t)len;
}

/* The letter without its marks, small: what Unicode decomposes it to, over and over. */
static void
add_folded(struct walk *walk, ucs4_t c)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH], rest[UC_DECOMPOSITION_MAX_LENGTH];
	int rest_count = 0, count, step, i, tag;

	c = uc_tolower(c);
	for (step = 0; step < STEPS_MAX; step++) {
		count = uc_decomposition(c, &tag, parts);
		if (count <= 0)
			break;
		if (rest_count == 0) {
			for (i = 1; i < count; i++)
				rest[rest_count++] = uc_tolower(parts[i]);
		}
		c = uc_tolower(parts[0]);
	}
	add(walk, c);
	for (i = 0; i < rest_count; i++) {
		if (!uc_is_general_category(rest[i], UC_CATEGORY_M))
			add(walk, rest[i]);
	}
}

/* One character that is not ASCII; how many bytes it has. */
static size_t
take_other(struct walk *walk, const uint8_t *at, size_t len, enum err *err)
{
	ucs4_t c;
	int step = u8_mbtouc(&c, at, len);

	if (uc_is_general_category(c, UC_CATEGORY_L) || uc_is_general_category(c, UC_CATEGORY_N))
		add_folded(walk, c);
	else if (!uc_is_general_category(c, UC_CATEGORY_M))
		*err = end_word(walk);
	return (size_t)step;
}

/* As many letters of ASCII as there are; how many bytes. */
static size_t
take_plain(struct walk *walk, const uint8_t *at, size_t len)
{
	size_t room = sizeof(walk->word) - walk->len, i;
	uint8_t *out = walk->word + walk->len;

	for (i = 0; i < len && at[i] < 0x80 && plain[at[i]] != 0; i++) {
		if (i < room)
			out[i] = plain[at[i]];
	}
	walk->len += i < room ? i : room;
	return i;
}

enum err
words_each(struct bytes_view text, words_fn each, void *context)
{
	struct walk walk = {.each = each, .context = context};
	enum err err = ERR_NONE;
	size_t i = 0;

	while (i < text.len && err == ERR_NONE) {
		i += take_plain(&walk, text.data + i, text.len - i);
		if (i == text.len)
			break;
		if (text.data[i] >= 0x80) {
			i += take_other(&walk, text.data + i, text.len - i, &err);
		} else {
			err = end_word(&walk);
			i++;
		}
	}
	return err != ERR_NONE ? err : end_word(&walk);
}

enum err
words_of_record(const struct record *record, words_fn each, void *context)
{
	enum err err = words_each(record->body.title, each, context);

	return err != ERR_NONE ? err : words_each(record->body.text, each, context);
}

/* ------------------------------------------------------------------ looking for words */

struct look {
	const struct record *record;
	struct bytes_view word; /* that is looked for */
	bool is_any;
};

static enum err
compare(void *context, struct bytes_view word)
{
	const struct look *look = context;

	return bytes_view_is_equal(look->word, word) ? ERR_NO : ERR_NONE; /* found: enough */
}

/* ERR_NO: it is missing. */
static enum err
look_for(void *context, struct bytes_view word)
{
	struct look *look = context;

	look->word = word;
	look->is_any = true;
	return words_of_record(look->record, compare, look) == ERR_NO ? ERR_NONE : ERR_NO;
}

bool
words_record_has(const struct record *record, struct bytes_view wanted)
{
	struct look look = {.record = record};

	return words_each(wanted, look_for, &look) == ERR_NONE && look.is_any;
}
