#include "cli/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/output.h"

/* drafts of one request: their bytes with headers stay under what one request takes */
/* What one request holds becomes one sealed batch, if it fits: the node adds so much to a draft. */
#define COMPLETED_BYTES 72u
#define CHUNK_BYTES_MAX (BATCH_BYTES_MAX - 2048u)
#define TOLD_MAX 20u

static void
count_reason(struct submit *submit, enum reason reason)
{
	uint32_t i;

	for (i = 0; i < submit->reasons_count; i++) {
		if (submit->reasons[i].reason == reason) {
			submit->reasons[i].count++;
			return;
		}
	}
	if (submit->reasons_count < SUBMIT_REASONS_MAX) {
		submit->reasons[submit->reasons_count].reason = reason;
		submit->reasons[submit->reasons_count++].count = 1;
	}
}

static void
tell(struct submit *submit, const struct draft_place *place, enum reason reason, const char *words)
{
	if (++submit->told > TOLD_MAX) {
		if (submit->told == TOLD_MAX + 1)
			cli_say(submit->cli, _("... more of that kind; the totals follow"));
		return;
	}
	output_progress_end(submit->cli);
	if (place->line > 0)
		cli_complain("%s:%llu: %s%s%s", submit->file, (unsigned long long)place->line,
		    reason == REASON_STORED ? "" : _(reason_text(reason)),
		    reason == REASON_STORED || words[0] == '\0' ? "" : ": ", _(words));
	else
		cli_complain("%s: %.*s: %s%s%s", submit->file, (int)place->id.len,
		    place->id.len > 0 ? (const char *)place->id.data : "",
		    reason == REASON_STORED ? "" : _(reason_text(reason)),
		    reason == REASON_STORED || words[0] == '\0' ? "" : ": ", _(words));
}

static void
on_note(void *context, const struct draft_place *place, enum reason reason, const char *words)
{
	struct submit *submit = context;

	if (reason != REASON_STORED) {
		count_reason(submit, reason);
		if (submit->code == 0 && !submit->keep_going)
			submit->code = reason_exit_code(reason);
	}
	tell(submit, place, reason, words[0] != '\0' ? words : reason_name(reason));
}

/* What the privacy gate stopped, and what may be done about it. */
static void
tell_private(struct submit *submit, const struct submit_outcome *outcome)
{
	if (submit->told++ >= TOLD_MAX)
		return;
	output_progress_end(submit->cli);
	cli_complain(_("%s: %s (%.*s); take it out, or let an approver decide: --ask-approver"),
	    submit->file, _(reason_text((enum reason)outcome->reason)), (int)outcome->words.len,
	    (const char *)outcome->words.data);
}

static void
take_outcome(struct submit *submit, const struct submit_outcome *outcome)
{
	enum reason reason = (enum reason)outcome->reason;

	if (reason == REASON_STORED)
		submit->stored++;
	else if (reason == REASON_DUPLICATE)
		submit->duplicates++;
	else
		submit->refused++;
	if (outcome->peers > submit->most_peers)
		submit->most_peers = outcome->peers;
	submit->held += outcome->held > 0;
	if (reason_is_good(reason)) {
		memcpy(submit->last_id.bytes, outcome->id, sizeof(submit->last_id.bytes));
		return;
	}
	count_reason(submit, reason);
	if (submit->code == 0 && !submit->keep_going)
		submit->code = reason_exit_code(reason);
	if (outcome->words.len > 0)
		tell_private(submit, outcome);
	else if (submit->lists_ids)
		cli_complain("%s (%s)", _(reason_text(reason)), reason_name(reason));
}

/* The answer to the oldest request that is on its way. */
static enum err
take_answer(struct submit *submit)
{
	struct submit_outcome outcome;
	struct submit_body body;
	int code = client_receive(submit->client, &request_submit_body_schema, &body);

	if (code != 0) {
		submit->code = code;
		return ERR_REFUSED;
	}
	submit->seals += body.seals;
	while (schema_list_next(&body.outcomes, &request_outcome_schema, &outcome) == ERR_NONE)
		take_outcome(submit, &outcome);
	output_progress(
	    submit->cli, submit->file, submit->stored + submit->duplicates + submit->refused, 0);
	return ERR_NONE;
}

