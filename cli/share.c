#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/submit.h"
#include "formats/markdown.h"

static uint32_t
fill_specs(struct submit_options *options, struct option_spec *specs)
{
	uint32_t count = submit_specs(options, specs);

	specs[count++] = (struct option_spec){"--text", NULL, &options->text, NULL, NULL};
	return count;
}

static void
make_indicator(struct submit *submit, const struct submit_options *options,
    enum observable_type type, const char *value)
{
	struct draft_place place = {.id = bytes_view_str(value)};
	struct drafts *drafts = &submit->drafts;
	struct observable observable = {.type = type};
	struct bytes canonical;
	enum err err;

	bytes_init(&canonical, OBSERVABLE_BYTES_MAX);
	err = observable_parse(type, bytes_view_str(value), &canonical);
	drafts_begin(drafts, RECORD_INDICATOR);
	if (err != ERR_NONE) {
		submit->code = cli_fail(err, observable_type_name(type));
		bytes_release(&canonical);
		return;
	}
	observable.value = drafts_bytes(drafts, bytes_as_view(&canonical));
	bytes_release(&canonical);
	if (record_add_observable(&drafts->record, &observable) != ERR_NONE)
		drafts_fail(drafts, REASON_OVERSIZED, "");
	if (options->text != NULL)
		drafts->record.body.text =
		    drafts_text(drafts, bytes_view_str(options->text), TEXT_BYTES_MAX, true);
	if (drafts_finish(drafts, &place, true) != ERR_NONE && submit->code == 0)
		submit->code = err_exit_code(ERR_MEMORY);
}

static int
finish(struct submit *submit)
{
	int code = submit->code;

	if (code == 0 && submit->drafts.refused == 0)
		code = submit_finish(submit);
	if (submit->drafts.refused == 0 && (code == 0 || submit->cli->is_json))
		submit_report(submit);
	return code;
}

int
share_indicator_run(struct cli *cli)
{
	struct submit_options options = {0};
	struct option_spec specs[SUBMIT_SPECS_MAX];
	uint32_t count = fill_specs(&options, specs);
	enum observable_type type;
	struct submit *submit;
	int code;

	if (!options_take(cli, specs, count) || cli->argc != 2)
		return cli_usage(cli);
	if (!observable_type_parse(bytes_view_str(cli->argv[0]), &type)) {
		cli_complain(_("no such type of observable: %s"), cli->argv[0]);
		return err_exit_code(ERR_USAGE);
	}
	code = submit_open(cli, &options, &submit);
	if (code == 0) {
		submit->file = "share";
		submit->lists_ids = true;
		make_indicator(submit, &options, type, cli->argv[1]);
		code = finish(submit);
	}
	submit_close(submit);
	return code;
}

static int
share_markdown(struct cli *cli, enum record_kind kind)
{
	struct submit_options options = {0};
	struct option_spec specs[SUBMIT_SPECS_MAX];
	uint32_t count = fill_specs(&options, specs);
	struct submit *submit = NULL;
	struct bytes text;
	const char *path;
	enum err err;
	int code;

	if (!options_take(cli, specs, count) || cli->argc != 1)
		return cli_usage(cli);
	options.lang = cli->lang;
	bytes_init(&text, TEXT_BYTES_MAX + 4096);
	path = strcmp(cli->argv[0], "-") == 0 ? "/dev/stdin" : cli->argv[0];
	err = home_read(path, &text);
	code = err == ERR_NONE ? submit_open(cli, &options, &submit) : cli_fail(err, cli->argv[0]);
	if (code == 0) {
		submit->file = cli->argv[0];
		submit->lists_ids = true;
		err = markdown_read(bytes_as_view(&text), kind, &submit->drafts);
		code = submit->code != 0 ? submit->code : err == ERR_NONE ? 0 : err_exit_code(err);
		submit->code = code;
		code = finish(submit);
	}
	submit_close(submit);
	bytes_release(&text);
	return code;
}

int
share_note_run(struct cli *cli)
{
	return share_markdown(cli, RECORD_NOTE);
}

int
share_advisory_run(struct cli *cli)
{
	return share_markdown(cli, RECORD_ADVISORY);
}

/* ---------------------------------------------------------------- sighting */

/* The record a prefix of an id stands for. */
static int
find_target(struct submit *submit, const char *prefix, struct record_id *id, struct record *record)
{
	struct show_arguments arguments = {bytes_view_str(prefix)};
	struct show_body body;
	int code = client_ask(submit->cli, submit->client, REQUEST_SHOW, &request_show_schema,
	    &arguments, &request_show_body_schema, &body);

	if (code != 0)
		return code;
	record_id_of(body.record, id);
	if (record_decode(body.record, false, record, NULL) != ERR_NONE)
		return cli_fail(ERR_INVALID, prefix);
	return 0;
}

/* A sighting goes under the label of what it is about: to its author, unless --to says whom. */
static void
make_sighting(struct submit *submit, const struct submit_options *options,
    const struct record *target, const struct record_id *id, enum sighting outcome)
{
	struct draft_place place = {.id = bytes_view_str("sighting")};
	struct drafts *drafts = &submit->drafts;

	if (options->tlp == NULL) {
		drafts->defaults.has_tlp = true;
		drafts->defaults.tlp = target->marking.tlp;
	}
	if (options->to_count == 0 && target->marking.tlp != TLP_CLEAR &&
	    audience_add_org(&drafts->defaults.audience, &target->author) != ERR_NONE)
		return;
	drafts_begin(drafts, RECORD_SIGHTING);
	drafts->record.body.target = *id;
	drafts->record.body.outcome = outcome;
	if (options->text != NULL)
		drafts->record.body.text =
		    drafts_text(drafts, bytes_view_str(options->text), TEXT_BYTES_MAX, true);
	if (record_add_reference(&drafts->record, id) != ERR_NONE ||
	    drafts_finish(drafts, &place, true) != ERR_NONE)
		submit->code = err_exit_code(ERR_MEMORY);
}

int
sighting_run(struct cli *cli)
{
	struct submit_options options = {0};
	struct option_spec specs[SUBMIT_SPECS_MAX];
	uint32_t count = fill_specs(&options, specs);
	struct record *target = malloc(sizeof(*target));
	struct submit *submit = NULL;
	struct record_id id;
	enum sighting outcome;
	int code;

	if (target == NULL || !options_take(cli, specs, count) || cli->argc != 2 ||
	    !sighting_parse(bytes_view_str(cli->argv[1]), &outcome) || strlen(cli->argv[0]) < 8 ||
	    strlen(cli->argv[0]) > 64) {
		free(target);
		return cli_usage(cli);
	}
	code = submit_open(cli, &options, &submit);
	if (code == 0) {
		submit->file = "sighting";
		submit->lists_ids = true;
		code = find_target(submit, cli->argv[0], &id, target);
	}
	if (code == 0) {
		make_sighting(submit, &options, target, &id, outcome);
		code = finish(submit);
	}
	submit_close(submit);
	free(target);
	return code;
}
