#include "wire/words.h"

#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "wire/record.h"

/* a..z and 0..9 as they are, A..Z small, all else 0 */
static uint8_t
plain(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return (uint8_t)(c + ('a' - 'A'));
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : 0;
}

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

/* A character that does not fit whole is left out with all behind it. */
static void
add(struct walk *walk, const uint8_t *bytes, size_t len)
{
	if (walk->len + len > sizeof(walk->word)) {
		memset(walk->word + walk->len, 0, sizeof(walk->word) - walk->len);
		return;
	}
	memcpy(walk->word + walk->len, bytes, len);
	walk->len += len;
}

static enum err
walk_plain(struct walk *walk, struct bytes_view text)
{
	enum err err = ERR_NONE;
	size_t i;

	for (i = 0; i < text.len && err == ERR_NONE; i++) {
		uint8_t c = plain(text.data[i]);

		if (c == 0)
			err = end_word(walk);
		else if (walk->len < sizeof(walk->word))
			walk->word[walk->len++] = c;
	}
	return err != ERR_NONE ? err : end_word(walk);
}

/* The text is case folded and decomposed: accents are marks of their own. */
static enum err
walk_folded(struct walk *walk, const uint8_t *text, size_t len)
{
	const uc_general_category_t in_word = uc_general_category_or(UC_CATEGORY_L, UC_CATEGORY_N);
	enum err err = ERR_NONE;
	size_t at = 0;

	while (at < len && err == ERR_NONE) {
		ucs4_t c;
		int step = u8_mbtouc(&c, text + at, len - at);

		if (uc_is_general_category(c, in_word))
			add(walk, text + at, (size_t)step);
		else if (!uc_is_general_category(c, UC_CATEGORY_M))
			err = end_word(walk);
		at += (size_t)step;
	}
	return err != ERR_NONE ? err : end_word(walk);
}

static bool
is_plain(struct bytes_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] >= 0x80)
			return false;
	}
	return true;
}

enum err
words_each(struct bytes_view text, words_fn each, void *context)
{
	struct walk walk = {.each = each, .context = context};
	uint8_t *folded;
	size_t len = 0;
	enum err err;

	if (is_plain(text))
		return walk_plain(&walk, text);
	folded = u8_casefold(text.data, text.len, NULL, UNINORM_NFKD, NULL, &len);
	if (folded == NULL)
		return ERR_MEMORY;
	err = walk_folded(&walk, folded, len);
	free(folded);
	return err;
}

enum err
words_of_record(const struct record *record, words_fn each, void *context)
{
	enum err err = words_each(record->body.title, each, context);

	return err != ERR_NONE ? err : words_each(record->body.text, each, context);
}

/* ------------------------------------------------------------------ looking for words */

struct look {
	struct bytes_view text;
	struct bytes_view word; /* that is looked for */
	bool is_missing;
	bool is_any;
};

static enum err
compare(void *context, struct bytes_view word)
{
	const struct look *look = context;

	return bytes_view_is_equal(look->word, word) ? ERR_NO : ERR_NONE; /* found: enough */
}

static enum err
look_for(void *context, struct bytes_view word)
{
	struct look *look = context;
	enum err err;

	look->word = word;
	look->is_any = true;
	err = words_each(look->text, compare, look);
	if (err == ERR_NO)
		return ERR_NONE;
	look->is_missing = true;
	return err == ERR_NONE ? ERR_NO : err;
}

enum err
words_has(struct bytes_view text, struct bytes_view wanted, bool *has)
{
	struct look look = {.text = text};
	enum err err = words_each(wanted, look_for, &look);

	*has = look.is_any && !look.is_missing;
	return err == ERR_NO ? ERR_NONE : err;
}