/* Send what was collected.  The next drafts are read while the node works on it; where it is
   behind, its oldest answer is waited for. */
static enum err
flush(struct submit *submit)
{
	struct submit_arguments arguments = {.drafts = submit->list,
	    .is_dry_run = submit->is_dry_run,
	    .asks_approver = submit->asks_approver,
	    .is_brief = !submit->lists_ids};
	enum err err = ERR_NONE;

	if (submit->list.count == 0)
		return ERR_NONE;
	if (client_waiting(submit->client) == CLIENT_WINDOW)
		err = take_answer(submit);
	if (err == ERR_NONE)
		err =
		    client_send(submit->client, REQUEST_SUBMIT, &request_submit_schema, &arguments);
	submit->list = (struct schema_list){0};
	bytes_clear(&submit->items);
	return err;
}

static enum err
on_draft(void *context, struct bytes_view draft, const struct draft_place *place)
{
	struct submit *submit = context;
	enum err err = ERR_NONE;

	(void)place;
	if (submit->list.count == BATCH_COUNT_MAX ||
	    submit->items.len + draft.len + (submit->list.count + 1) * COMPLETED_BYTES >
		CHUNK_BYTES_MAX)
		err = flush(submit);
	if (err == ERR_NONE)
		err = schema_list_add_bin(&submit->list, &submit->items, draft);
	return err;
}

/* ---------------------------------------------------------------- options */

uint32_t
submit_specs(struct submit_options *options, struct option_spec *specs)
{
	const struct option_spec common[] = {
	    {"--tlp", NULL, &options->tlp, NULL, NULL},
	    {"--to", NULL, NULL, options->to, &options->to_count},
	    {"--label", NULL, NULL, options->labels, &options->labels_count},
	    {"--confidence", NULL, &options->confidence, NULL, NULL},
	    {"--severity", NULL, &options->severity, NULL, NULL},
	    {"--valid-until", NULL, &options->valid_until, NULL, NULL},
	    {"--ask-approver", &options->asks_approver, NULL, NULL, NULL},
	    {"--dry-run", &options->is_dry_run, NULL, NULL, NULL},
	};

	memcpy(specs, common, sizeof(common));
	return sizeof(common) / sizeof(*common) +
	       handling_specs(&options->handling, specs + sizeof(common) / sizeof(*common));
}

/* Whether it names a community and no organisation; then it is in the audience, or *code says why
   it cannot be. */
static bool
is_community(struct submit *submit, const char *to, int *code)
{
	struct audience *audience = &submit->drafts.defaults.audience;
	struct relate_communities *communities = &submit->communities;
	const struct relate_community *found;
	uint32_t count;

	*code = 0;
	if (!submit->has_communities)
		*code = relate_load(submit->cli, submit->client, communities);
	if (*code != 0)
		return true;
	submit->has_communities = true;
	(void)relate_match(communities, to, &count);
	if (count == 0)
		return false;
	if (names_count(&submit->names, to) > 0) {
		cli_complain(_("'%s' fits an organisation and a community: use the id"), to);
		*code = err_exit_code(ERR_USAGE);
		return true;
	}
	found = relate_find(communities, to);
	if (found == NULL)
		*code = err_exit_code(ERR_USAGE);
	else if (audience->has_community &&
		 memcmp(&audience->community, &found->id, sizeof(found->id)) != 0)
		*code = options_wants("--to", _("one community at most"));
	audience->has_community = audience->has_community || found != NULL;
	if (found != NULL)
		audience->community = found->id;
	return true;
}

