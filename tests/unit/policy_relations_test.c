/* What is signed of one another, and who is in force. */
#include "policy/relations.h"

#include <string.h>

#include "tests/unit/suite.h"

#define T0 1795000000000ull
#define DAY 86400000ull

static struct relations *relations;
static struct record made, decoded;
static struct bytes bytes;
static uint64_t clock_ms; /* when the next record is stored; rises */
static uint8_t nonce;

static struct org_id
org(char letter)
{
	struct org_id id;

	memset(id.bytes, letter, sizeof(id.bytes));
	return id;
}

static struct relations_moment
now(void)
{
	return (struct relations_moment){UINT64_MAX, clock_ms};
}

/* As it was known and stood then. */
static struct relations_moment
at(uint64_t ms)
{
	return (struct relations_moment){ms, ms};
}

static void
open_all(void)
{
	clock_ms = T0;
	nonce = 0;
	ck_assert_int_eq(relations_open(&relations), ERR_NONE);
	ck_assert(relations_is_empty(relations));
	bytes_init(&bytes, RECORD_BYTES_MAX);
}

static void
close_all(void)
{
	relations_free(relations);
	bytes_release(&bytes);
}

static struct record *
start(enum record_kind kind, char author)
{
	record_init(&made, kind, TLP_AMBER);
	made.is_draft = false;
	made.author = org(author);
	made.created_ms = clock_ms;
	made.nonce.bytes[0] = ++nonce;
	return &made;
}

static enum err
add_again(void)
{
	struct record_id id;

	bytes_clear(&bytes);
	ck_assert_int_eq(record_encode(&made, &bytes), ERR_NONE);
	ck_assert_int_eq(record_decode(bytes_as_view(&bytes), false, &decoded, NULL), ERR_NONE);
	record_id_of(bytes_as_view(&bytes), &id);
	return relations_add(relations, &decoded, &id, clock_ms);
}

/* Stored now; then time goes on. */
static void
add(void)
{
	enum err err = add_again();

	ck_assert_msg(err == ERR_NONE, "%s", err_name(err));
	memset(bytes.data, 0xee, bytes.len); /* nothing of it may be needed any more */
	clock_ms += 1000;
}

/* ------------------------------------------------------------------ clients */

static struct record *
pair(enum relation_type type, enum relation_state state, char author, char subject, char object)
{
	struct record *record = start(RECORD_RELATION, author);

	record->body.relation = (struct relation){.type = type,
	    .state = state,
	    .has_subject = true,
	    .has_object = true,
	    .subject = org(subject),
	    .object = org(object)};
	return record;
}

static bool
is_client(char client, char provider, struct relations_moment when)
{
	struct org_id a = org(client), b = org(provider);

	return relations_are_client(relations, RELATION_CLIENT_OF, &a, &b, when);
}

START_TEST(a_client_is_one_where_both_have_signed)
{
	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	ck_assert(!is_client('b', 'a', now()));
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'c', 'c', 'a');
	add();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'a', 'b'); /* the other way round */
	add();
	ck_assert(!is_client('b', 'a', now()) && !is_client('a', 'b', now()));
	(void)pair(RELATION_CONSTITUENT_OF, RELATION_ACTIVE, 'a', 'b', 'a'); /* another relation */
	add();
	ck_assert(!is_client('b', 'a', now()));
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	ck_assert(is_client('b', 'a', now()));
	ck_assert(!is_client('c', 'a', now()) && !is_client('b', 'c', now()));
	/* the one that was stated last is what makes it */
	ck_assert(!is_client('b', 'a', at(clock_ms - 1001)));
	ck_assert(is_client('b', 'a', at(clock_ms - 1000)));
	close_all();
}
END_TEST

START_TEST(either_side_ends_it_and_begins_it_anew)
{
	uint64_t before;

	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	before = clock_ms - 1;
	(void)pair(RELATION_CLIENT_OF, RELATION_ENDED, 'a', 'b', 'a');
	add();
	ck_assert(!is_client('b', 'a', now()));
	ck_assert(is_client('b', 'a', at(before))); /* as it was known then */
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a'); /* not the other's to say */
	add();
	ck_assert(!is_client('b', 'a', now()));
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	ck_assert(is_client('b', 'a', now()));
	close_all();
}
END_TEST

