/*
 * relations_cases COUNT SEED: random statements and charters of six organisations, in whatever
 * order, and what policy/relations answers as of random moments; a line each, for relations.py.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/relations.h"

#define ORGS 6u
#define HASHES 64u
#define LETTERS "abcdef"

static uint64_t state;
static struct record made, decoded;
static struct bytes bytes;

/* splitmix64: the same cases from the same seed, everywhere */
static uint32_t
below(uint32_t bound)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % bound);
}

static struct org_id
org(uint32_t i)
{
	struct org_id id;

	memset(id.bytes, LETTERS[i], sizeof(id.bytes));
	return id;
}

static void
must(bool is)
{
	if (!is) {
		(void)fputs("relations_cases: a case could not be made\n", stderr);
		exit(EXIT_FAILURE);
	}
}

static void
put_hex(const uint8_t id[32])
{
	uint32_t i;

	for (i = 0; i < 32; i++)
		printf("%02x", id[i]);
}

/* ---------------------------------------------------------------- one story */

struct story {
	struct relations *relations;
	uint64_t stored_ms;
	struct community_id community; /* one that was founded; the last */
	uint32_t founded;
	struct hash hashes[HASHES]; /* of its charters */
	uint64_t serials[HASHES];
	uint32_t hashes_count;
};

static void
begin(enum record_kind kind, uint32_t author, uint64_t created_ms)
{
	record_init(&made, kind, TLP_AMBER);
	made.is_draft = false;
	made.author = org(author);
	made.created_ms = created_ms;
	made.nonce.bytes[0] = (uint8_t)below(256);
	made.nonce.bytes[1] = (uint8_t)below(256);
}

static void
store(struct story *story, struct record_id *id)
{
	bytes_clear(&bytes);
	must(record_encode(&made, &bytes) == ERR_NONE);
	must(record_decode(bytes_as_view(&bytes), false, &decoded, NULL) == ERR_NONE);
	record_id_of(bytes_as_view(&bytes), id);
	must(relations_add(story->relations, &decoded, id, story->stored_ms) == ERR_NONE);
}

/* Some of the organisations, as a set of bits. */
static struct org_list
some(uint32_t set, struct org_id *orgs)
{
	uint32_t count = 0, i;

	for (i = 0; i < ORGS; i++) {
		if (set >> i & 1)
			orgs[count++] = org(i);
	}
	return org_list_of(orgs, count);
}

static void
put_set(uint32_t set)
{
	uint32_t i;

	for (i = 0; i < ORGS; i++) {
		if (set >> i & 1)
			putchar(LETTERS[i]);
	}
	if (set == 0)
		putchar('-');
	putchar(' ');
}

static void
tell_charter(struct story *story)
{
	struct org_id members[ORGS], stewards[ORGS];
	uint32_t author = below(ORGS), listed = 1 + below(63), leading, count, i, base;
	struct charter *charter = &made.body.charter;
	struct record_id id;
	struct hash hash;
	bool is_first = story->founded == 0;

	begin(RECORD_CHARTER, author, story->stored_ms);
	leading = (below(3) > 0 ? 3u : 1 + below(63)) | (is_first ? 1u << author : 0);
	made.body.title = bytes_view_str("name");
	charter->serial = 1;
	if (!is_first) {
		base = below(story->hashes_count);
		charter->serial = story->serials[base] + 1 + (below(4) == 0 ? below(3) : 0);
		charter->has_community = charter->has_previous = true;
		charter->community = story->community;
		charter->previous = story->hashes[base];
		listed = below(3) == 0 ? listed : 7; /* so that bodies come up again */
	}
	charter->members = some(listed, members);
	charter->stewards = some(leading, stewards);
	for (count = 0, i = 0; i < ORGS; i++)
		count += leading >> i & 1;
	charter->threshold = below(2) == 0 ? 1 : 1 + below(count);
	store(story, &id);
	charter_hash(decoded.body_bytes, &hash);
	if (is_first)
		memcpy(story->community.bytes, hash.bytes, 32);
	story->founded++;
	if (story->hashes_count < HASHES) {
		story->hashes[story->hashes_count] = hash;
		story->serials[story->hashes_count++] = charter->serial;
	}
	printf("charter %" PRIu64 " %c %" PRIu64 " ", story->stored_ms, LETTERS[author],
	    charter->serial);
	put_hex(hash.bytes);
	putchar(' ');
	put_hex(charter->previous.bytes);
	printf(" %u ", charter->threshold);
	put_set(leading);
	put_set(listed);
	putchar('\n');
}

