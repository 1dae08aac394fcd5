#include "cli/condition.h"

#include <string.h>

#include "policy/parse.h"

/* Authors' names become ids, by what the node knows. */
static enum err
resolve(void *context, struct bytes_view name, struct org_id *org)
{
	const struct names *names = context;
	const struct names_entry *found;
	char text[PREDICATE_TEXT_BYTES_MAX + 1];

	if (name.len > PREDICATE_TEXT_BYTES_MAX)
		return ERR_NOT_FOUND;
	memcpy(text, name.data, name.len);
	text[name.len] = '\0';
	found = names_find(names, text);
	if (found == NULL)
		return ERR_NOT_FOUND;
	*org = found->org;
	return ERR_NONE;
}

int
condition_take(const struct names *names, const char *what, const char *text,
    struct predicate *predicate, struct bytes *encoded)
{
	struct names *known = (struct names *)(uintptr_t)names; /* only looked at */
	struct parse_error error;
	struct bytes words;
	enum err err;

	err = parse_predicate_in(bytes_view_str(text), cli_translate, predicate, &error);
	if (err != ERR_NONE) {
		bytes_init(&words, 4096);
		parse_error_write_in(&error, what, cli_translate, &words);
		(void)fwrite(words.data, 1, words.len, stderr);
		bytes_release(&words);
		return err_exit_code(ERR_INVALID);
	}
	err = predicate_resolve_authors(predicate, resolve, known, NULL);
	if (err != ERR_NONE)
		return err_exit_code(ERR_NOT_FOUND);
	err = predicate_encode(predicate, encoded);
	return err == ERR_NONE ? 0 : cli_fail(err, text);
}