START_TEST(what_was_stated_last_counts_in_whatever_order_it_comes)
{
	struct record *record;
	uint32_t order;
	bool is[2];

	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	record = pair(RELATION_CLIENT_OF, RELATION_ENDED, 'a', 'b', 'a');
	record->created_ms = clock_ms + 500;
	add();
	record = pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	record->created_ms = clock_ms - 5000; /* late */
	add();
	ck_assert(!is_client('b', 'a', now()));
	close_all();
	/* of one time: the same one, whichever came first */
	for (order = 0; order < 2; order++) {
		uint32_t i;

		open_all();
		(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
		add();
		for (i = 0; i < 2; i++) {
			record = pair(RELATION_CLIENT_OF,
			    (i == 0) == (order == 0) ? RELATION_ACTIVE : RELATION_ENDED, 'a', 'b',
			    'a');
			record->created_ms = T0;
			record->nonce.bytes[0] = record->body.relation.state == RELATION_ACTIVE;
			add();
		}
		is[order] = is_client('b', 'a', now());
		close_all();
	}
	ck_assert(is[0] == is[1]);
}
END_TEST

START_TEST(validity_begins_and_ends)
{
	struct record *record;

	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	record = pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	record->valid_from_ms = T0 + DAY;
	record->valid_until_ms = T0 + 2 * DAY;
	add();
	ck_assert(!is_client('b', 'a', (struct relations_moment){UINT64_MAX, T0 + DAY - 1}));
	ck_assert(is_client('b', 'a', (struct relations_moment){UINT64_MAX, T0 + DAY}));
	ck_assert(is_client('b', 'a', (struct relations_moment){UINT64_MAX, T0 + 2 * DAY - 1}));
	ck_assert(!is_client('b', 'a', (struct relations_moment){UINT64_MAX, T0 + 2 * DAY}));
	close_all();
}
END_TEST

START_TEST(a_repeat_changes_nothing)
{
	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	ck_assert_int_eq(add_again(), ERR_NONE);
	ck_assert(!is_client('b', 'a', at(T0 + 999)));
	ck_assert(is_client('b', 'a', at(T0 + 1000)));
	relations_clear(relations);
	ck_assert(relations_is_empty(relations) && !is_client('b', 'a', now()));
	close_all();
}
END_TEST

START_TEST(of_one_who_states_too_much_the_oldest_is_forgotten)
{
	uint32_t i;

	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	for (i = 0; i < RELATIONS_OF_AUTHOR_MAX; i++) {
		struct record *record = pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'c');

		memcpy(record->nonce.bytes + 4, &i, sizeof(i));
		ck_assert(i + 1 < RELATIONS_OF_AUTHOR_MAX || is_client('b', 'a', now()));
		add();
	}
	ck_assert(!is_client('b', 'a', now()));
	close_all();
}
END_TEST

/* ------------------------------------------------------------------ charters */

static struct org_id members[8], stewards[8];
static struct community_id community;
static struct hash last;

static struct org_list
list_of(struct org_id *orgs, const char *letters)
{
	uint32_t i;

	for (i = 0; letters[i] != '\0'; i++)
		orgs[i] = org(letters[i]);
	return org_list_of(orgs, i);
}

/* A charter over `previous`; serial 1 begins a community. */
static struct record *
charter(char author, uint64_t serial, const struct hash *previous, const char *members_of,
    const char *stewards_of, uint32_t threshold)
{
	struct record *record = start(RECORD_CHARTER, author);
	struct charter *stated = &record->body.charter;

	record->body.title = bytes_view_str("fin-mx");
	stated->serial = serial;
	if (serial > 1) {
		stated->has_community = stated->has_previous = true;
		stated->community = community;
		stated->previous = *previous;
	}
	stated->members = list_of(members, members_of);
	stated->stewards = list_of(stewards, stewards_of);
	stated->threshold = threshold;
	return record;
}

/* Add it, and remember its hash. */
static struct hash
add_charter(void)
{
	ck_assert_int_eq(add_again(), ERR_NONE);
	charter_hash(decoded.body_bytes, &last);
	if (made.body.charter.serial == 1)
		charter_community(&decoded.body.charter, decoded.body_bytes, &community);
	clock_ms += 1000;
	return last;
}

static bool
is_member(char letter, struct relations_moment when)
{
	struct org_id id = org(letter);

	return relations_are_member(relations, &community, &id, when);
}

static void
expect_members_at(const char *letters, struct relations_moment when)
{
	const char *all = "abcdefgh";

	for (; *all != '\0'; all++)
		ck_assert_msg(is_member(*all, when) == (strchr(letters, *all) != NULL),
		    "%c of %s", *all, letters);
}

