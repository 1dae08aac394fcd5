#include "policy/communities.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS 256u
#define SIGNERS_MAX (MEMBERS_MAX + STEWARDS_MAX)

/* One charter, which any number of records are.  Its lists point into its body. */
struct paper {
	struct paper *next; /* of the community, in the order of storing */
	struct hash hash;
	struct record_id record; /* the first */
	struct charter charter;
	struct bytes_view name;
	uint8_t *body;
	uint32_t signers_count;
	struct org_id *signers;
};

/* From when on a charter has been in force. */
struct term {
	const struct paper *paper;
	uint64_t since_ms;
};

struct community {
	struct community *next;
	struct community_id id;
	struct paper *papers;
	uint32_t terms_count;
	struct term *terms;
};

struct communities {
	uint32_t count;
	struct community *buckets[BUCKETS];
};

/* ------------------------------------------------------------------ life */

static void
free_paper(struct paper *paper)
{
	if (paper == NULL)
		return;
	free(paper->body);
	free(paper->signers);
	free(paper);
}

static void
free_community(struct community *community)
{
	while (community->papers != NULL) {
		struct paper *next = community->papers->next;

		free_paper(community->papers);
		community->papers = next;
	}
	free(community->terms);
	free(community);
}

enum err
communities_open(struct communities **out)
{
	*out = calloc(1, sizeof(**out));
	return *out == NULL ? ERR_MEMORY : ERR_NONE;
}

void
communities_clear(struct communities *communities)
{
	uint32_t i;

	for (i = 0; i < BUCKETS; i++) {
		while (communities->buckets[i] != NULL) {
			struct community *next = communities->buckets[i]->next;

			free_community(communities->buckets[i]);
			communities->buckets[i] = next;
		}
	}
	communities->count = 0;
}

void
communities_free(struct communities *communities)
{
	if (communities == NULL)
		return;
	communities_clear(communities);
	free(communities);
}

bool
communities_is_empty(const struct communities *communities)
{
	return communities->count == 0;
}

/* ------------------------------------------------------------------ charters */

static bool
is_same(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct hash)) == 0;
}

static struct community *
find_community(const struct communities *communities, const struct community_id *id)
{
	struct community *community = communities->buckets[id->bytes[0]];

	while (community != NULL && !is_same(&community->id, id))
		community = community->next;
	return community;
}

static bool
has_signed(const struct paper *paper, const struct org_id *org)
{
	uint32_t i;

	for (i = 0; i < paper->signers_count; i++) {
		if (is_same(&paper->signers[i], org))
			return true;
	}
	return false;
}

/* Whether enough of the stewards of `of` are behind the charter. */
static bool
is_carried(const struct paper *paper, const struct charter *of)
{
	uint32_t count = 0, i;

	for (i = 0; i < of->stewards.count; i++) {
		struct org_id steward = org_list_at(&of->stewards, i);

		count += has_signed(paper, &steward);
	}
	return count >= of->threshold;
}

/* Whether it may take the place of the one in force (NULL: none is). */
static bool
may_follow(const struct paper *paper, const struct paper *current)
{
	if (current == NULL)
		return is_carried(paper, &paper->charter);
	if (paper->charter.serial <= current->charter.serial)
		return false;
	/* what lies between may not have been for us */
	if (paper->charter.serial == current->charter.serial + 1 &&
	    !is_same(&paper->charter.previous, &current->hash))
		return false;
	return is_carried(paper, &current->charter);
}

static enum err
put_in_force(struct community *community, const struct paper *paper, uint64_t received_ms)
{
	uint32_t count = community->terms_count;
	struct term *grown = realloc(community->terms, (count + 1) * sizeof(*grown));

	if (grown == NULL)
		return ERR_MEMORY;
	community->terms = grown;
	/* a clock that was put back does not change what came after what */
	if (count > 0 && received_ms < grown[count - 1].since_ms)
		received_ms = grown[count - 1].since_ms;
	grown[count] = (struct term){paper, received_ms};
	community->terms_count++;
	return ERR_NONE;
}

/* Whatever may follow, follows: the lowest serial first, then whichever came first. */
static enum err
advance(struct community *community, uint64_t received_ms)
{
	for (;;) {
		const struct paper *current = NULL, *next = NULL, *paper;
		enum err err;

		if (community->terms_count > 0)
			current = community->terms[community->terms_count - 1].paper;
		for (paper = community->papers; paper != NULL; paper = paper->next) {
			if ((next == NULL || paper->charter.serial < next->charter.serial) &&
			    may_follow(paper, current))
				next = paper;
		}
		if (next == NULL)
			return ERR_NONE;
		err = put_in_force(community, next, received_ms);
		if (err != ERR_NONE)
			return err;
	}
}

static uint32_t
count_papers_of(const struct communities *communities, const struct org_id *author)
{
	const struct community *community;
	const struct paper *paper;
	uint32_t count = 0, i;

	for (i = 0; i < BUCKETS; i++) {
		for (community = communities->buckets[i]; community != NULL;
		     community = community->next) {
			for (paper = community->papers; paper != NULL; paper = paper->next)
				count += has_signed(paper, author);
		}
	}
	return count;
}

static struct community *
make_community(struct communities *communities, const struct community_id *id)
{
	struct community *community = calloc(1, sizeof(*community));

	if (community == NULL)
		return NULL;
	communities->count++;
	community->id = *id;
	community->next = communities->buckets[id->bytes[0]];
	communities->buckets[id->bytes[0]] = community;
	return community;
}

