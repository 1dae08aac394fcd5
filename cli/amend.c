#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/submit.h"

/* What is about another record: the record that the user names, as the node shows it. */
struct amend {
	struct cli *cli;
	struct submit_options options;
	struct submit *submit;
	const char *title, *reason;
	struct show_body body; /* of the record that was asked for last */
	struct record target;
	struct record_id id;    /* of target */
	struct record_id first; /* of the version before all amendments */
};

static int
ask(struct amend *amend, const char *prefix)
{
	struct show_arguments arguments = {bytes_view_str(prefix)};
	int code = client_ask(amend->cli, amend->submit->client, REQUEST_SHOW, &request_show_schema,
	    &arguments, &request_show_body_schema, &amend->body);

	if (code != 0)
		return code;
	record_id_of(amend->body.record, &amend->id);
	if (record_decode(amend->body.record, false, &amend->target, NULL) != ERR_NONE)
		return cli_fail(ERR_INVALID, prefix);
	return 0;
}

/* Whatever version was named, the one in force. */
static int
find_in_force(struct amend *amend, const char *prefix)
{
	struct schema_list versions;
	struct show_version version;
	char digits[65];
	bool is_first = true, is_other = false;
	int code = ask(amend, prefix);

	if (code != 0)
		return code;
	amend->first = amend->id;
	versions = amend->body.versions;
	while (schema_list_next(&versions, &request_version_schema, &version) == ERR_NONE) {
		if (is_first)
			memcpy(amend->first.bytes, version.id, sizeof(version.id));
		is_first = false;
		if (version.state == SHOW_VERSION_IN_FORCE &&
		    memcmp(version.id, amend->id.bytes, sizeof(version.id)) != 0) {
			hex_encode(version.id, sizeof(version.id), digits);
			is_other = true;
		}
	}
	return is_other ? ask(amend, digits) : 0;
}

static bool
is_id(const char *text)
{
	return strlen(text) >= 8 && strlen(text) <= 64;
}

/* ---------------------------------------------------------------- amend */

/* What the options leave unsaid is as it was. */
static void
keep_terms(const struct draft_defaults *given, const struct marking *before, struct marking *out)
{
	const struct marking *said = &given->terms;

	*out = *before;
	if (given->has_tlp)
		out->tlp = given->tlp;
	if (said->permitted != MARKING_UNSTATED)
		out->permitted = said->permitted;
	if (said->attribution != MARKING_UNSTATED)
		out->attribution = said->attribution;
	if (said->notification != MARKING_UNSTATED)
		out->notification = said->notification;
	if (said->resale != MARKING_UNSTATED)
		out->resale = said->resale;
	if (said->start_ms != 0)
		out->start_ms = said->start_ms;
	if (said->end_ms != 0)
		out->end_ms = said->end_ms;
	if (said->purpose.len > 0)
		out->purpose = said->purpose;
	if (said->basis.len > 0)
		out->basis = said->basis;
}

static void
keep_header(const struct amend *amend, struct record *out)
{
	const struct draft_defaults *given = &amend->submit->drafts.defaults;
	const struct record *before = &amend->target;

	keep_terms(given, &before->marking, &out->marking);
	if (audience_is_empty(&given->audience))
		out->audience = before->audience;
	if (given->confidence == CONFIDENCE_UNSTATED)
		out->confidence = before->confidence;
	if (given->severity == SEVERITY_UNSTATED)
		out->severity = before->severity;
	out->valid_from_ms = before->valid_from_ms;
	if (given->valid_until_ms == 0)
		out->valid_until_ms = before->valid_until_ms;
	if (given->labels.count == 0)
		out->labels = before->labels;
	out->language = before->language;
	out->affects = before->affects;
	out->links = before->links;
	out->references_count = before->references_count;
	memcpy(out->references, before->references, sizeof(before->references));
	out->has_derived = before->has_derived;
	out->derived = before->derived;
	/* it does not say any more what the original's bytes say */
	out->source = before->source;
	out->source.original = bytes_view_of(NULL, 0);
}

static void
keep_body(const struct amend *amend, struct drafts *drafts)
{
	const struct record *before = &amend->target;
	struct record_body *body = &drafts->record.body;

	*body = before->body;
	body->as = record_form(before);
	body->target = amend->first;
	if (amend->title != NULL)
		body->title =
		    drafts_text(drafts, bytes_view_str(amend->title), TITLE_BYTES_MAX, false);
	if (amend->options.text != NULL)
		body->text =
		    drafts_text(drafts, bytes_view_str(amend->options.text), TEXT_BYTES_MAX, true);
}

/* TYPE VALUE, again and again, in the place of all observables before; or those. */
static bool
keep_observables(const struct amend *amend, char **values, int count, struct drafts *drafts)
{
	const struct record *before = &amend->target;
	struct record *out = &drafts->record;
	enum observable_type type;
	int i;

	if (count == 0) {
		out->observables_count = before->observables_count;
		memcpy(out->observables, before->observables,
		    before->observables_count * sizeof(before->observables[0]));
		return true;
	}
	for (i = 0; i + 1 < count; i += 2) {
		if (!observable_type_parse(bytes_view_str(values[i]), &type)) {
			cli_complain(_("no such type of observable: %s"), values[i]);
			return false;
		}
		if (!drafts_observable(drafts, type, bytes_view_str(values[i + 1]))) {
			cli_complain(_("%s: no value of this type: %s"), values[i], values[i + 1]);
			return false;
		}
	}
	/* it spoke of the observables before */
	out->body.pattern = bytes_view_of(NULL, 0);
	if (out->observables_count < 2)
		out->body.combine = RECORD_COMBINE_UNSTATED;
	else if (out->body.combine == RECORD_COMBINE_UNSTATED)
		out->body.combine = RECORD_COMBINE_ANY;
	return true;
}

