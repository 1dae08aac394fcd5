/*
 * policy_file: `malla policy check` and `malla policy test`: what a policy file says, judged
 * without a node.  Lists are files beside it: a value a line, or MISP's warning lists.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "formats/warninglist.h"
#include "policy/gather.h"
#include "policy/list.h"
#include "policy/policy.h"
#include "policy/trial.h"

#define PATH_BYTES_MAX 4096u
#define WORDS_BYTES_MAX 240u

/* One run over the files of a command line. */
struct judging {
	struct cli *cli;
	struct json_out json;
	const char *path;
	bool runs_tests;
	bool is_invalid; /* any file */
	uint32_t failed; /* expectations that were not met, of all files */

	/* the file */
	struct bytes text;
	struct policy *policy;
	struct policy_errors errors;
	bool has_lists;
	uint32_t met, missed;
};

/* ------------------------------------------------------------------ what is wrong */

static void
json_error(struct json_out *json, const struct parse_error *error)
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

static void
print_errors(const struct judging *judging)
{
	struct bytes words;
	uint32_t i;

	bytes_init(&words, 65536);
	for (i = 0; i < judging->errors.count; i++)
		parse_error_write_in(&judging->errors.at[i], judging->path, cli_translate, &words);
	(void)fwrite(words.data, 1, words.len, stderr);
	bytes_release(&words);
	if (judging->errors.has_more)
		cli_say(judging->cli, _("%s: there are more errors behind these"), judging->path);
}

/* A list that the policy names, or a test, by the line that names it. */
static void
complain_at(struct judging *judging, uint32_t line, const char *what, const char *words)
{
	fprintf(stderr, "%s:%lu: %s: %s\n", judging->path, (unsigned long)line, what, words);
	judging->is_invalid = true;
	judging->has_lists = false;
}

/* ------------------------------------------------------------------ lists */