/* A view into `from` as one into the copy `to` of it. */
static const uint8_t *
moved(const uint8_t *at, struct bytes_view from, const uint8_t *to)
{
	assert(at >= from.data && at < from.data + from.len);
	return to + (at - from.data);
}

static struct paper *
copy_paper(const struct record *record)
{
	struct bytes_view body = record->body_bytes;
	struct paper *paper = calloc(1, sizeof(*paper));

	if (paper == NULL)
		return NULL;
	paper->body = malloc(body.len);
	if (paper->body == NULL) {
		free(paper);
		return NULL;
	}
	memcpy(paper->body, body.data, body.len);
	charter_hash(body, &paper->hash);
	record_id_of(record->bytes, &paper->record);
	paper->charter = record->body.charter;
	paper->charter.stewards.first = moved(paper->charter.stewards.first, body, paper->body);
	paper->charter.members.first = moved(paper->charter.members.first, body, paper->body);
	paper->name = bytes_view_of(
	    moved(record->body.title.data, body, paper->body), record->body.title.len);
	return paper;
}

static struct paper *
find_paper(struct community *community, const struct record *record)
{
	struct paper **place = &community->papers;
	struct hash hash;

	charter_hash(record->body_bytes, &hash);
	while (*place != NULL && !is_same(&(*place)->hash, &hash))
		place = &(*place)->next;
	if (*place == NULL)
		*place = copy_paper(record);
	return *place;
}

enum err
communities_add(struct communities *communities, const struct record *record, uint64_t received_ms)
{
	struct community_id id;
	struct community *community;
	struct paper *paper;
	struct org_id *grown;

	assert(record->kind == RECORD_CHARTER && !record->is_draft);
	charter_community(&record->body.charter, record->body_bytes, &id);
	if (count_papers_of(communities, &record->author) >= COMMUNITIES_CHARTERS_MAX)
		return ERR_FULL;
	community = find_community(communities, &id);
	if (community == NULL)
		community = make_community(communities, &id);
	paper = community == NULL ? NULL : find_paper(community, record);
	if (paper == NULL)
		return ERR_MEMORY;
	if (has_signed(paper, &record->author))
		return ERR_NONE;
	if (paper->signers_count == SIGNERS_MAX)
		return ERR_FULL;
	grown = realloc(paper->signers, (paper->signers_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return ERR_MEMORY;
	paper->signers = grown;
	paper->signers[paper->signers_count++] = record->author;
	return advance(community, received_ms);
}

/* ------------------------------------------------------------------ answers */

static const struct term *
term_at(const struct community *community, uint64_t known_ms)
{
	uint32_t i = community == NULL ? 0 : community->terms_count;

	while (i > 0 && community->terms[i - 1].since_ms > known_ms)
		i--;
	return i == 0 ? NULL : &community->terms[i - 1];
}

/* Another charter with the serial of one that was in force, over the same one before. */
static bool
is_forked(const struct community *community, const struct term *last)
{
	const struct term *term;
	const struct paper *paper;

	for (term = community->terms + 1; term <= last; term++) {
		const struct paper *before = term[-1].paper;

		for (paper = community->papers; paper != NULL; paper = paper->next) {
			if (paper != term->paper &&
			    paper->charter.serial == term->paper->charter.serial &&
			    may_follow(paper, before))
				return true;
		}
	}
	return false;
}

static void
describe(const struct community *community, const struct term *term, struct community_charter *out)
{
	*out = (struct community_charter){.id = community->id,
	    .name = term->paper->name,
	    .hash = term->paper->hash,
	    .record = term->paper->record,
	    .charter = &term->paper->charter,
	    .is_forked = is_forked(community, term)};
}

bool
communities_in_force(const struct communities *communities, const struct community_id *id,
    uint64_t known_ms, struct community_charter *out)
{
	const struct community *community = find_community(communities, id);
	const struct term *term = term_at(community, known_ms);

	if (term != NULL && out != NULL)
		describe(community, term, out);
	return term != NULL;
}

bool
communities_lists(const struct communities *communities, const struct community_id *id,
    const struct org_id *org, uint64_t known_ms)
{
	const struct term *term = term_at(find_community(communities, id), known_ms);

	return term != NULL && org_list_has(&term->paper->charter.members, org);
}

enum err
communities_each(
    const struct communities *communities, uint64_t known_ms, communities_fn each, void *context)
{
	const struct community *community;
	struct community_charter out;
	enum err err = ERR_NONE;
	uint32_t i;

	for (i = 0; i < BUCKETS; i++) {
		for (community = communities->buckets[i]; community != NULL && err == ERR_NONE;
		     community = community->next) {
			const struct term *term = term_at(community, known_ms);

			if (term == NULL)
				continue;
			describe(community, term, &out);
			err = each(context, &out);
		}
	}
	return err;
}

struct naming {
	struct bytes_view name;
	uint32_t count;
	struct community_charter found;
};

static enum err
take_name(void *context, const struct community_charter *community)
{
	struct naming *naming = context;

	if (bytes_view_is_equal(community->name, naming->name)) {
		naming->found = *community;
		naming->count++;
	}
	return ERR_NONE;
}

enum err
communities_find(const struct communities *communities, struct bytes_view name, uint64_t known_ms,
    struct community_charter *out)
{
	struct naming naming = {.name = name};
	enum err err = communities_each(communities, known_ms, take_name, &naming);

	if (err != ERR_NONE || naming.count != 1)
		return err != ERR_NONE ? err : naming.count == 0 ? ERR_NOT_FOUND : ERR_VALUE;
	*out = naming.found;
	return ERR_NONE;
}
