#include "node/change.h"

#include <stdlib.h>
#include <string.h>

#include "store/standing.h"

/* What a change is about, as far as it is here. */
struct target {
	struct record_id id;
	int64_t row;
	struct org_id author;
	enum record_kind kind;
};

static bool
is_same(const struct org_id *a, const struct org_id *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool
change_is_one(enum record_kind kind)
{
	return kind == RECORD_AMENDMENT || kind == RECORD_DISPUTE;
}

/* False: it is not here, or the store failed. */
static bool
find_target(struct core *core, const struct record_id *id, struct target *target)
{
	struct record_row row;
	enum err err = records_get(core->store, id, &row);

	if (err == ERR_NOT_FOUND || core_failed(core, err))
		return false;
	*target = (struct target){.id = *id, .row = row.seq, .author = row.author};
	if (!record_kind_of(row.body, &target->kind)) {
		(void)core_failed(core, ERR_CORRUPT);
		return false;
	}
	return true;
}

/* ---------------------------------------------------------------- may it be stored */

static enum reason
judge_about(const struct target *target, const struct org_id *author, enum record_kind as)
{
	if (as == 0)
		return REASON_STORED; /* anybody disputes anything */
	if (!is_same(&target->author, author))
		return REASON_WRONG_AUTHOR;
	return target->kind == as ? REASON_STORED : REASON_WRONG_TARGET;
}

enum reason
change_judge(struct core *core, const struct record *record, uint32_t more)
{
	uint64_t waiting, about;
	struct target target;
	bool is_here = find_target(core, &record->body.target, &target);
	enum reason reason;

	if (core->failed != ERR_NONE ||
	    core_failed(core, changes_count(core->store, &record->author, &record->body.target,
				  &waiting, &about)))
		return REASON_STORAGE;
	reason = is_here ? judge_about(&target, &record->author, record->body.as) : REASON_STORED;
	if (reason != REASON_STORED)
		return reason;
	if (about >= CHANGES_ABOUT_MAX || (!is_here && waiting + more >= CHANGES_WAITING_MAX))
		return REASON_QUOTA;
	return REASON_STORED;
}

/* What is amended without saying what it was derived from would be bound by it no more; and a
   dispute tells whoever reads it of what it is about. */
static enum reason
judge_terms(const struct record *target, const struct prepared_draft *draft)
{
	if (draft->kind == RECORD_DISPUTE)
		return target->marking.tlp >= TLP_AMBER && draft->tlp < target->marking.tlp
			   ? REASON_LABEL_TOO_LOW
			   : REASON_STORED;
	if (target->has_derived &&
	    (!draft->has_derived || !is_same(&target->derived.author, &draft->derived_author)))
		return REASON_LABEL_TOO_LOW;
	return REASON_STORED;
}

enum reason
change_judge_draft(struct core *core, const struct prepared_draft *draft)
{
	struct record_row row;
	struct target target;
	enum reason reason;

	if (!find_target(core, &draft->target, &target))
		return core->failed == ERR_NONE ? REASON_NOT_FOUND : REASON_STORAGE;
	reason = judge_about(&target, &core->org, draft->as);
	if (reason != REASON_STORED)
		return reason;
	if (core_failed(core, records_get(core->store, &draft->target, &row)) ||
	    core_failed(core, record_decode(row.body, false, &core->record, NULL)))
		return REASON_STORAGE;
	return judge_terms(&core->record, draft);
}

/* ---------------------------------------------------------------- what is about one record */

struct about {
	uint32_t count, cap;
	struct change *at; /* by (created, id) */
};

static enum err
list_change(void *context, const struct change *change)
{
	struct about *about = context;
	void *grown;

	if (about->count == about->cap) {
		uint32_t cap = about->cap == 0 ? 16 : 2 * about->cap;

		grown = realloc(about->at, cap * sizeof(*about->at));
		if (grown == NULL)
			return ERR_MEMORY;
		about->at = grown;
		about->cap = cap;
	}
	about->at[about->count++] = *change;
	return ERR_NONE;
}

/* False: there is nothing, or the store failed; nothing is to be freed. */
static bool
list_about(struct core *core, const struct record_id *id, struct about *about)
{
	*about = (struct about){0};
	if (!core_failed(core, changes_of(core->store, id, list_change, about)) && about->count > 0)
		return true;
	free(about->at);
	return false;
}

/* Whether it is in quarantine; what is erased is not. */
static bool
is_quarantined(struct core *core, const struct change *change)
{
	struct standing standing;

	if (change->is_erased)
		return false;
	return core_failed(core, standing_get(core->store, change->record, &standing)) ||
	       standing.quarantined_ms != 0;
}

static void
set_state(struct core *core, const struct change *change, enum change_state state)
{
	(void)core_failed(core, changes_set(core->store, change, state));
}

/* ---------------------------------------------------------------- disputes */

/* Whether the author of what is disputed, or who disputes it, says something of the dispute. */
static bool
is_answered(struct core *core, const struct change *dispute, const struct org_id *author)
{
	struct about about;
	bool is_it = false;
	uint32_t i;

	if (!list_about(core, &dispute->id, &about))
		return false;
	for (i = 0; i < about.count && !is_it; i++)
		is_it = about.at[i].kind == RECORD_DISPUTE &&
			(is_same(&about.at[i].author, author) ||
			    is_same(&about.at[i].author, &dispute->author)) &&
			!is_quarantined(core, &about.at[i]);
	free(about.at);
	return is_it;
}

static void
settle_disputes(struct core *core, int64_t row, const struct org_id *author, struct about *about)
{
	struct standing before, now;
	uint32_t i;

	if (core_failed(core, standing_get(core->store, row, &before)))
		return;
	now = before;
	now.disputes = 0;
	now.disputed_ms = 0;
	for (i = 0; i < about->count && core->failed == ERR_NONE; i++) {
		struct change *change = &about->at[i];
		bool stands;

		if (change->kind != RECORD_DISPUTE || is_quarantined(core, change))
			continue;
		stands = !before.is_superseded && !is_answered(core, change, author);
		set_state(core, change, stands ? CHANGE_APPLIED : CHANGE_ANSWERED);
		now.disputes += stands;
		if (stands)
			now.disputed_ms = change->created_ms;
	}
	if (core->failed == ERR_NONE &&
	    (now.disputes != before.disputes || now.disputed_ms != before.disputed_ms))
		(void)core_failed(core, standing_put(core->store, &now));
}

/* ---------------------------------------------------------------- versions */

/* This version is superseded by that one, or, NULL, in force.  False: it was so before.  Of an
   amendment it is enough that it is superseded: the first record says which one is in force. */
static bool
supersede(struct core *core, int64_t row, const struct change *by, bool is_first)
{
	struct standing standing;

	if (core_failed(core, standing_get(core->store, row, &standing)))
		return false;
	if (standing.is_superseded == (by != NULL) &&
	    (!is_first || by == NULL ||
		memcmp(&standing.superseded_by, &by->id, sizeof(by->id)) == 0))
		return false;
	standing.is_superseded = by != NULL;
	standing.superseded_ms = by != NULL ? core->now_ms : 0;
	standing.superseded_by = (struct record_id){0};
	if (by != NULL)
		standing.superseded_by = by->id;
	return !core_failed(core, standing_put(core->store, &standing));
}

/* What came before its target, and turned out not to be its author's: somebody has to look. */
static void
set_void(struct core *core, const struct change *change)
{
	struct standing standing;

	if (change->state == CHANGE_VOID)
		return;
	set_state(core, change, CHANGE_VOID);
	if (change->is_erased || core->failed != ERR_NONE ||
	    core_failed(core, standing_get(core->store, change->record, &standing)))
		return;
	standing.quarantined_ms = core->now_ms;
	(void)core_failed(core, standing_put(core->store, &standing));
}

/* The last that counts; NULL: none does. */
static const struct change *
find_latest(struct core *core, const struct target *target, const struct about *about)
{
	const struct change *latest = NULL;
	uint32_t i;

	for (i = 0; i < about->count && core->failed == ERR_NONE; i++) {
		const struct change *change = &about->at[i];

		if (change->kind != RECORD_AMENDMENT)
			continue;
		if (judge_about(target, &change->author, change->as) != REASON_STORED)
			set_void(core, change);
		else if (!is_quarantined(core, change))
			latest = change;
	}
	return latest;
}

static void
settle_version(struct core *core, const struct change *change, const struct change *latest)
{
	struct about about;

	if (is_quarantined(core, change))
		return;
	set_state(core, change, CHANGE_APPLIED);
	if (change->is_erased ||
	    !supersede(core, change->record, change == latest ? NULL : latest, false) ||
	    !list_about(core, &change->id, &about))
		return;
	settle_disputes(core, change->record, &change->author, &about);
	free(about.at);
}

static void
settle_versions(struct core *core, const struct target *target, const struct about *about)
{
	const struct change *latest = find_latest(core, target, about);
	uint32_t i;

	if (latest == NULL || core->failed != ERR_NONE)
		return;
	for (i = 0; i < about->count && core->failed == ERR_NONE; i++) {
		const struct change *change = &about->at[i];

		if (change->kind == RECORD_AMENDMENT &&
		    judge_about(target, &change->author, change->as) == REASON_STORED)
			settle_version(core, change, latest);
	}
	(void)supersede(core, target->row, latest, true);
}

/* Everything that is about one record, from the beginning. */
static void
settle(struct core *core, const struct record_id *id)
{
	struct target target;
	struct about about;

	if (!find_target(core, id, &target) || !list_about(core, id, &about))
		return;
	settle_versions(core, &target, &about);
	if (core->failed == ERR_NONE)
		settle_disputes(core, target.row, &target.author, &about);
	free(about.at);
}

/* ---------------------------------------------------------------- one that came */

/* What it says, decoded; its views do not last. */
static bool
read_change(struct core *core, const struct record_id *id, struct change *out)
{
	struct record_row row;

	if (core_failed(core, records_get(core->store, id, &row)) ||
	    core_failed(core, record_decode(row.body, false, &core->record, NULL)))
		return false;
	*out = (struct change){.record = row.seq,
	    .id = *id,
	    .target = core->record.body.target,
	    .author = core->record.author,
	    .kind = core->record.kind,
	    .as = core->record.body.as,
	    .reason = core->record.body.dispute,
	    .created_ms = core->record.created_ms};
	return true;
}

/* What the change is about; and, if that is a dispute, what that one is about: it may be answered
   by this. */
static void
settle_about(struct core *core, const struct change *change)
{
	struct target target;
	struct change dispute;

	settle(core, &change->target);
	if (core->failed == ERR_NONE && find_target(core, &change->target, &target) &&
	    target.kind == RECORD_DISPUTE && read_change(core, &change->target, &dispute))
		settle(core, &dispute.target);
}

void
change_stored(struct core *core, const struct record_id *id, enum record_kind kind)
{
	struct change change;

	if (change_is_one(kind)) {
		if (!read_change(core, id, &change) ||
		    core_failed(core, changes_put(core->store, &change)))
			return;
		settle_about(core, &change);
	}
	if (core->failed == ERR_NONE && changes_waiting(core->store) > 0)
		settle(core, id);
}

void
change_released(struct core *core, const struct record_id *id)
{
	struct change change;

	if (read_change(core, id, &change) && change_is_one(change.kind))
		settle_about(core, &change);
}