static void
expect_members(const char *letters)
{
	expect_members_at(letters, now());
}

static uint64_t
serial_in_force(void)
{
	struct community_charter found;

	return communities_in_force(
		   relations_communities(relations), &community, UINT64_MAX, &found)
		   ? found.charter->serial
		   : 0;
}

START_TEST(one_charter_follows_another)
{
	struct hash first, second;
	uint64_t times[4];

	open_all();
	(void)charter('a', 1, NULL, "abc", "a", 1);
	times[0] = clock_ms - 1;
	times[1] = clock_ms;
	first = add_charter();
	ck_assert(!relations_is_empty(relations));
	expect_members("abc");
	(void)charter('a', 2, &first, "abcd", "ab", 1);
	times[2] = clock_ms;
	second = add_charter();
	expect_members("abcd");
	(void)charter('b', 3, &second, "bcd", "b", 1); /* one of the new stewards */
	times[3] = clock_ms;
	(void)add_charter();
	expect_members("bcd");
	expect_members_at("", at(times[0]));
	expect_members_at("abc", at(times[1]));
	expect_members_at("abcd", at(times[2]));
	expect_members_at("bcd", at(times[3]));
	close_all();
}
END_TEST

START_TEST(a_charter_needs_as_many_stewards_as_the_one_before_says)
{
	struct hash first, second;

	open_all();
	(void)charter('a', 1, NULL, "ab", "abc", 2);
	(void)add_charter();
	ck_assert_uint_eq(serial_in_force(), 0);
	made.author = org('d'); /* no steward */
	(void)add_charter();
	made.author = org('a'); /* the same one again */
	made.created_ms++;
	(void)add_charter();
	ck_assert_uint_eq(serial_in_force(), 0);
	made.author = org('c');
	first = add_charter();
	expect_members("ab");
	/* its own threshold and stewards do not matter, but those of the one before */
	(void)charter('a', 2, &first, "abd", "d", 1);
	(void)add_charter();
	made.author = org('d');
	(void)add_charter();
	expect_members("ab");
	made.author = org('b');
	second = add_charter();
	expect_members("abd");
	(void)charter('a', 3, &second, "a", "a", 1); /* steward no more */
	(void)add_charter();
	expect_members("abd");
	close_all();
}
END_TEST

START_TEST(charters_that_come_out_of_order_wait_for_one_another)
{
	struct hash first, second;

	open_all();
	(void)charter('a', 1, NULL, "abc", "a", 1);
	first = add_charter();
	relations_clear(relations);
	(void)charter('a', 2, &first, "abc", "b", 1);
	second = add_charter();
	relations_clear(relations);
	(void)charter('a', 1, NULL, "abc", "a", 1);
	(void)add_charter();
	/* the third, by a steward that only the second makes one */
	(void)charter('b', 3, &second, "abcd", "b", 1);
	(void)add_charter();
	expect_members("abc");
	ck_assert_uint_eq(serial_in_force(), 1);
	(void)charter('a', 2, &first, "abc", "b", 1);
	(void)add_charter();
	ck_assert_uint_eq(serial_in_force(), 3);
	expect_members("abcd");
	close_all();
}
END_TEST

START_TEST(who_is_admitted_later_begins_with_that_charter)
{
	struct hash other;

	open_all();
	memset(&other, 7, sizeof(other));
	memset(&community, 8, sizeof(community));
	(void)charter('a', 5, &other, "abe", "ab", 2);
	(void)add_charter();
	ck_assert_uint_eq(serial_in_force(), 0);
	made.author = org('b');
	other = add_charter();
	ck_assert_uint_eq(serial_in_force(), 5);
	expect_members("abe");
	(void)charter('a', 4, &other, "a", "a", 1);
	(void)add_charter();
	expect_members("abe");
	close_all();
}
END_TEST

START_TEST(charters_that_were_for_others_may_be_missing)
{
	struct hash first, unknown;

	open_all();
	memset(&unknown, 9, sizeof(unknown));
	(void)charter('a', 1, NULL, "abc", "a", 1);
	first = add_charter();
	(void)charter('a', 2, &unknown, "ab", "a", 1); /* not over ours, and the next one */
	(void)add_charter();
	expect_members("abc");
	(void)charter('b', 4, &unknown, "b", "b", 1); /* by no steward of ours */
	(void)add_charter();
	expect_members("abc");
	(void)charter('a', 4, &unknown, "abd", "a", 1);
	(void)add_charter();
	expect_members("abd");
	(void)first;
	close_all();
}
END_TEST

