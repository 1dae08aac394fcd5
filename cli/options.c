#include "cli/options.h"

#include <string.h>

static const struct option_spec *
find_spec(
    const char *word, const struct option_spec *specs, uint32_t count, const char **inline_value)
{
	size_t len = strcspn(word, "=");
	uint32_t i;

	*inline_value = word[len] == '=' ? word + len + 1 : NULL;
	for (i = 0; i < count; i++) {
		if (strlen(specs[i].name) == len && memcmp(specs[i].name, word, len) == 0)
			return &specs[i];
	}
	return NULL;
}

static bool
set_value(const struct option_spec *spec, const char *value)
{
	if (value == NULL) {
		cli_complain(_("%s wants a value"), spec->name);
		return false;
	}
	if (spec->list != NULL) {
		if (*spec->count == OPTIONS_LIST_MAX) {
			cli_complain(_("%s is given too often"), spec->name);
			return false;
		}
		spec->list[(*spec->count)++] = value;
		return true;
	}
	if (*spec->value != NULL) {
		cli_complain(_("%s is given twice"), spec->name);
		return false;
	}
	*spec->value = value;
	return true;
}

bool
options_take(struct cli *cli, const struct option_spec *specs, uint32_t count)
{
	const struct option_spec *spec;
	const char *value;
	int from, to = 0;
	bool rest = false;

	for (from = 0; from < cli->argc; from++) {
		if (!rest && strcmp(cli->argv[from], "--") == 0) {
			rest = true;
			continue;
		}
		/* a lone dash is standard input */
		if (rest || cli->argv[from][0] != '-' || cli->argv[from][1] == '\0') {
			cli->argv[to++] = cli->argv[from];
			continue;
		}
		spec = find_spec(cli->argv[from], specs, count, &value);
		if (spec == NULL) {
			cli_complain(_("unknown option: %s"), cli->argv[from]);
			return false;
		}
		if (spec->flag != NULL) {
			*spec->flag = true;
			continue;
		}
		if (value == NULL && from + 1 < cli->argc)
			value = cli->argv[++from];
		if (!set_value(spec, value))
			return false;
	}
	cli->argc = to;
	return true;
}

int
options_wants(const char *option, const char *wants)
{
	cli_complain(_("%s wants %s"), option, wants);
	return err_exit_code(ERR_USAGE);
}