/* Beside the policy, unless its name is a path from the root. */
static bool
list_path(const struct judging *judging, const struct policy_list *list, char *out)
{
	const char *slash = strrchr(judging->path, '/');
	int folder = list->file[0] == '/' || slash == NULL ? 0 : (int)(slash - judging->path + 1);
	int len = snprintf(out, PATH_BYTES_MAX, "%.*s%s", folder, judging->path, list->file);

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
load_list(struct judging *judging, uint32_t i)
{
	const struct policy_list *list = &judging->policy->lists[i];
	char path[PATH_BYTES_MAX], words[WORDS_BYTES_MAX] = "";
	struct bytes canonical;
	enum err err;

	bytes_init(&canonical, LIST_BYTES_MAX);
	err = list_path(judging, list, path) ? read_list(path, &canonical, words) : ERR_TOO_LARGE;
	if (err == ERR_NONE) {
		err = policy_give_list(judging->policy, i, bytes_as_view(&canonical));
		(void)snprintf(words, sizeof(words), "%s",
		    err == ERR_PROOF ? _("it is not the list whose hash the policy states")
				     : err_text(err));
	}
	if (err != ERR_NONE)
		complain_at(judging, list->line, list->file, words);
	bytes_release(&canonical);
}

/* ------------------------------------------------------------------ tests */

static void
write_expected(const struct trial_step *expect, char *out, size_t size)
{
	bool is_plain = !expect->has_by || expect->by == DECIDE_BY_RULE;
	char approvers[16] = "";

	if (expect->action == RULE_HOLD && expect->approvers > 0)
		(void)snprintf(
		    approvers, sizeof(approvers), "(%lu)", (unsigned long)expect->approvers);
	(void)snprintf(out, size, "%s%s%s%.*s%s%s", rule_action_name(expect->action), approvers,
	    expect->text.len > 0 ? " " : "", (int)expect->text.len, (const char *)expect->text.data,
	    is_plain ? "" : " by ", is_plain ? "" : decide_by_name(expect->by));
}

static void
write_decided(const struct decision *decision, char *out, size_t size)
{
	char approvers[16] = "";

	if (decision->action == RULE_HOLD)
		(void)snprintf(
		    approvers, sizeof(approvers), "(%lu)", (unsigned long)decision->approvers);
	if (decision->by == DECIDE_BY_RULE)
		(void)snprintf(out, size, "%s%s%s%s", rule_action_name(decision->action), approvers,
		    decision->rule_name[0] != '\0' ? " " : "", decision->rule_name);
	else
		(void)snprintf(out, size, "%s by %s%s%s%s", rule_action_name(decision->action),
		    decide_by_name(decision->by),
		    decision->reason != REASON_STORED ? " (" : "",
		    decision->reason != REASON_STORED ? reason_name(decision->reason) : "",
		    decision->reason != REASON_STORED ? ")" : "");
}

static void
json_outcome(struct judging *judging, const struct trial_outcome *outcome)
{
	struct json_out *json = &judging->json;
	char expected[96], decided[160];

	write_expected(outcome->expect, expected, sizeof(expected));
	write_decided(&outcome->decision, decided, sizeof(decided));
	json_out_object(json);
	json_out_name(json, "test");
	json_out_string(json, outcome->trial->name);
	json_out_name(json, "line");
	json_out_number(json, outcome->expect->line);
	json_out_name(json, "peer");
	json_out_text(json, outcome->peer);
	json_out_name(json, "expected");
	json_out_string(json, expected);
	json_out_name(json, "decided");
	json_out_string(json, decided);
	json_out_name(json, "rule_line");
	json_out_number(json, outcome->decision.rule_line);
	json_out_name(json, "met");
	json_out_bool(json, outcome->is_met);
	json_out_object_end(json);
}

static void
print_outcome(struct judging *judging, const struct trial_outcome *outcome)
{
	char expected[96], decided[160];

	write_expected(outcome->expect, expected, sizeof(expected));
	write_decided(&outcome->decision, decided, sizeof(decided));
	fprintf(stderr, _("%s:%lu: test \"%s\": expected %s, and it is %s"), judging->path,
	    (unsigned long)outcome->expect->line, outcome->trial->name, expected, decided);
	if (outcome->decision.rule_line > 0)
		fprintf(stderr, _(" (line %lu)"), (unsigned long)outcome->decision.rule_line);
	fputc('\n', stderr);
}

static void
tell(void *context, const struct trial_outcome *outcome)
{
	struct judging *judging = context;

	judging->met += outcome->is_met;
	judging->missed += !outcome->is_met;
	if (judging->cli->is_json)
		json_outcome(judging, outcome);
	else if (!outcome->is_met)
		print_outcome(judging, outcome);
}

static enum err
run_tests(struct judging *judging)
{
	enum err err = policy_rehearse(judging->policy);
	uint32_t i;

	for (i = 0; i < judging->policy->trials_count && err == ERR_NONE; i++)
		err = trial_run(judging->policy, &judging->policy->trials[i], tell, judging);
	judging->failed += judging->missed;
	return err;
}

/* ------------------------------------------------------------------ one file */

static void
json_file(struct judging *judging)
{
	const struct policy *policy = judging->policy;
	struct json_out *json = &judging->json;
	uint32_t i;

	json_out_name(json, "file");
	json_out_string(json, judging->path);
	json_out_name(json, "valid");
	json_out_bool(json, policy != NULL && judging->has_lists);
	json_out_name(json, "errors");
	json_out_array(json);
	for (i = 0; i < judging->errors.count; i++)
		json_error(json, &judging->errors.at[i]);
	json_out_array_end(json);
	if (policy == NULL)
		return;
	json_out_name(json, "name");
	json_out_string(json, policy->name);
	json_out_name(json, "hash");
	json_out_hex(json, policy->hash.bytes, sizeof(policy->hash.bytes));
	json_out_name(json, "rules");
	json_out_number(
	    json, policy->outbound.count + policy->inbound.count + policy->retain.count);
	json_out_name(json, "lists");
	json_out_number(json, policy->lists_count);
	json_out_name(json, "tests");
	json_out_number(json, policy->trials_count);
}

static void
say_file(struct judging *judging)
{
	const struct policy *policy = judging->policy;
	unsigned long rules = policy->outbound.count + policy->inbound.count + policy->retain.count;

	if (judging->runs_tests)
		cli_say(judging->cli, _("%s: %lu of %lu expectations met, in %lu tests"),
		    judging->path, (unsigned long)judging->met,
		    (unsigned long)(judging->met + judging->missed),
		    (unsigned long)policy->trials_count);
	else
		cli_say(judging->cli, _("%s: \"%s\": %lu rules, %lu lists, %lu tests"),
		    judging->path, policy->name, rules, (unsigned long)policy->lists_count,
		    (unsigned long)policy->trials_count);
}

static enum err
open_file(struct judging *judging)
{
	uint32_t i;
	enum err err = home_read(judging->path, &judging->text);

	if (err != ERR_NONE)
		return err;
	err = policy_open(
	    bytes_as_view(&judging->text), cli_translate, &judging->policy, &judging->errors);
	if (err == ERR_MEMORY)
		return err;
	judging->has_lists = err == ERR_NONE;
	judging->is_invalid = judging->is_invalid || err != ERR_NONE;
	for (i = 0; err == ERR_NONE && i < judging->policy->lists_count; i++)
		load_list(judging, i);
	return ERR_NONE;
}

/* An exit code where it cannot be judged; 0 otherwise, whatever is wrong with it. */
static int
judge_file(struct judging *judging)
{
	bool is_json = judging->cli->is_json;
	enum err err;

	bytes_init(&judging->text, POLICY_BYTES_MAX + 1);
	judging->policy = NULL;
	judging->errors.count = 0;
	judging->errors.has_more = false;
	judging->met = judging->missed = 0;
	err = open_file(judging);
	if (err == ERR_NONE && is_json) {
		json_out_object(&judging->json);
		json_file(judging);
	} else if (err == ERR_NONE) {
		print_errors(judging);
	}
	if (err == ERR_NONE && judging->runs_tests && judging->has_lists) {
		if (is_json) {
			json_out_name(&judging->json, "expectations");
			json_out_array(&judging->json);
		}
		err = run_tests(judging);
		if (is_json)
			json_out_array_end(&judging->json);
	}
	if (err == ERR_NONE && is_json)
		json_out_object_end(&judging->json);
	else if (err == ERR_NONE && judging->has_lists)
		say_file(judging);
	policy_free(judging->policy);
	bytes_release(&judging->text);
	return err == ERR_NONE ? 0 : cli_fail(err, judging->path);
}

static int
judge_files(struct cli *cli, bool runs_tests)
{
	struct judging *judging;
	int code = 0, i;

	if (!options_take(cli, NULL, 0) || cli->argc == 0)
		return cli_usage(cli);
	judging = calloc(1, sizeof(*judging));
	if (judging == NULL)
		return cli_fail(ERR_MEMORY, "policy");
	judging->cli = cli;
	judging->runs_tests = runs_tests;
	if (cli->is_json) {
		json_out_open(&judging->json, stdout);
		json_out_array(&judging->json);
	}
	for (i = 0; i < cli->argc && code == 0; i++) {
		judging->path = cli->argv[i];
		code = judge_file(judging);
	}
	if (cli->is_json) {
		json_out_array_end(&judging->json);
		json_out_close(&judging->json);
	}
	if (code == 0 && judging->is_invalid)
		code = err_exit_code(ERR_INVALID);
	else if (code == 0 && judging->failed > 0)
		code = err_exit_code(ERR_NOT_FOUND); /* a check that answered no */
	free(judging);
	return code;
}

int
policy_file_check(struct cli *cli)
{
	return judge_files(cli, false);
}

int
policy_file_test(struct cli *cli)
{
	return judge_files(cli, true);
}