START_TEST(of_two_charters_over_one_the_first_stays_and_the_fork_shows)
{
	struct community_charter found;
	struct hash first;

	open_all();
	(void)charter('a', 1, NULL, "abc", "ab", 1);
	first = add_charter();
	(void)charter('a', 2, &first, "ac", "a", 1); /* b is put out */
	(void)add_charter();
	ck_assert(communities_in_force(
	    relations_communities(relations), &community, UINT64_MAX, &found));
	ck_assert(!found.is_forked);
	(void)charter('b', 2, &first, "abc", "b", 1); /* and will not have it */
	(void)add_charter();
	expect_members("ac");
	ck_assert(communities_in_force(
	    relations_communities(relations), &community, UINT64_MAX, &found));
	ck_assert(found.is_forked);
	(void)charter('b', 3, &last, "abc", "b", 1);
	(void)add_charter();
	(void)charter('b', 9, &last, "abc", "b", 1);
	(void)add_charter();
	expect_members("ac");
	close_all();
}
END_TEST

START_TEST(who_has_left_is_out_until_he_takes_it_back)
{
	struct record *record;
	struct hash first;
	uint64_t before;

	open_all();
	(void)charter('a', 1, NULL, "abc", "a", 1);
	first = add_charter();
	before = clock_ms - 1;
	record = start(RECORD_RELATION, 'b');
	record->body.relation = (struct relation){.type = RELATION_LEFT,
	    .state = RELATION_ACTIVE,
	    .has_community = true,
	    .community = community};
	add();
	expect_members("ac");
	expect_members_at("abc", at(before));
	(void)charter('a', 2, &first, "abcd", "a", 1); /* whatever the charter says */
	(void)add_charter();
	expect_members("acd");
	record = start(RECORD_RELATION, 'b');
	record->body.relation = (struct relation){.type = RELATION_LEFT,
	    .state = RELATION_ENDED,
	    .has_community = true,
	    .community = community};
	add();
	expect_members("abcd");
	close_all();
}
END_TEST

START_TEST(a_name_that_two_communities_have_is_nobodys)
{
	struct community_charter found;
	struct community_id first;

	open_all();
	ck_assert_int_eq(communities_find(relations_communities(relations),
			     bytes_view_str("fin-mx"), UINT64_MAX, &found),
	    ERR_NOT_FOUND);
	(void)charter('a', 1, NULL, "abc", "a", 1);
	(void)add_charter();
	first = community;
	ck_assert_int_eq(communities_find(relations_communities(relations),
			     bytes_view_str("fin-mx"), UINT64_MAX, &found),
	    ERR_NONE);
	ck_assert_mem_eq(found.id.bytes, first.bytes, 32);
	made.body.charter.nonce.bytes[3] = 1;
	(void)add_charter();
	ck_assert_mem_ne(community.bytes, first.bytes, 32);
	ck_assert_int_eq(communities_find(relations_communities(relations),
			     bytes_view_str("fin-mx"), UINT64_MAX, &found),
	    ERR_VALUE);
	close_all();
}
END_TEST

START_TEST(a_clock_that_was_put_back_does_not_bring_a_charter_back)
{
	struct hash first;

	open_all();
	(void)charter('a', 1, NULL, "abc", "a", 1);
	first = add_charter();
	clock_ms = T0 - DAY;
	(void)charter('a', 2, &first, "ab", "a", 1);
	(void)add_charter();
	expect_members("ab");
	expect_members_at("", at(T0 - 1));
	expect_members_at("ab", at(T0));
	close_all();
}
END_TEST

/* ------------------------------------------------------------------ grants and the ceiling */

static struct audience audience;

static struct ceiling_relations
ask(char author, char holder, char recipient, enum tlp tlp, const char *sector,
    struct relations_moment when)
{
	struct org_id ids[3] = {org(author), org(holder), org(recipient)};
	struct record_id record;
	struct relations_way way = {.author = &ids[0],
	    .holder = &ids[1],
	    .recipient = &ids[2],
	    .sector = bytes_view_str(sector),
	    .audience = &audience,
	    .tlp = tlp,
	    .record = &record};
	struct ceiling_relations out = {.was_had_from_author = true};

	memset(record.bytes, 0x11, sizeof(record.bytes));
	relations_ask(relations, &way, when, &out);
	ck_assert(out.was_had_from_author); /* left alone */
	return out;
}

