#include "cli/policy_load.h"

#include <errno.h>
#include <string.h>

#include "base/home.h"
#include "cli/policy_errors.h"
#include "formats/warninglist.h"
#include "policy/gather.h"

#define PATH_BYTES_MAX 4096u
#define WORDS_BYTES_MAX 240u

void
policy_load_complain(const struct policy_load *load)
{
	policy_errors_print(load->cli, load->path, &load->errors);
}

/* A list that the policy names, or a test, by the line that names it. */
static void
complain_at(struct policy_load *load, uint32_t line, const char *what, const char *words)
{
	fprintf(stderr, "%s:%lu: %s: %s\n", load->path, (unsigned long)line, what, words);
	load->is_good = false;
}

/* ------------------------------------------------------------------ lists */

/* Beside the policy, unless its name is a path from the root. */
static bool
list_path(const struct policy_load *load, const struct policy_list *list, char *out)
{
	const char *slash = strrchr(load->path, '/');
	int folder = list->file[0] == '/' || slash == NULL ? 0 : (int)(slash - load->path + 1);
	int len = snprintf(out, PATH_BYTES_MAX, "%.*s%s", folder, load->path, list->file);

	return len > 0 && len < (int)PATH_BYTES_MAX;
}

static enum err
gather_value(void *context, enum warninglist_kind kind, struct bytes_view value)
{
	struct gather *gather = context;
	struct bytes pattern;
	enum err err;

	switch (kind) {
	case WARNINGLIST_EQUAL:
		return gather_equal(gather, value);
	case WARNINGLIST_NETWORK:
		return gather_within(gather, value);
	case WARNINGLIST_HOST:
		if (value.len > 0 && value.data[0] == '.')
			value = bytes_view_of(value.data + 1, value.len - 1);
		return gather_under(gather, value);
	case WARNINGLIST_PART:
		break;
	}
	bytes_init(&pattern, PREDICATE_PATTERN_BYTES_MAX);
	bytes_append_u8(&pattern, '*');
	bytes_append(&pattern, value.data, value.len);
	bytes_append_u8(&pattern, '*');
	err = pattern.err != ERR_NONE ? pattern.err : gather_like(gather, bytes_as_view(&pattern));
	bytes_release(&pattern);
	return err;
}

static enum err
gather_lines(struct gather *gather, struct bytes_view text, char words[WORDS_BYTES_MAX])
{
	unsigned long line = 0;
	size_t start = 0, end;
	enum err err = ERR_NONE;

	for (; start < text.len && err == ERR_NONE; start = end + 1) {
		const uint8_t *found = memchr(text.data + start, '\n', text.len - start);

		end = found == NULL ? text.len : (size_t)(found - text.data);
		line++;
		err = gather_line(gather, bytes_view_of(text.data + start, end - start));
	}
	if (err != ERR_NONE)
		(void)snprintf(words, WORDS_BYTES_MAX, _("line %lu: %s"), line, err_text(err));
	return err;
}

static enum err
read_list(const char *path, struct bytes *canonical, char words[WORDS_BYTES_MAX])
{
	struct gather gather;
	struct bytes text;
	enum err err;

	bytes_init(&text, LIST_BYTES_MAX);
	gather_init(&gather);
	err = home_read(path, &text);
	if (err != ERR_NONE)
		(void)snprintf(words, WORDS_BYTES_MAX, "%s",
		    err == ERR_SYSTEM ? strerror(errno) : err_text(err));
	else if (warninglist_is(bytes_as_view(&text)))
		err = warninglist_read(
		    bytes_as_view(&text), gather_value, &gather, words, WORDS_BYTES_MAX);
	else
		err = gather_lines(&gather, bytes_as_view(&text), words);
	if (err == ERR_NONE) {
		err = gather_finish(&gather, canonical);
		if (err != ERR_NONE)
			(void)snprintf(words, WORDS_BYTES_MAX, "%s", err_text(err));
	}
	gather_release(&gather);
	bytes_release(&text);
	return err;
}

static void
load_list(struct policy_load *load, uint32_t i)
{
	const struct policy_list *list = &load->policy->lists[i];
	char path[PATH_BYTES_MAX], words[WORDS_BYTES_MAX] = "";
	struct bytes *canonical = &load->lists[i];
	enum err err;

	err = list_path(load, list, path) ? read_list(path, canonical, words) : ERR_TOO_LARGE;
	if (err == ERR_NONE) {
		err = policy_give_list(load->policy, i, bytes_as_view(canonical));
		(void)snprintf(words, sizeof(words), "%s",
		    err == ERR_PROOF ? _("it is not the list whose hash the policy states")
				     : err_text(err));
	}
	if (err != ERR_NONE)
		complain_at(load, list->line, list->file, words);
	if (!load->keeps_lists)
		bytes_release(canonical);
}

/* ------------------------------------------------------------------ one file */

enum err
policy_load_file(struct policy_load *load, struct cli *cli, const char *path, bool keeps_lists)
{
	uint32_t i;
	enum err err;

	load->cli = cli;
	load->path = path;
	load->policy = NULL;
	load->errors.count = 0;
	load->errors.has_more = false;
	load->keeps_lists = keeps_lists;
	bytes_init(&load->text, POLICY_BYTES_MAX + 1);
	for (i = 0; i < POLICY_LISTS_MAX; i++)
		bytes_init(&load->lists[i], LIST_BYTES_MAX);
	err = home_read(path, &load->text);
	if (err != ERR_NONE)
		return err;
	err = policy_open(bytes_as_view(&load->text), cli_translate, &load->policy, &load->errors);
	if (err == ERR_MEMORY)
		return err;
	load->is_good = err == ERR_NONE;
	for (i = 0; err == ERR_NONE && i < load->policy->lists_count; i++)
		load_list(load, i);
	return ERR_NONE;
}

void
policy_load_release(struct policy_load *load)
{
	uint32_t i;

	policy_free(load->policy);
	load->policy = NULL;
	bytes_release(&load->text);
	for (i = 0; i < POLICY_LISTS_MAX; i++)
		bytes_release(&load->lists[i]);
}
