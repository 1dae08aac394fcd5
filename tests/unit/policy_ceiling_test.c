#include "policy/ceiling.h"

#include <string.h>

#include "tests/unit/suite.h"

/* The whole table, by hand.  A letter for each answer: S it may go, C the label does not allow
   it, A the audience does not name the recipient, U the community is unknown, N nobody is named
   who must be.  Twelve answers a row: membership unknown, not members, members; in each: no
   other relation, client, grant, both. */
enum holding { WROTE_IT, FROM_AUTHOR, FROM_OTHER };
enum named { NOBODY, RECIPIENT, OTHER, COMMUNITY, COMMUNITY_RECIPIENT, COMMUNITY_OTHER };

/* clang-format off */
static const struct {
	enum tlp tlp;
	enum holding role;
	enum named named;
	const char *answers;
} rows[] = {
	{TLP_CLEAR, WROTE_IT,    NOBODY,              "SSSS SSSS SSSS"},
	{TLP_CLEAR, WROTE_IT,    RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_CLEAR, WROTE_IT,    OTHER,               "SSSS SSSS SSSS"},
	{TLP_CLEAR, WROTE_IT,    COMMUNITY,           "SSSS SSSS SSSS"},
	{TLP_CLEAR, WROTE_IT,    COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_CLEAR, WROTE_IT,    COMMUNITY_OTHER,     "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_AUTHOR, NOBODY,              "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_AUTHOR, RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_AUTHOR, OTHER,               "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_AUTHOR, COMMUNITY,           "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_AUTHOR, COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_AUTHOR, COMMUNITY_OTHER,     "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_OTHER,  NOBODY,              "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_OTHER,  RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_OTHER,  OTHER,               "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_OTHER,  COMMUNITY,           "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_OTHER,  COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_CLEAR, FROM_OTHER,  COMMUNITY_OTHER,     "SSSS SSSS SSSS"},

	{TLP_GREEN, WROTE_IT,    NOBODY,              "SSSS SSSS SSSS"},
	{TLP_GREEN, WROTE_IT,    RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_GREEN, WROTE_IT,    OTHER,               "AAAA AAAA AAAA"},
	{TLP_GREEN, WROTE_IT,    COMMUNITY,           "UUUU AAAA SSSS"},
	{TLP_GREEN, WROTE_IT,    COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_GREEN, WROTE_IT,    COMMUNITY_OTHER,     "UUUU AAAA SSSS"},
	{TLP_GREEN, FROM_AUTHOR, NOBODY,              "CCSS CCSS CCSS"},
	{TLP_GREEN, FROM_AUTHOR, RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_GREEN, FROM_AUTHOR, OTHER,               "CCSS CCSS CCSS"},
	{TLP_GREEN, FROM_AUTHOR, COMMUNITY,           "UUSS CCSS SSSS"},
	{TLP_GREEN, FROM_AUTHOR, COMMUNITY_RECIPIENT, "UUSS CCSS SSSS"},
	{TLP_GREEN, FROM_AUTHOR, COMMUNITY_OTHER,     "UUSS CCSS SSSS"},
	{TLP_GREEN, FROM_OTHER,  NOBODY,              "CCSS CCSS CCSS"},
	{TLP_GREEN, FROM_OTHER,  RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_GREEN, FROM_OTHER,  OTHER,               "CCSS CCSS CCSS"},
	{TLP_GREEN, FROM_OTHER,  COMMUNITY,           "UUSS CCSS SSSS"},
	{TLP_GREEN, FROM_OTHER,  COMMUNITY_RECIPIENT, "UUSS CCSS SSSS"},
	{TLP_GREEN, FROM_OTHER,  COMMUNITY_OTHER,     "UUSS CCSS SSSS"},

	{TLP_AMBER, WROTE_IT,    NOBODY,              "SSSS SSSS SSSS"},
	{TLP_AMBER, WROTE_IT,    RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_AMBER, WROTE_IT,    OTHER,               "AAAA AAAA AAAA"},
	{TLP_AMBER, WROTE_IT,    COMMUNITY,           "UUUU AAAA SSSS"},
	{TLP_AMBER, WROTE_IT,    COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_AMBER, WROTE_IT,    COMMUNITY_OTHER,     "UUUU AAAA SSSS"},
	{TLP_AMBER, FROM_AUTHOR, NOBODY,              "CSSS CSSS CSSS"},
	{TLP_AMBER, FROM_AUTHOR, RECIPIENT,           "CSSS CSSS CSSS"},
	{TLP_AMBER, FROM_AUTHOR, OTHER,               "CSSS CSSS CSSS"},
	{TLP_AMBER, FROM_AUTHOR, COMMUNITY,           "CSSS CSSS CSSS"},
	{TLP_AMBER, FROM_AUTHOR, COMMUNITY_RECIPIENT, "CSSS CSSS CSSS"},
	{TLP_AMBER, FROM_AUTHOR, COMMUNITY_OTHER,     "CSSS CSSS CSSS"},
	{TLP_AMBER, FROM_OTHER,  NOBODY,              "CCSS CCSS CCSS"},
	{TLP_AMBER, FROM_OTHER,  RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_AMBER, FROM_OTHER,  OTHER,               "CCSS CCSS CCSS"},
	{TLP_AMBER, FROM_OTHER,  COMMUNITY,           "CCSS CCSS CCSS"},
	{TLP_AMBER, FROM_OTHER,  COMMUNITY_RECIPIENT, "CCSS CCSS CCSS"},
	{TLP_AMBER, FROM_OTHER,  COMMUNITY_OTHER,     "CCSS CCSS CCSS"},

	{TLP_AMBER_STRICT, WROTE_IT,    NOBODY,              "NNNN NNNN NNNN"},
	{TLP_AMBER_STRICT, WROTE_IT,    RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_AMBER_STRICT, WROTE_IT,    OTHER,               "AAAA AAAA AAAA"},
	{TLP_AMBER_STRICT, WROTE_IT,    COMMUNITY,           "NNNN NNNN NNNN"},
	{TLP_AMBER_STRICT, WROTE_IT,    COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_AMBER_STRICT, WROTE_IT,    COMMUNITY_OTHER,     "AAAA AAAA AAAA"},
	{TLP_AMBER_STRICT, FROM_AUTHOR, NOBODY,              "NNNN NNNN NNNN"},
	{TLP_AMBER_STRICT, FROM_AUTHOR, RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_AUTHOR, OTHER,               "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_AUTHOR, COMMUNITY,           "NNNN NNNN NNNN"},
	{TLP_AMBER_STRICT, FROM_AUTHOR, COMMUNITY_RECIPIENT, "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_AUTHOR, COMMUNITY_OTHER,     "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_OTHER,  NOBODY,              "NNNN NNNN NNNN"},
	{TLP_AMBER_STRICT, FROM_OTHER,  RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_OTHER,  OTHER,               "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_OTHER,  COMMUNITY,           "NNNN NNNN NNNN"},
	{TLP_AMBER_STRICT, FROM_OTHER,  COMMUNITY_RECIPIENT, "CCSS CCSS CCSS"},
	{TLP_AMBER_STRICT, FROM_OTHER,  COMMUNITY_OTHER,     "CCSS CCSS CCSS"},

	{TLP_RED, WROTE_IT,    NOBODY,              "NNNN NNNN NNNN"},
	{TLP_RED, WROTE_IT,    RECIPIENT,           "SSSS SSSS SSSS"},
	{TLP_RED, WROTE_IT,    OTHER,               "AAAA AAAA AAAA"},
	{TLP_RED, WROTE_IT,    COMMUNITY,           "NNNN NNNN NNNN"},
	{TLP_RED, WROTE_IT,    COMMUNITY_RECIPIENT, "SSSS SSSS SSSS"},
	{TLP_RED, WROTE_IT,    COMMUNITY_OTHER,     "AAAA AAAA AAAA"},
	{TLP_RED, FROM_AUTHOR, NOBODY,              "NNNN NNNN NNNN"},
	{TLP_RED, FROM_AUTHOR, RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_RED, FROM_AUTHOR, OTHER,               "CCSS CCSS CCSS"},
	{TLP_RED, FROM_AUTHOR, COMMUNITY,           "NNNN NNNN NNNN"},
	{TLP_RED, FROM_AUTHOR, COMMUNITY_RECIPIENT, "CCSS CCSS CCSS"},
	{TLP_RED, FROM_AUTHOR, COMMUNITY_OTHER,     "CCSS CCSS CCSS"},
	{TLP_RED, FROM_OTHER,  NOBODY,              "NNNN NNNN NNNN"},
	{TLP_RED, FROM_OTHER,  RECIPIENT,           "CCSS CCSS CCSS"},
	{TLP_RED, FROM_OTHER,  OTHER,               "CCSS CCSS CCSS"},
	{TLP_RED, FROM_OTHER,  COMMUNITY,           "NNNN NNNN NNNN"},
	{TLP_RED, FROM_OTHER,  COMMUNITY_RECIPIENT, "CCSS CCSS CCSS"},
	{TLP_RED, FROM_OTHER,  COMMUNITY_OTHER,     "CCSS CCSS CCSS"},
};
/* clang-format on */
#define ROWS_COUNT (sizeof(rows) / sizeof(*rows))

static const struct org_id author = {{0xa0}};
static const struct org_id forwarder = {{0xf0}};
static const struct org_id recipient = {{0xb0}};
static const struct org_id other = {{0xc0}};

static enum reason
reason_of_letter(char letter)
{
	switch (letter) {
	case 'S':
		return REASON_STORED;
	case 'C':
		return REASON_CEILING;
	case 'A':
		return REASON_NOT_ADDRESSED;
	case 'U':
		return REASON_UNKNOWN_COMMUNITY;
	case 'N':
		return REASON_NO_AUDIENCE;
	}
	ck_abort_msg("no such letter: %c", letter);
	return REASON_CEILING;
}

static void
name_somebody(struct audience *audience, enum named named)
{
	audience_init(audience);
	if (named == RECIPIENT || named == COMMUNITY_RECIPIENT)
		ck_assert_int_eq(audience_add_org(audience, &recipient), ERR_NONE);
	if (named == OTHER || named == COMMUNITY_OTHER)
		ck_assert_int_eq(audience_add_org(audience, &other), ERR_NONE);
	audience->has_community = named >= COMMUNITY;
}

static enum reason
ask(size_t row, uint32_t column, uint8_t attribution)
{
	static struct audience audience;
	struct ceiling_input input = {rows[row].tlp, attribution, &audience, &author, &forwarder,
	    &recipient,
	    {(enum ceiling_membership)(column / 4), (column & 1) != 0, (column & 2) != 0,
		rows[row].role == FROM_AUTHOR}};

	name_somebody(&audience, rows[row].named);
	if (rows[row].role == WROTE_IT)
		input.holder = &author;
	return ceiling_ask(&input);
}

START_TEST(answers_as_the_table_says)
{
	uint32_t column;
	size_t row;

	ck_assert_uint_eq(ROWS_COUNT, 5 * 3 * 6);
	for (row = 0; row < ROWS_COUNT; row++) {
		const char *letter = rows[row].answers;

		ck_assert_uint_eq(strlen(letter), 14);
		for (column = 0; column < 12; column++, letter++) {
			if (*letter == ' ')
				letter++;
			ck_assert_msg(
			    ask(row, column, MARKING_UNSTATED) == reason_of_letter(*letter),
			    "row %zu, column %u: %s", row, column,
			    reason_name(ask(row, column, MARKING_UNSTATED)));
			ck_assert_int_eq(
			    ask(row, column, OBLIGATION_MUST), reason_of_letter(*letter));
			ck_assert_int_eq(
			    ask(row, column, OBLIGATION_MAY), reason_of_letter(*letter));
		}
	}
}
END_TEST

START_TEST(names_every_case_once)
{
	size_t a, b;

	for (a = 0; a < ROWS_COUNT; a++) {
		for (b = a + 1; b < ROWS_COUNT; b++)
			ck_assert(rows[a].tlp != rows[b].tlp || rows[a].role != rows[b].role ||
				  rows[a].named != rows[b].named);
	}
}
END_TEST

START_TEST(lets_nobody_pass_on_what_must_not_be_attributed)
{
	uint32_t column;
	size_t row;

	for (row = 0; row < ROWS_COUNT; row++) {
		for (column = 0; column < 12; column++) {
			if (rows[row].role == WROTE_IT)
				ck_assert_int_eq(ask(row, column, OBLIGATION_MUST_NOT),
				    ask(row, column, MARKING_UNSTATED));
			else
				ck_assert_int_eq(
				    ask(row, column, OBLIGATION_MUST_NOT), REASON_CEILING);
		}
	}
}
END_TEST

START_TEST(knows_the_author_by_id_whatever_is_said_of_how_it_was_had)
{
	static struct audience audience;
	struct ceiling_input input = {TLP_RED, MARKING_UNSTATED, &audience, &author, &author,
	    &recipient, {CEILING_UNKNOWN, false, false, true}};

	name_somebody(&audience, RECIPIENT);
	ck_assert_int_eq(ceiling_ask(&input), REASON_STORED);
	input.holder = &forwarder;
	ck_assert_int_eq(ceiling_ask(&input), REASON_CEILING);
}
END_TEST

enum persons { NO_PERSON, ANA, BEA_ELSEWHERE };

/* clang-format off */
static const struct {
	enum tlp tlp;
	enum persons persons;
	const char *name;
	enum clearance clearance;
	bool is_red_desk, is_writer;
	bool may;
} readers[] = {
	{TLP_CLEAR, NO_PERSON, "eva", CLEARANCE_GREEN, false, false, true},
	{TLP_GREEN, NO_PERSON, "eva", CLEARANCE_GREEN, false, false, true},
	{TLP_AMBER, NO_PERSON, "eva", CLEARANCE_GREEN, false, false, false},
	{TLP_AMBER, NO_PERSON, "eva", CLEARANCE_GREEN, true,  true,  false},
	{TLP_AMBER, NO_PERSON, "eva", CLEARANCE_AMBER, false, false, true},
	{TLP_AMBER, ANA,       "eva", CLEARANCE_AMBER, false, false, true},
	{TLP_AMBER, NO_PERSON, "eva", CLEARANCE_RED,   false, false, true},
	{TLP_AMBER_STRICT, NO_PERSON, "eva", CLEARANCE_GREEN, false, false, false},
	{TLP_AMBER_STRICT, NO_PERSON, "eva", CLEARANCE_AMBER, false, false, true},
	{TLP_AMBER_STRICT, NO_PERSON, "eva", CLEARANCE_RED,   false, false, true},
	{TLP_RED, NO_PERSON, "eva", CLEARANCE_RED,   false, false, false},
	{TLP_RED, NO_PERSON, "eva", CLEARANCE_RED,   true,  false, true},
	{TLP_RED, NO_PERSON, "eva", CLEARANCE_AMBER, true,  false, false},
	{TLP_RED, NO_PERSON, "eva", CLEARANCE_RED,   false, true,  true},
	{TLP_RED, NO_PERSON, "eva", CLEARANCE_AMBER, false, true,  false},
	{TLP_RED, ANA, "ana", CLEARANCE_RED,   false, false, true},
	{TLP_RED, ANA, "ana", CLEARANCE_AMBER, false, false, false},
	{TLP_RED, ANA, "eva", CLEARANCE_RED,   false, false, false},
	{TLP_RED, ANA, "eva", CLEARANCE_RED,   true,  false, false},
	{TLP_RED, ANA, "eva", CLEARANCE_RED,   true,  true,  true},
	{TLP_RED, BEA_ELSEWHERE, "bea", CLEARANCE_RED, false, false, false},
	{TLP_RED, BEA_ELSEWHERE, "bea", CLEARANCE_RED, true,  false, true},
};
/* clang-format on */

START_TEST(shows_a_record_to_whom_it_may)
{
	static struct audience audience;
	size_t i;

	for (i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
		struct ceiling_reader reader = {&recipient, bytes_view_str(readers[i].name),
		    readers[i].clearance, readers[i].is_red_desk, readers[i].is_writer};

		name_somebody(&audience, RECIPIENT);
		if (readers[i].persons == ANA)
			ck_assert_int_eq(
			    audience_add_person(&audience, &recipient, bytes_view_str("ana")),
			    ERR_NONE);
		if (readers[i].persons == BEA_ELSEWHERE)
			ck_assert_int_eq(
			    audience_add_person(&audience, &other, bytes_view_str("bea")),
			    ERR_NONE);
		ck_assert_msg(ceiling_may_read(readers[i].tlp, &audience, &reader) ==
				  (readers[i].may ? REASON_STORED : REASON_CLEARANCE),
		    "reader %zu", i);
	}
}
END_TEST

SUITE_MAIN("policy/ceiling", answers_as_the_table_says, names_every_case_once,
    lets_nobody_pass_on_what_must_not_be_attributed,
    knows_the_author_by_id_whatever_is_said_of_how_it_was_had, shows_a_record_to_whom_it_may)