static bool
has_grant(char author, char holder, char recipient, enum tlp tlp)
{
	return ask(author, holder, recipient, tlp, "", now()).has_grant;
}

static struct relation *
grant(enum relation_state state)
{
	struct record *record = start(RECORD_RELATION, 'a');

	record->valid_until_ms = T0 + DAY;
	record->body.relation = (struct relation){.type = RELATION_GRANT,
	    .state = state,
	    .has_subject = true,
	    .subject = org('b')};
	if (state == RELATION_ACTIVE) {
		record->body.relation.has_tlp = true;
		record->body.relation.tlp = TLP_GREEN;
		record->body.relation.to_orgs = list_of(members, "cd");
	}
	return &record->body.relation;
}

START_TEST(a_grant_opens_what_it_names_and_nothing_else)
{
	open_all();
	audience_init(&audience);
	(void)grant(RELATION_ACTIVE);
	add();
	ck_assert(has_grant('a', 'b', 'c', TLP_GREEN) && has_grant('a', 'b', 'd', TLP_CLEAR));
	ck_assert(!has_grant('a', 'b', 'c', TLP_AMBER)); /* a stricter label */
	ck_assert(!has_grant('a', 'b', 'e', TLP_GREEN)); /* to somebody else */
	ck_assert(!has_grant('a', 'c', 'd', TLP_GREEN)); /* who had it passed on to him */
	ck_assert(!has_grant('b', 'b', 'c', TLP_GREEN)); /* another author's records */
	ck_assert(!ask('a', 'b', 'c', TLP_GREEN, "", at(T0 - 1)).has_grant);
	ck_assert(!ask('a', 'b', 'c', TLP_GREEN, "",
	    (struct relations_moment){UINT64_MAX, T0 + DAY})
		       .has_grant); /* until then */
	(void)grant(RELATION_ENDED);
	add();
	ck_assert(!has_grant('a', 'b', 'c', TLP_GREEN));
	close_all();
}
END_TEST

START_TEST(a_later_grant_replaces_the_former_to_the_same_holder)
{
	struct relation *stated;

	open_all();
	audience_init(&audience);
	(void)grant(RELATION_ACTIVE);
	add();
	stated = grant(RELATION_ACTIVE);
	stated->to_orgs = list_of(members, "e");
	add();
	ck_assert(!has_grant('a', 'b', 'c', TLP_GREEN) && has_grant('a', 'b', 'e', TLP_GREEN));
	stated = grant(RELATION_ACTIVE);
	stated->subject = org('c');
	add();
	ck_assert(has_grant('a', 'b', 'e', TLP_GREEN) && has_grant('a', 'c', 'd', TLP_GREEN));
	close_all();
}
END_TEST

START_TEST(a_grant_of_one_record_is_of_no_other)
{
	struct relation *stated;

	open_all();
	audience_init(&audience);
	stated = grant(RELATION_ACTIVE);
	stated->has_target = true;
	memset(stated->target.bytes, 0x11, 32);
	add();
	ck_assert(has_grant('a', 'b', 'c', TLP_GREEN));
	stated = grant(RELATION_ENDED); /* of everything: something else */
	add();
	ck_assert(has_grant('a', 'b', 'c', TLP_GREEN));
	stated = grant(RELATION_ACTIVE);
	stated->has_target = true;
	memset(stated->target.bytes, 0x12, 32);
	stated->subject = org('c');
	add();
	ck_assert(!has_grant('a', 'c', 'd', TLP_GREEN));
	close_all();
}
END_TEST

START_TEST(a_grant_may_name_a_sector_or_communities)
{
	struct relation *stated;

	open_all();
	audience_init(&audience);
	stated = grant(RELATION_ACTIVE);
	stated->to_orgs.count = 0;
	stated->to_sector = bytes_view_str("bank");
	add();
	ck_assert(ask('a', 'b', 'h', TLP_GREEN, "bank", now()).has_grant);
	ck_assert(!ask('a', 'b', 'h', TLP_GREEN, "banks", now()).has_grant);
	ck_assert(!ask('a', 'b', 'h', TLP_GREEN, "", now()).has_grant);
	(void)charter('g', 1, NULL, "def", "g", 1);
	(void)add_charter();
	stated = grant(RELATION_ACTIVE);
	stated->has_subject = false;
	stated->has_community = stated->has_to_community = true;
	stated->community = stated->to_community = community;
	stated->to_orgs.count = 0;
	add();
	ck_assert(has_grant('a', 'd', 'e', TLP_GREEN));
	ck_assert(!has_grant('a', 'd', 'g', TLP_GREEN) && !has_grant('a', 'g', 'd', TLP_GREEN));
	close_all();
}
END_TEST