/* ORG, COMMUNITY, or PERSON@ORG. */
static int
add_recipient(struct submit *submit, const char *to)
{
	struct audience *audience = &submit->drafts.defaults.audience;
	const char *at = strchr(to, '@');
	const struct names_entry *entry = NULL;
	enum err err;
	int code;

	if (is_community(submit, to, &code))
		return code;
	if (at != NULL && audience_is_person_name(bytes_view_of(to, (size_t)(at - to))))
		entry = names_find(&submit->names, at + 1);
	else
		entry = names_find(&submit->names, to), at = NULL;
	if (entry == NULL)
		return err_exit_code(ERR_NOT_FOUND);
	err = at != NULL
		  ? audience_add_person(audience, &entry->org, bytes_view_of(to, (size_t)(at - to)))
		  : audience_add_org(audience, &entry->org);
	return err == ERR_NONE ? 0 : cli_fail(err, to);
}

static int
take_text_options(struct submit *submit, const struct submit_options *options)
{
	struct draft_defaults *defaults = &submit->drafts.defaults;
	uint32_t i;

	if (options->lang != NULL)
		defaults->language = bytes_view_str(options->lang);
	if (options->lang != NULL &&
	    (defaults->language.len < 2 || defaults->language.len > LANGUAGE_BYTES_MAX))
		return options_wants("--lang", _("a language such as es or en"));
	for (i = 0; i < options->labels_count; i++) {
		if (strlen(options->labels[i]) > LABEL_BYTES_MAX || options->labels[i][0] == '\0' ||
		    record_add_text(&defaults->labels, bytes_view_str(options->labels[i])) !=
			ERR_NONE)
			return options_wants("--label", _("1 to 128 bytes, at most 64 of them"));
	}
	return 0;
}

static int
take_options(struct submit *submit, const struct submit_options *options)
{
	struct draft_defaults *defaults = &submit->drafts.defaults;
	unsigned long confidence;
	char *end;
	uint32_t i;
	int code = 0;

	if (options->tlp != NULL) {
		if (!tlp_parse(bytes_view_str(options->tlp), &defaults->tlp))
			return options_wants("--tlp", "clear, green, amber, amber+strict, red");
		defaults->has_tlp = true;
	}
	if (options->confidence != NULL) {
		confidence = strtoul(options->confidence, &end, 10);
		if (options->confidence[0] < '0' || options->confidence[0] > '9' || *end != '\0' ||
		    confidence > 100)
			return options_wants("--confidence", _("a number from 0 to 100"));
		defaults->confidence = (uint8_t)confidence;
	}
	if (options->severity != NULL &&
	    !severity_parse(bytes_view_str(options->severity), &defaults->severity))
		return options_wants("--severity", "low, medium, high, critical");
	if (options->valid_until != NULL &&
	    clock_parse(options->valid_until, &defaults->valid_until_ms) != ERR_NONE)
		return options_wants("--valid-until", _("a time such as 2026-12-31"));
	code = handling_take(&options->handling, &defaults->terms);
	if (code == 0)
		code = take_text_options(submit, options);
	for (i = 0; i < options->to_count && code == 0; i++)
		code = add_recipient(submit, options->to[i]);
	return code;
}

int
submit_open(struct cli *cli, const struct submit_options *options, struct submit **out)
{
	struct submit *submit = calloc(1, sizeof(*submit));
	int code;

	*out = submit;
	if (submit == NULL || drafts_init(&submit->drafts) != ERR_NONE)
		return cli_fail(ERR_MEMORY, "submit");
	submit->cli = cli;
	submit->is_dry_run = options->is_dry_run;
	submit->asks_approver = options->asks_approver;
	submit->file = "-";
	submit->drafts.put = on_draft;
	submit->drafts.note = on_note;
	submit->drafts.context = submit;
	bytes_init(&submit->items, REQUEST_BYTES_MAX);
	if (client_open(&cli->home, &submit->client) != ERR_NONE) {
		submit->client = NULL;
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	}
	code = names_load(cli, submit->client, &submit->names);
	return code == 0 ? take_options(submit, options) : code;
}

