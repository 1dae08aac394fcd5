#include "formats/warninglist.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

bool
warninglist_is(struct bytes_view text)
{
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\r' &&
		    text.data[i] != '\n')
			return text.data[i] == '{';
	}
	return false;
}

static bool
find_kind(const char *type, enum warninglist_kind *kind)
{
	static const struct {
		const char *type;
		enum warninglist_kind kind;
	} kinds[] = {
	    {"string", WARNINGLIST_EQUAL},
	    {"substring", WARNINGLIST_PART},
	    {"hostname", WARNINGLIST_HOST},
	    {"cidr", WARNINGLIST_NETWORK},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(type, kinds[i].type) == 0) {
			*kind = kinds[i].kind;
			return true;
		}
	}
	return false;
}

static enum err
read_values(const json_t *list, enum warninglist_kind kind, warninglist_fn each, void *context,
    char *words, size_t words_size)
{
	const json_t *value;
	enum err err;
	size_t i;

	json_array_foreach(list, i, value)
	{
		if (!json_is_string(value)) {
			(void)snprintf(words, words_size, "list[%zu] is no text", i);
			return ERR_FORMAT;
		}
		err = each(context, kind,
		    bytes_view_of(
			(const uint8_t *)json_string_value(value), json_string_length(value)));
		if (err != ERR_NONE) {
			(void)snprintf(words, words_size, "list[%zu]: %.80s: %s", i,
			    json_string_value(value), err_text(err));
			return err;
		}
	}
	return ERR_NONE;
}

enum err
warninglist_read(
    struct bytes_view text, warninglist_fn each, void *context, char *words, size_t words_size)
{
	enum warninglist_kind kind;
	const char *type;
	json_error_t error;
	json_t *root, *list;
	enum err err = ERR_FORMAT;

	root = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL) {
		(void)snprintf(words, words_size, "line %d: %s", error.line, error.text);
		return ERR_FORMAT;
	}
	type = json_string_value(json_object_get(root, "type"));
	list = json_object_get(root, "list");
	if (type == NULL || !json_is_array(list))
		(void)snprintf(words, words_size, "a warning list has a \"type\" and a \"list\"");
	else if (!find_kind(type, &kind))
		(void)snprintf(words, words_size,
		    "lists of type \"%.40s\" cannot be used: string, substring, hostname or cidr",
		    type);
	else
		err = read_values(list, kind, each, context, words, words_size);
	json_decref(root);
	return err;
}