START_TEST(the_ceiling_hears_of_members_and_clients)
{
	struct match_peer facts;
	struct community_id room[MATCH_COMMUNITIES_MAX];
	struct org_id self = org('a'), peer = org('b');

	open_all();
	audience_init(&audience);
	(void)charter('g', 1, NULL, "ab", "g", 1);
	(void)add_charter();
	ck_assert_int_eq(ask('a', 'a', 'b', TLP_GREEN, "", now()).membership, CEILING_UNKNOWN);
	audience.has_community = true;
	audience.community = community;
	ck_assert_int_eq(ask('a', 'a', 'b', TLP_GREEN, "", now()).membership, CEILING_MEMBERS);
	ck_assert_int_eq(ask('a', 'a', 'c', TLP_GREEN, "", now()).membership, CEILING_NOT_MEMBERS);
	ck_assert_int_eq(ask('a', 'c', 'b', TLP_GREEN, "", now()).membership, CEILING_NOT_MEMBERS);
	ck_assert_int_eq(ask('a', 'a', 'b', TLP_GREEN, "", at(T0 - 1)).membership, CEILING_UNKNOWN);
	memset(&facts, 0, sizeof(facts));
	facts.sector = bytes_view_str("bank");
	relations_facts(relations, &self, &peer, now(), room, &facts);
	ck_assert(facts.communities_count == 1 && facts.communities == room);
	ck_assert_mem_eq(room[0].bytes, community.bytes, 32);
	ck_assert(facts.sector.len == 4);
	ck_assert(!facts.is_client && !facts.is_provider && !facts.is_cert && !facts.is_constituent);
	(void)pair(RELATION_CONSTITUENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	(void)pair(RELATION_CONSTITUENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	relations_facts(relations, &self, &peer, now(), room, &facts);
	ck_assert(!facts.is_client && facts.is_constituent && !facts.is_cert);
	relations_facts(relations, &peer, &self, now(), room, &facts);
	ck_assert(!facts.is_provider && !facts.is_constituent && facts.is_cert);
	/* a constituent is a client for TLP, and to nobody else */
	ck_assert(ask('c', 'a', 'b', TLP_AMBER, "", now()).is_client);
	ck_assert(!ask('c', 'b', 'a', TLP_AMBER, "", now()).is_client);
	close_all();
}
END_TEST

static enum err
count_one(void *context, const struct relations_statement *statement)
{
	uint32_t *counts = context;

	counts[statement->is_active ? 1 : 0]++;
	return ERR_NONE;
}

START_TEST(lists_the_last_word_of_each)
{
	uint32_t counts[2] = {0};

	open_all();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'b', 'b', 'a');
	add();
	(void)pair(RELATION_CLIENT_OF, RELATION_ENDED, 'b', 'b', 'a');
	add();
	(void)pair(RELATION_CLIENT_OF, RELATION_ACTIVE, 'a', 'b', 'a');
	add();
	ck_assert_int_eq(relations_each_statement(relations, now(), count_one, counts), ERR_NONE);
	ck_assert(counts[0] == 1 && counts[1] == 1);
	close_all();
}
END_TEST

SUITE_MAIN("policy/relations", a_client_is_one_where_both_have_signed,
    either_side_ends_it_and_begins_it_anew, what_was_stated_last_counts_in_whatever_order_it_comes,
    validity_begins_and_ends, a_repeat_changes_nothing,
    of_one_who_states_too_much_the_oldest_is_forgotten, one_charter_follows_another,
    a_charter_needs_as_many_stewards_as_the_one_before_says,
    charters_that_come_out_of_order_wait_for_one_another,
    who_is_admitted_later_begins_with_that_charter, charters_that_were_for_others_may_be_missing,
    of_two_charters_over_one_the_first_stays_and_the_fork_shows,
    who_has_left_is_out_until_he_takes_it_back, a_name_that_two_communities_have_is_nobodys,
    a_clock_that_was_put_back_does_not_bring_a_charter_back,
    a_grant_opens_what_it_names_and_nothing_else,
    a_later_grant_replaces_the_former_to_the_same_holder, a_grant_of_one_record_is_of_no_other,
    a_grant_may_name_a_sector_or_communities, the_ceiling_hears_of_members_and_clients,
    lists_the_last_word_of_each)
