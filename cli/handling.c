#include "cli/handling.h"

#include <string.h>

#include "base/clock.h"
#include "cli/output.h"
#include "wire/predicate_text.h"

uint32_t
handling_specs(struct handling_options *options, struct option_spec *specs)
{
	const struct option_spec all[HANDLING_SPECS] = {
	    {"--purpose", NULL, &options->purpose, NULL, NULL},
	    {"--basis", NULL, &options->basis, NULL, NULL},
	    {"--permitted", NULL, &options->permitted, NULL, NULL},
	    {"--attribution", NULL, &options->attribution, NULL, NULL},
	    {"--notification", NULL, &options->notification, NULL, NULL},
	    {"--resale", NULL, &options->resale, NULL, NULL},
	    {"--terms-from", NULL, &options->from, NULL, NULL},
	    {"--terms-until", NULL, &options->until, NULL, NULL},
	};

	memcpy(specs, all, sizeof(all));
	return HANDLING_SPECS;
}

/* One of the words that the policy language has for this field.  False: it is none. */
static bool
take_word(const char *text, enum predicate_field field, uint8_t *out)
{
	uint64_t number;

	for (number = 0; text != NULL && number <= predicate_field_most(field); number++) {
		const char *word = predicate_text_number(field, number);

		if (word == NULL || strcmp(word, text) != 0)
			continue;
		*out = (uint8_t)number;
		return true;
	}
	return text == NULL;
}

static bool
take_time(const char *text, uint64_t *out)
{
	return text == NULL || clock_parse(text, out) == ERR_NONE;
}

int
handling_take(const struct handling_options *options, struct marking *marking)
{
	if (options->purpose != NULL)
		marking->purpose = bytes_view_str(options->purpose);
	if (options->basis != NULL)
		marking->basis = bytes_view_str(options->basis);
	if (marking->purpose.len > TERM_BYTES_MAX || marking->basis.len > TERM_BYTES_MAX)
		return options_wants("--purpose, --basis", _("at most 256 bytes"));
	if (!take_word(options->permitted, PREDICATE_PERMITTED, &marking->permitted))
		return options_wants(
		    "--permitted", "none, contact, internal, external-indirect, external-direct");
	if (!take_word(options->attribution, PREDICATE_ATTRIBUTION, &marking->attribution))
		return options_wants("--attribution", "may, must, must-not");
	if (!take_word(options->notification, PREDICATE_NOTIFICATION, &marking->notification))
		return options_wants("--notification", "may, must-not");
	if (!take_word(options->resale, PREDICATE_RESALE, &marking->resale))
		return options_wants("--resale", "may, must-not");
	if (!take_time(options->from, &marking->start_ms) ||
	    !take_time(options->until, &marking->end_ms))
		return options_wants(
		    "--terms-from, --terms-until", _("a time such as 2026-12-31"));
	if (marking->end_ms != 0 && marking->end_ms <= marking->start_ms)
		return options_wants("--terms-until", _("a time after --terms-from"));
	return 0;
}
