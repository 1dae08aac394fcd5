/*
 * submit: drafts on their way to the node: collected, sent in batches, their outcomes told.
 */
#ifndef MALLA_CLI_SUBMIT_H
#define MALLA_CLI_SUBMIT_H

#include "cli/client.h"
#include "cli/handling.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/relate.h"
#include "formats/draft.h"

#define SUBMIT_REASONS_MAX 32u

struct submit {
	struct cli *cli;
	struct client *client;
	struct names names;
	bool has_communities; /* they were asked for */
	struct relate_communities communities;
	struct drafts drafts;
	const char *file; /* what is being read, for messages */
	bool is_dry_run;
	bool asks_approver;
	bool keep_going;  /* beyond the first refusal */
	bool lists_ids;   /* share: print each record's id */
	struct schema_list list;
	struct bytes items;
	uint64_t stored, duplicates, refused; /* by the node */
	uint64_t held, seals, most_peers;
	struct {
		enum reason reason;
		uint64_t count;
	} reasons[SUBMIT_REASONS_MAX]; /* of everything refused, here or there */
	uint32_t reasons_count;
	int code; /* the first failure's exit code */
	struct record_id last_id;
	uint64_t told; /* refusals that were told one by one */
};

/* What `share` and `import` both take. */
struct submit_options {
	const char *tlp;
	const char *to[256];
	uint32_t to_count;
	const char *labels[256];
	uint32_t labels_count;
	struct handling_options handling;
	const char *confidence, *severity, *valid_until, *lang, *text;
	bool is_dry_run;
	bool asks_approver;
};
#define SUBMIT_SPECS_MAX 24u

/* What both know of the command line; returns how many.  Room for SUBMIT_SPECS_MAX, of which some
   are left to the caller. */
uint32_t submit_specs(struct submit_options *options, struct option_spec *specs);
/* Connect, and make the defaults out of the options.  0, or the exit code (said). */
int submit_open(struct cli *cli, const struct submit_options *options, struct submit **out);
/* Send what is left.  Returns the exit code of the whole. */
int submit_finish(struct submit *submit);
void submit_close(struct submit *submit);
/* The summary, as JSON or as words. */
void submit_report(struct submit *submit);

#endif
