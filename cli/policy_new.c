/*
 * policy_new: `malla policy new`: one of the example policies to begin with, and beside it the
 * lists that it names.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/policy_template.h"
#include "policy/policy.h"

#define PATH_BYTES_MAX 200u

static const char suffix[] = ".policy";

static const struct policy_template *
find_file(const char *name, const char *behind)
{
	size_t len = strlen(name), i;

	for (i = 0; i < policy_template_count; i++) {
		const char *known = policy_template_files[i].name;

		if (strncmp(known, name, len) == 0 && strcmp(known + len, behind) == 0)
			return &policy_template_files[i];
	}
	return NULL;
}

static int
wants_template(void)
{
	char names[240] = "";
	size_t i, used = 0;

	for (i = 0; i < policy_template_count; i++) {
		const char *name = policy_template_files[i].name;
		size_t len = strlen(name);

		if (len <= sizeof(suffix) - 1 ||
		    strcmp(name + len - sizeof(suffix) + 1, suffix) != 0)
			continue;
		len -= sizeof(suffix) - 1;
		if (used + len + 3 > sizeof(names))
			break;
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%.*s",
		    used > 0 ? ", " : "", (int)len, name);
	}
	return options_wants("--template", names);
}

static bool
is_there(const char *path)
{
	struct stat facts;

	return lstat(path, &facts) == 0;
}

static int
write_file(const struct cli *cli, const struct policy_template *file, const char *path)
{
	enum err err = strlen(path) > PATH_BYTES_MAX ? ERR_TOO_LARGE : ERR_NONE;

	if (err == ERR_NONE)
		err = home_write(path, bytes_view_of(file->bytes, file->len), 0644);
	if (err != ERR_NONE)
		return cli_fail(err, path);
	cli_say(cli, _("%s: written"), path);
	return 0;
}

/* What the policy names and is not there yet, where the policy is. */
static int
write_lists(const struct cli *cli, const struct policy_template *file, const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash == NULL ? 0 : (int)(slash - path + 1), code = 0;
	char beside[PATH_BYTES_MAX + POLICY_FILE_BYTES_MAX + 1];
	struct policy *policy;
	enum err err = policy_open(bytes_view_of(file->bytes, file->len), NULL, &policy, NULL);
	uint32_t i;

	if (err != ERR_NONE)
		return cli_fail(err, file->name);
	for (i = 0; i < policy->lists_count && code == 0; i++) {
		const char *name = policy->lists[i].file;
		const struct policy_template *list = find_file(name, "");

		(void)snprintf(beside, sizeof(beside), "%.*s%s", folder, path, name);
		if (list != NULL && !is_there(beside))
			code = write_file(cli, list, beside);
	}
	policy_free(policy);
	return code;
}

static int
write_policy(const struct cli *cli, const struct policy_template *file, const char *path)
{
	int code;

	if (is_there(path)) {
		cli_complain(_("%s is there already, and is not written over"), path);
		return err_exit_code(ERR_USAGE);
	}
	code = write_file(cli, file, path);
	if (code == 0)
		code = write_lists(cli, file, path);
	if (code == 0)
		cli_say(cli, _("next: edit it, then malla policy test %s"), path);
	return code;
}

int
policy_new_run(struct cli *cli)
{
	const char *name = NULL, *path = NULL;
	const struct option_spec specs[] = {
	    {"--template", NULL, &name, NULL, NULL},
	    {"-o", NULL, &path, NULL, NULL},
	};
	const struct policy_template *file;

	if (!options_take(cli, specs, 2) || cli->argc != 0)
		return cli_usage(cli);
	file = name == NULL ? NULL : find_file(name, suffix);
	if (file == NULL)
		return wants_template();
	if (path != NULL)
		return write_policy(cli, file, path);
	(void)fwrite(file->bytes, 1, file->len, stdout);
	return 0;
}