static void
tell_statement(struct story *story)
{
	struct org_id orgs[ORGS];
	struct relation *relation = &made.body.relation;
	uint32_t author = below(ORGS), other = (author + 1 + below(ORGS - 1)) % ORGS, set = 0;
	enum relation_type type = (enum relation_type)(1 + below(4));
	struct record_id id;

	begin(RECORD_RELATION, author, story->stored_ms - below(20));
	relation->type = type;
	relation->state = below(3) == 0 ? RELATION_ENDED : RELATION_ACTIVE;
	if (below(4) == 0)
		made.valid_from_ms = story->stored_ms + below(40);
	if (below(4) == 0 || type == RELATION_GRANT)
		made.valid_until_ms =
		    (made.valid_from_ms > 0 ? made.valid_from_ms : story->stored_ms) + 1 +
		    below(60);
	if (type == RELATION_LEFT) {
		relation->has_community = true;
		relation->community = story->community;
	} else if (type == RELATION_GRANT) {
		relation->has_subject = below(3) > 0;
		relation->has_community = !relation->has_subject;
		relation->subject = org(other);
		relation->community = story->community;
		relation->has_target = below(4) == 0;
		memset(relation->target.bytes, (int)(1 + below(2)), 32);
		if (relation->state == RELATION_ACTIVE) {
			set = 1 + below(63);
			relation->to_orgs = some(set, orgs);
			relation->has_tlp = true;
			relation->tlp = (enum tlp)below(5);
			relation->has_to_community = below(4) == 0;
			relation->to_community = story->community;
		}
	} else {
		bool is_subject = below(2) == 0;

		other = author ^ 1; /* so that both sides come up */
		relation->has_subject = relation->has_object = true;
		relation->subject = org(is_subject ? author : other);
		relation->object = org(is_subject ? other : author);
	}
	store(story, &id);
	printf("statement %" PRIu64 " %c %s %s %" PRIu64 " %" PRIu64 " %" PRIu64 " ",
	    story->stored_ms, LETTERS[author], relation_name(type),
	    relation_state_name(relation->state), made.created_ms, made.valid_from_ms,
	    made.valid_until_ms);
	put_hex(id.bytes);
	printf(" %c %c %d %d ", relation->has_subject ? relation->subject.bytes[0] : '-',
	    relation->has_object ? relation->object.bytes[0] : '-', relation->has_community,
	    relation->has_target ? relation->target.bytes[0] : 0);
	put_set(set);
	printf("%d %d\n", relation->has_to_community, relation->has_tlp ? (int)relation->tlp : -1);
}

static void
ask(struct story *story)
{
	struct relations_moment when = {story->stored_ms, story->stored_ms + below(30)};
	uint32_t author = below(ORGS), holder = below(ORGS),
		 recipient = below(2) == 0 ? holder ^ 1 : below(ORGS);
	struct org_id ids[3] = {org(author), org(holder), org(recipient)};
	static struct audience audience;
	struct community_charter found = {0};
	struct record_id record;
	struct relations_way way = {.author = &ids[0],
	    .holder = &ids[1],
	    .recipient = &ids[2],
	    .audience = &audience,
	    .tlp = (enum tlp)below(5),
	    .record = &record};
	struct ceiling_relations out = {0};
	static const char *const membership[] = {"unknown", "no", "yes"};
	bool is_known;

	if (below(2) == 0)
		when.known_ms = when.now_ms = 1000 + below((uint32_t)(story->stored_ms - 999));
	audience_init(&audience);
	audience.has_community = true;
	audience.community = story->community;
	memset(record.bytes, (int)(1 + below(2)), sizeof(record.bytes));
	relations_ask(story->relations, &way, when, &out);
	is_known = communities_in_force(
	    relations_communities(story->relations), &story->community, when.known_ms, &found);
	printf("ask %" PRIu64 " %" PRIu64 " %c %c %c %d %d -> %s %d %d ", when.known_ms,
	    when.now_ms, LETTERS[author], LETTERS[holder], LETTERS[recipient], (int)way.tlp,
	    record.bytes[0], membership[out.membership], out.is_client, out.has_grant);
	put_hex(found.hash.bytes);
	printf(" %d\n", is_known && found.is_forked);
}

int
main(int argc, char **argv)
{
	unsigned long stories = argc > 1 ? strtoul(argv[1], NULL, 10) : 0, n;
	uint32_t i;

	if (argc != 3 || stories == 0) {
		(void)fputs("usage: relations_cases COUNT SEED\n", stderr);
		return EXIT_FAILURE;
	}
	state = strtoull(argv[2], NULL, 10);
	bytes_init(&bytes, RECORD_BYTES_MAX);
	for (n = 0; n < stories; n++) {
		struct story story = {.stored_ms = 1000};

		must(relations_open(&story.relations) == ERR_NONE);
		puts("story");
		tell_charter(&story);
		for (i = 0; i < 60; i++) {
			story.stored_ms += below(4);
			if (below(3) == 0)
				tell_charter(&story);
			else
				tell_statement(&story);
			ask(&story);
		}
		relations_free(story.relations);
	}
	bytes_release(&bytes);
	return EXIT_SUCCESS;
}
