#include "node/gate.h"

#include <stdio.h>
#include <string.h>

#include "policy/privacy_record.h"
#include "store/approvals.h"

static bool
is_private(const struct record *record, const struct policy *policy, struct privacy_hit *finding)
{
	struct privacy_own own = policy_own_of(policy);
	struct privacy_report report;

	memset(report.counts, 0, sizeof(report.counts));
	report.count = 0;
	/* what a newer version has put into it was read by whoever understands it */
	privacy_record_scan(record, bytes_view_of(NULL, 0), &own, &report);
	if (report.count > 0)
		*finding = report.hits[0];
	return report.count > 0;
}

bool
gate_holds_draft(struct core *core, const struct prepared_draft *draft, struct bytes_view record,
    struct privacy_hit *finding)
{
	const struct policy_own *own = &core->policy->own;

	*finding = draft->finding;
	if (draft->is_private || own->ranges_count + own->domains_count == 0)
		return draft->is_private;
	if (core_failed(core, record_decode(record, false, &core->record, NULL)))
		return true;
	return is_private(&core->record, core->policy, finding);
}

bool
gate_holds(struct core *core, const struct policy *policy, const struct record *record,
    const struct org_id *via, int64_t row)
{
	bool is_own = via == NULL || memcmp(via, &core->org, sizeof(*via)) == 0;
	struct privacy_hit finding;
	bool has = false;

	if (row == 0)
		return is_private(record, policy, &finding);
	if (is_own && !core->has_private)
		return false;
	if (is_own)
		return core_failed(core, approvals_private_has(core->store, row, &has)) || has;
	if (core->gated.row != row || core->gated.policy != policy ||
	    core->gated.turn != core->turns) {
		core->gated.row = row;
		core->gated.policy = policy;
		core->gated.turn = core->turns;
		core->gated.is_private = is_private(record, policy, &finding);
	}
	return core->gated.is_private;
}

void
gate_words(const struct privacy_hit *finding, char *out, size_t size)
{
	(void)snprintf(out, size, "%s: %s %s", privacy_place_name(finding->place),
	    privacy_kind_name(finding->kind), finding->excerpt);
}
