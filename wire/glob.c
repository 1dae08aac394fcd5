#include "wire/glob.h"

/* The bytes of the character at `at`, which is inside the text. */
static size_t
character_len(struct bytes_view text, size_t at)
{
	size_t len = 1;

	while (at + len < text.len && (text.data[at + len] & 0xc0) == 0x80)
		len++;
	return len;
}

bool
glob_match(struct bytes_view pattern, struct bytes_view text)
{
	size_t p = 0, t = 0;
	size_t star = 0, resume = 0; /* behind the last `*`, and where its run ends so far */
	bool has_star = false;

	while (t < text.len) {
		if (p < pattern.len && pattern.data[p] == '*') {
			has_star = true;
			star = ++p;
			resume = t;
		} else if (p < pattern.len && pattern.data[p] == '?') {
			p++;
			t += character_len(text, t);
		} else if (p < pattern.len && pattern.data[p] == text.data[t]) {
			p++;
			t++;
		} else if (has_star) {
			/* only the last star ever needs to grow: an earlier one could give nothing
			 * more */
			resume += character_len(text, resume);
			p = star;
			t = resume;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.data[p] == '*')
		p++;
	return p == pattern.len;
}

void
glob_to_sqlite(struct bytes_view pattern, struct bytes *out)
{
	size_t i;

	for (i = 0; i < pattern.len; i++) {
		if (pattern.data[i] == '[')
			bytes_append(out, "[[]", 3);
		else
			bytes_append_u8(out, pattern.data[i]);
	}
}
