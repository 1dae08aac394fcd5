/*
 * policy_file: `malla policy check` and `malla policy test`: what a policy file says, judged
 * without a node.
 */
#include <stdlib.h>

#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/policy_errors.h"
#include "cli/policy_load.h"
#include "policy/trial.h"

/* One run over the files of a command line. */
struct judging {
	struct cli *cli;
	struct json_out json;
	bool runs_tests;
	bool is_invalid; /* any file */
	uint32_t failed; /* expectations that were not met, of all files */

	struct policy_load file;
	uint32_t met, missed; /* in the file */
};

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
		    decide_by_name(decision->by), decision->reason != REASON_STORED ? " (" : "",
		    decision->reason != REASON_STORED ? reason_name(decision->reason) : "",
		    decision->reason != REASON_STORED ? ")" : "");
}

/* Where the policy says it; 0: it is not the policy that does. */
static unsigned long
line_of(const struct decision *decision)
{
	return decision->required_line > 0 ? decision->required_line : decision->rule_line;
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
	json_out_number(json, line_of(&outcome->decision));
	json_out_name(json, "met");
	json_out_bool(json, outcome->is_met);
	json_out_object_end(json);
}

static void
print_outcome(struct judging *judging, const struct trial_outcome *outcome)
{
	unsigned long line = line_of(&outcome->decision);
	char expected[96], decided[160];

	write_expected(outcome->expect, expected, sizeof(expected));
	write_decided(&outcome->decision, decided, sizeof(decided));
	fprintf(stderr, _("%s:%lu: test \"%s\": expected %s, and it is %s"), judging->file.path,
	    (unsigned long)outcome->expect->line, outcome->trial->name, expected, decided);
	if (line > 0)
		fprintf(stderr, _(" (line %lu)"), line);
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
	enum err err = policy_rehearse(judging->file.policy);
	uint32_t i;

	for (i = 0; i < judging->file.policy->trials_count && err == ERR_NONE; i++)
		err = trial_run(
		    judging->file.policy, &judging->file.policy->trials[i], tell, judging);
	judging->failed += judging->missed;
	return err;
}

/* ------------------------------------------------------------------ one file */

static void
json_file(struct judging *judging)
{
	const struct policy *policy = judging->file.policy;
	struct json_out *json = &judging->json;

	json_out_name(json, "file");
	json_out_string(json, judging->file.path);
	json_out_name(json, "valid");
	json_out_bool(json, policy != NULL && judging->file.is_good);
	policy_errors_json(json, &judging->file.errors);
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
	const struct policy *policy = judging->file.policy;
	unsigned long rules = policy->outbound.count + policy->inbound.count + policy->retain.count;

	if (judging->runs_tests)
		cli_say(judging->cli, _("%s: %lu of %lu expectations met, in %lu tests"),
		    judging->file.path, (unsigned long)judging->met,
		    (unsigned long)(judging->met + judging->missed),
		    (unsigned long)policy->trials_count);
	else
		cli_say(judging->cli, _("%s: \"%s\": %lu rules, %lu lists, %lu tests"),
		    judging->file.path, policy->name, rules, (unsigned long)policy->lists_count,
		    (unsigned long)policy->trials_count);
}

/* An exit code where it cannot be judged; 0 otherwise, whatever is wrong with it. */
static int
judge_file(struct judging *judging, const char *path)
{
	bool is_json = judging->cli->is_json;
	enum err err;

	judging->met = judging->missed = 0;
	err = policy_load_file(&judging->file, judging->cli, path, false);
	judging->is_invalid = judging->is_invalid || (err == ERR_NONE && !judging->file.is_good);
	if (err == ERR_NONE && is_json) {
		json_out_object(&judging->json);
		json_file(judging);
	} else if (err == ERR_NONE) {
		policy_load_complain(&judging->file);
	}
	if (err == ERR_NONE && judging->runs_tests && judging->file.is_good) {
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
	else if (err == ERR_NONE && judging->file.is_good)
		say_file(judging);
	policy_load_release(&judging->file);
	return err == ERR_NONE ? 0 : cli_fail(err, path);
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
		code = judge_file(judging, cli->argv[i]);
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
