/*
 * Text to a predicate, and text to a policy file.  What is accepted is written out, and read back
 * as the same; a policy's canonical layout has its words and gives itself.  What is refused gives
 * messages in valid UTF-8.
 */
#include <assert.h>
#include <string.h>

#include "policy/format.h"
#include "policy/grammar.h"
#include "policy/parse.h"
#include "policy/policy.h"
#include "policy/scan.h"
#include "policy/trial.h"
#include "wire/predicate_text.h"
#include "wire/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_message(const struct parse_error *error)
{
	struct bytes out;

	assert(error->err != ERR_NONE);
	assert(error->line >= 1 && error->column >= 1 && error->width >= 1);
	assert(error->caret <= strlen(error->source));
	bytes_init(&out, 8000);
	parse_error_write(error, "fuzz", &out);
	assert(out.err == ERR_NONE);
	assert(reader_is_text(bytes_as_view(&out), READER_PROSE));
	bytes_release(&out);
}

static void
try_predicate(struct bytes_view text)
{
	static struct predicate predicate, again;
	struct parse_error error;
	struct bytes first, second;

	if (parse_predicate(text, &predicate, &error) != ERR_NONE) {
		check_message(&error);
		return;
	}
	bytes_init(&first, 200000);
	bytes_init(&second, 200000);
	predicate_text_write(&predicate, &first);
	assert(first.err == ERR_NONE);
	if (first.len <= PARSE_BYTES_MAX) {
		assert(parse_predicate(bytes_as_view(&first), &again, &error) == ERR_NONE);
		predicate_text_write(&again, &second);
		assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
	}
	bytes_release(&first);
	bytes_release(&second);
}

/* ------------------------------------------------------------------ files */

static void
open_words(struct scan *scan, struct bytes_view text)
{
	scan_open(scan, text);
	scan->has_keywords = true;
	scan->has_comments = true;
}

/* Word by word; of comments and times from now the blanks do not matter. */
static void
check_words(struct bytes_view text, struct bytes_view laid_out)
{
	struct scan a, b;
	struct scan_token one, other;

	open_words(&a, text);
	open_words(&b, laid_out);
	do {
		scan_next(&a, &one);
		scan_next(&b, &other);
		assert(one.kind == other.kind);
		if (one.kind == TOKEN_COMMENT)
			assert(other.text.len <= one.text.len &&
			       memcmp(one.text.data, other.text.data, other.text.len) == 0);
		else if (one.kind != TOKEN_NOW)
			assert(bytes_view_is_equal(one.text, other.text));
	} while (one.kind != TOKEN_END);
}

static void
check_predicate(const struct predicate *a, const struct predicate *b)
{
	struct bytes first, second;

	bytes_init(&first, 200000);
	bytes_init(&second, 200000);
	predicate_text_write(a, &first);
	predicate_text_write(b, &second);
	assert(first.err == ERR_NONE && second.err == ERR_NONE);
	assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
	bytes_release(&first);
	bytes_release(&second);
}

static void
check_rules(const struct policy *a, const struct policy *b, enum rule_direction direction)
{
	const struct policy_rules *first = policy_rules_of(a, direction);
	const struct policy_rules *second = policy_rules_of(b, direction);
	uint32_t i;

	assert(first->count == second->count);
	for (i = 0; i < first->count; i++) {
		const struct rule *one = &first->at[i], *other = &second->at[i];

		assert(one->action == other->action && one->approvers == other->approvers);
		assert(one->redacted == other->redacted && strcmp(one->name, other->name) == 0);
		check_predicate(&one->where, &other->where);
		check_predicate(&one->party, &other->party);
	}
}

static void
check_layout(const struct policy *policy)
{
	struct policy *again = NULL;
	struct bytes first, second;
	enum err err;

	bytes_init(&first, POLICY_BYTES_MAX);
	bytes_init(&second, POLICY_BYTES_MAX);
	err = format_policy(bytes_as_view(&policy->text), &first);
	assert(err == ERR_NONE || err == ERR_TOO_LARGE);
	if (err == ERR_NONE) {
		check_words(bytes_as_view(&policy->text), bytes_as_view(&first));
		assert(format_policy(bytes_as_view(&first), &second) == ERR_NONE);
		assert(bytes_view_is_equal(bytes_as_view(&first), bytes_as_view(&second)));
		assert(policy_open(bytes_as_view(&first), NULL, &again, NULL) == ERR_NONE);
		assert(again->required.count == policy->required.count);
		assert(again->lists_count == policy->lists_count);
		assert(again->trials_count == policy->trials_count);
		check_rules(policy, again, RULE_OUTBOUND);
		check_rules(policy, again, RULE_INBOUND);
		check_rules(policy, again, RULE_RETENTION);
		policy_free(again);
	}
	bytes_release(&first);
	bytes_release(&second);
}

static void
count_outcome(void *context, const struct trial_outcome *outcome)
{
	(void)outcome;
	(*(uint32_t *)context)++;
}

static void
try_policy(struct bytes_view text)
{
	static struct policy_errors errors;
	struct policy *policy = NULL;
	enum err err = policy_open(text, NULL, &policy, &errors);
	uint32_t i, told = 0;

	assert(err == ERR_NONE || err == ERR_MEMORY || errors.count > 0);
	for (i = 0; i < errors.count; i++)
		check_message(&errors.at[i]);
	if (err != ERR_NONE)
		return;
	check_layout(policy);
	/* a list that is not there is ERR_MISSING */
	err = policy_rehearse(policy);
	assert(err == ERR_NONE || (err == ERR_MISSING && policy->lists_count > 0));
	for (i = 0; err == ERR_NONE && i < policy->trials_count; i++)
		assert(trial_run(policy, &policy->trials[i], count_outcome, &told) == ERR_NONE);
	policy_free(policy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_predicate(bytes_view_of(data, size));
	try_policy(bytes_view_of(data, size));
	return 0;
}
