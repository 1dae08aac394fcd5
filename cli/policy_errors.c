#include "cli/policy_errors.h"

void
policy_errors_print(const struct cli *cli, const char *path, const struct policy_errors *errors)
{
	struct bytes words;
	uint32_t i;

	bytes_init(&words, 65536);
	for (i = 0; i < errors->count; i++)
		parse_error_write_in(&errors->at[i], path, cli_translate, &words);
	(void)fwrite(words.data, 1, words.len, stderr);
	bytes_release(&words);
	if (errors->has_more)
		cli_say(cli, _("%s: there are more errors behind these"), path);
}

static void
tell(struct json_out *json, const struct parse_error *error)
{
	json_out_object(json);
	json_out_name(json, "line");
	json_out_number(json, error->line);
	json_out_name(json, "column");
	json_out_number(json, error->column);
	json_out_name(json, "source");
	json_out_string(json, error->source);
	json_out_name(json, "found");
	json_out_string(json, error->found);
	json_out_name(json, "problem");
	json_out_string(json, error->problem);
	json_out_name(json, "expected");
	json_out_string(json, error->expected);
	json_out_name(json, "suggestion");
	json_out_string(json, error->suggestion);
	json_out_object_end(json);
}

void
policy_errors_json(struct json_out *json, const struct policy_errors *errors)
{
	uint32_t i;

	json_out_name(json, "errors");
	json_out_array(json);
	for (i = 0; i < errors->count; i++)
		tell(json, &errors->at[i]);
	json_out_array_end(json);
}