static int
make_amendment(struct amend *amend)
{
	struct draft_place place = {.id = bytes_view_str("amend")};
	struct drafts *drafts = &amend->submit->drafts;

	drafts_begin(drafts, RECORD_AMENDMENT);
	drafts->has_label = true;
	keep_header(amend, &drafts->record);
	keep_body(amend, drafts);
	if (!keep_observables(amend, amend->cli->argv + 1, amend->cli->argc - 1, drafts))
		return err_exit_code(ERR_USAGE);
	return drafts_finish(drafts, &place, true) == ERR_NONE ? 0 : err_exit_code(ERR_MEMORY);
}

/* ---------------------------------------------------------------- both */

static int
finish(struct amend *amend, int code)
{
	struct submit *submit = amend->submit;

	if (code == 0)
		code = submit->code;
	if (code == 0 && submit->drafts.refused == 0)
		code = submit_finish(submit);
	if (submit != NULL && submit->drafts.refused == 0 && code == 0)
		submit_report(submit);
	return code;
}

static int
open_for(struct amend *amend, const char *name)
{
	int code = submit_open(amend->cli, &amend->options, &amend->submit);

	if (code != 0)
		return code;
	amend->submit->file = name;
	amend->submit->lists_ids = true;
	return find_in_force(amend, amend->cli->argv[0]);
}

int
amend_run(struct cli *cli)
{
	struct amend *amend = calloc(1, sizeof(*amend));
	struct option_spec specs[SUBMIT_SPECS_MAX];
	uint32_t count;
	int code;

	if (amend == NULL)
		return cli_fail(ERR_MEMORY, "amend");
	amend->cli = cli;
	count = submit_specs(&amend->options, specs);
	specs[count++] = (struct option_spec){"--text", NULL, &amend->options.text, NULL, NULL};
	specs[count++] = (struct option_spec){"--title", NULL, &amend->title, NULL, NULL};
	if (!options_take(cli, specs, count) || cli->argc % 2 != 1 || !is_id(cli->argv[0])) {
		free(amend);
		return cli_usage(cli);
	}
	code = open_for(amend, "amend");
	if (code == 0)
		code = finish(amend, make_amendment(amend));
	submit_close(amend->submit);
	free(amend);
	return code;
}

/* ---------------------------------------------------------------- dispute */

/* Under the label of what it is about, to its author, unless the user says otherwise. */
static int
make_dispute(struct amend *amend, enum dispute reason)
{
	struct draft_place place = {.id = bytes_view_str("dispute")};
	struct drafts *drafts = &amend->submit->drafts;
	const struct record *target = &amend->target;

	if (amend->options.tlp == NULL) {
		drafts->defaults.has_tlp = true;
		drafts->defaults.tlp = target->marking.tlp;
	}
	if (amend->options.to_count == 0 && target->marking.tlp != TLP_CLEAR &&
	    audience_add_org(&drafts->defaults.audience, &target->author) != ERR_NONE)
		return err_exit_code(ERR_MEMORY);
	drafts_begin(drafts, RECORD_DISPUTE);
	drafts->record.body.target = amend->id;
	drafts->record.body.dispute = reason;
	if (amend->options.text != NULL)
		drafts->record.body.text =
		    drafts_text(drafts, bytes_view_str(amend->options.text), TEXT_BYTES_MAX, true);
	return drafts_finish(drafts, &place, true) == ERR_NONE ? 0 : err_exit_code(ERR_MEMORY);
}

int
amend_dispute_run(struct cli *cli)
{
	struct amend *amend = calloc(1, sizeof(*amend));
	struct option_spec specs[SUBMIT_SPECS_MAX];
	enum dispute reason = DISPUTE_UNSTATED;
	uint32_t count;
	int code;

	if (amend == NULL)
		return cli_fail(ERR_MEMORY, "dispute");
	amend->cli = cli;
	count = submit_specs(&amend->options, specs);
	specs[count++] = (struct option_spec){"--text", NULL, &amend->options.text, NULL, NULL};
	specs[count++] = (struct option_spec){"--reason", NULL, &amend->reason, NULL, NULL};
	if (!options_take(cli, specs, count) || cli->argc != 1 || !is_id(cli->argv[0]))
		code = cli_usage(cli);
	else if (amend->reason == NULL || !dispute_parse(bytes_view_str(amend->reason), &reason))
		code = options_wants(
		    "--reason", "false-positive, outdated, inaccurate, not-permitted, other");
	else
		code = open_for(amend, "dispute");
	if (code == 0)
		code = finish(amend, make_dispute(amend, reason));
	submit_close(amend->submit);
	free(amend);
	return code;
}
