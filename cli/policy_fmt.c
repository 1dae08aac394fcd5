/*
 * policy_fmt: `malla policy fmt`: policy files in canonical layout.  A file that cannot be read as
 * a policy is left as it is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/policy_errors.h"
#include "policy/format.h"

#define PATH_BYTES_MAX 200u /* of what is written */

/* One run over the files of a command line. */
struct formatting {
	struct cli *cli;
	struct json_out json;
	const char *path;
	bool is_check;   /* --check: tell, and change nothing */
	bool is_written; /* -w: into the file itself */
	bool is_invalid; /* any file */
	bool is_other;   /* any file stands in another layout */

	/* the file */
	struct bytes text;
	struct bytes laid_out;
	struct policy_errors errors;
	bool is_valid, is_canonical;
};

static enum err
lay_out(struct formatting *formatting)
{
	struct policy *policy;
	enum err err = home_read(formatting->path, &formatting->text);

	if (err != ERR_NONE)
		return err;
	err = policy_open(
	    bytes_as_view(&formatting->text), cli_translate, &policy, &formatting->errors);
	if (err == ERR_MEMORY)
		return err;
	formatting->is_valid = err == ERR_NONE;
	if (err != ERR_NONE)
		return ERR_NONE;
	policy_free(policy);
	err = format_policy(bytes_as_view(&formatting->text), &formatting->laid_out);
	formatting->is_canonical = bytes_view_is_equal(
	    bytes_as_view(&formatting->text), bytes_as_view(&formatting->laid_out));
	return err;
}

/* Into the place of the file, with the permissions that it has. */
static enum err
write_back(const struct formatting *formatting)
{
	struct stat facts;

	if (strlen(formatting->path) > PATH_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (lstat(formatting->path, &facts) != 0)
		return ERR_SYSTEM;
	if (!S_ISREG(facts.st_mode)) {
		cli_complain(
		    _("%s: not a regular file, so it is not written anew"), formatting->path);
		return ERR_USAGE;
	}
	return home_write(formatting->path, bytes_as_view(&formatting->laid_out),
	    (unsigned)(facts.st_mode & 0777));
}

static void
tell_json(struct formatting *formatting)
{
	struct json_out *json = &formatting->json;

	json_out_object(json);
	json_out_name(json, "file");
	json_out_string(json, formatting->path);
	json_out_name(json, "valid");
	json_out_bool(json, formatting->is_valid);
	policy_errors_json(json, &formatting->errors);
	if (formatting->is_valid) {
		json_out_name(json, "canonical");
		json_out_bool(json, formatting->is_canonical);
		json_out_name(json, "text");
		json_out_text(json, bytes_as_view(&formatting->laid_out));
	}
	json_out_object_end(json);
}

static void
tell(struct formatting *formatting)
{
	const struct bytes *out = &formatting->laid_out;

	if (formatting->cli->is_json)
		tell_json(formatting);
	else if (!formatting->is_valid)
		policy_errors_print(formatting->cli, formatting->path, &formatting->errors);
	else if (!formatting->is_check && !formatting->is_written)
		(void)fwrite(out->data, 1, out->len, stdout);
	else if (!formatting->is_canonical)
		printf("%s\n", formatting->path);
}

/* An exit code where it cannot be read or written; 0 otherwise. */
static int
format_file(struct formatting *formatting)
{
	enum err err;

	bytes_init(&formatting->text, POLICY_BYTES_MAX + 1);
	bytes_init(&formatting->laid_out, POLICY_BYTES_MAX);
	formatting->errors.count = 0;
	formatting->errors.has_more = false;
	formatting->is_valid = formatting->is_canonical = false;
	err = lay_out(formatting);
	if (err == ERR_NONE && formatting->is_valid && !formatting->is_canonical &&
	    formatting->is_written)
		err = write_back(formatting);
	if (err == ERR_NONE)
		tell(formatting);
	formatting->is_invalid = formatting->is_invalid || !formatting->is_valid;
	formatting->is_other = formatting->is_other || !formatting->is_canonical;
	bytes_release(&formatting->text);
	bytes_release(&formatting->laid_out);
	if (err == ERR_USAGE)
		return err_exit_code(ERR_USAGE);
	return err == ERR_NONE ? 0 : cli_fail(err, formatting->path);
}

static int
format_files(struct formatting *formatting)
{
	struct cli *cli = formatting->cli;
	int code = 0, i;

	if (cli->is_json) {
		json_out_open(&formatting->json, stdout);
		json_out_array(&formatting->json);
	}
	for (i = 0; i < cli->argc && code == 0; i++) {
		formatting->path = cli->argv[i];
		code = format_file(formatting);
	}
	if (cli->is_json) {
		json_out_array_end(&formatting->json);
		json_out_close(&formatting->json);
	}
	if (code == 0 && formatting->is_invalid)
		code = err_exit_code(ERR_INVALID);
	else if (code == 0 && formatting->is_check && formatting->is_other)
		code = err_exit_code(ERR_NOT_FOUND); /* a check that answered no */
	return code;
}

int
policy_fmt_run(struct cli *cli)
{
	struct formatting *formatting = calloc(1, sizeof(*formatting));
	int code;

	if (formatting == NULL)
		return cli_fail(ERR_MEMORY, "policy");
	const struct option_spec specs[] = {
	    {"--check", &formatting->is_check, NULL, NULL, NULL},
	    {"-w", &formatting->is_written, NULL, NULL, NULL},
	};
	formatting->cli = cli;
	if (!options_take(cli, specs, 2) || cli->argc == 0 ||
	    (formatting->is_check && formatting->is_written))
		code = cli_usage(cli);
	else
		code = format_files(formatting);
	free(formatting);
	return code;
}