int
submit_finish(struct submit *submit)
{
	enum err err = flush(submit);

	/* also behind one that was refused: what was sent before it may have been stored */
	while (client_waiting(submit->client) > 0) {
		enum err answered = take_answer(submit);

		err = err == ERR_NONE ? answered : err;
	}
	output_progress_end(submit->cli);
	if (submit->code == 0 && err != ERR_NONE)
		submit->code = err_exit_code(err);
	return submit->code;
}

void
submit_close(struct submit *submit)
{
	if (submit == NULL)
		return;
	client_close(submit->client);
	bytes_release(&submit->items);
	drafts_release(&submit->drafts);
	free(submit);
}

/* ---------------------------------------------------------------- reporting */

static void
report_json(const struct submit *submit)
{
	const struct drafts *drafts = &submit->drafts;
	struct json_out json;
	uint32_t i;

	json_out_open(&json, stdout);
	json_out_object(&json);
	if (submit->lists_ids && submit->stored + submit->duplicates > 0 && !submit->is_dry_run) {
		json_out_name(&json, "id");
		json_out_hex(&json, submit->last_id.bytes, sizeof(submit->last_id.bytes));
	}
	json_out_name(&json, "dry_run");
	json_out_bool(&json, submit->is_dry_run);
	json_out_name(&json, "understood");
	json_out_number(&json, drafts->understood);
	json_out_name(&json, "kept");
	json_out_number(&json, drafts->kept);
	json_out_name(&json, "left_out");
	json_out_number(&json, drafts->left_out);
	json_out_name(&json, "stored");
	json_out_number(&json, submit->stored);
	json_out_name(&json, "duplicates");
	json_out_number(&json, submit->duplicates);
	json_out_name(&json, "refused");
	json_out_number(&json, drafts->refused + submit->refused);
	json_out_name(&json, "reasons");
	json_out_object(&json);
	for (i = 0; i < submit->reasons_count; i++) {
		json_out_name(&json, reason_name(submit->reasons[i].reason));
		json_out_number(&json, submit->reasons[i].count);
	}
	json_out_object_end(&json);
	json_out_name(&json, "seals");
	json_out_number(&json, submit->seals);
	json_out_name(&json, "held");
	json_out_number(&json, submit->held);
	json_out_name(&json, "peers");
	json_out_number(&json, submit->most_peers);
	json_out_object_end(&json);
	json_out_close(&json);
}

void
submit_report(struct submit *submit)
{
	const struct drafts *drafts = &submit->drafts;
	uint32_t i;

	if (submit->cli->is_json) {
		report_json(submit);
		return;
	}
	if (submit->lists_ids) {
		if (submit->stored > 0 && !submit->is_dry_run)
			printf("%s\n", output_full_id(submit->last_id.bytes));
		if (submit->duplicates > 0)
			cli_say(submit->cli, _("shared before: %s"),
			    output_full_id(submit->last_id.bytes));
	} else {
		printf(_("%llu understood, %llu kept as they are, %llu refused; %llu stored, %llu "
			 "there already; %llu seals\n"),
		    (unsigned long long)drafts->understood, (unsigned long long)drafts->kept,
		    (unsigned long long)(drafts->refused + submit->refused),
		    (unsigned long long)submit->stored, (unsigned long long)submit->duplicates,
		    (unsigned long long)submit->seals);
		for (i = 0; i < submit->reasons_count; i++)
			printf("  %8llu  %s (%s)\n", (unsigned long long)submit->reasons[i].count,
			    _(reason_text(submit->reasons[i].reason)),
			    reason_name(submit->reasons[i].reason));
	}
	if (submit->is_dry_run)
		cli_say(submit->cli, _("nothing was stored (--dry-run)"));
	if (submit->stored > 0 && submit->held > 0)
		cli_say(
		    submit->cli, _("%llu held for an approver"), (unsigned long long)submit->held);
	if (submit->stored > 0)
		cli_say(submit->cli, _("for %llu peers, as policy stands; see malla status"),
		    (unsigned long long)submit->most_peers);
}
