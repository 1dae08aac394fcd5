/*
 * ceiling: how far a TLP label lets a record go, whatever any policy says.
 *
 * A pure function below all policy, asked by the sender and again by the receiver, who asks
 * it with the sender as the holder.  Sources: FIRST TLP 2.0, DESIGN section 8.
 *
 *     label               from its author                     from anybody else
 *     RED, AMBER+STRICT   to organisations that are named     no
 *     AMBER               to those named; nobody named: yes   had from the author: to its
 *                                                             own signed clients
 *     GREEN               likewise                            both are members of the named
 *                                                             community
 *     CLEAR               yes                                 yes
 *
 * RED and AMBER+STRICT must name an organisation.  For AMBER and GREEN a member of the named
 * community is named where the author is a member too.  Attribution must-not: from the author
 * only, since the seal names the author.  A standing grant by the author lets others pass on
 * what it names; it opens neither an audience that is missing nor attribution.
 */
#ifndef MALLA_POLICY_CEILING_H
#define MALLA_POLICY_CEILING_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "wire/marking.h"
#include "wire/reason.h"
#include "wire/request.h"

/* Whether holder and recipient are both members of the community that the audience names. */
enum ceiling_membership { CEILING_UNKNOWN, CEILING_NOT_MEMBERS, CEILING_MEMBERS };

/* What is signed about holder, recipient and author, as far as it is known here. */
struct ceiling_relations {
	enum ceiling_membership membership;
	bool is_client;           /* the recipient is a signed client of the holder */
	bool has_grant;           /* the author's standing grant lets this holder pass this label to
				     this recipient */
	bool was_had_from_author; /* the holder had the record from its author; of no matter where
				     it is the author */
};

struct ceiling_input {
	enum tlp tlp;
	uint8_t attribution; /* enum obligation, or MARKING_UNSTATED */
	const struct audience *audience;
	const struct org_id *author;
	const struct org_id *holder; /* who sends */
	const struct org_id *recipient;
	struct ceiling_relations relations;
};

/* X(symbol, code, reason, sentence): why it may go, or may not */
/* clang-format off */
#define CEILING_GROUND_TABLE(X) \
	X(CEILING_ANYBODY,         0, REASON_STORED, "TLP:CLEAR may go to anybody") \
	X(CEILING_NAMED,           1, REASON_STORED, "from its author to an organisation that its audience names") \
	X(CEILING_NOBODY_NAMED,    2, REASON_STORED, "from its author, and its audience names nobody: it may go to whom the policy says") \
	X(CEILING_FELLOWS,         3, REASON_STORED, "holder and recipient are members of the community that its audience names") \
	X(CEILING_GRANTED,         4, REASON_STORED, "a standing grant of its author covers it") \
	X(CEILING_OWN_CLIENT,      5, REASON_STORED, "TLP:AMBER that was had from its author may go to a signed client of its holder") \
	X(CEILING_NOT_ASKED,       6, REASON_STORED, "the ceiling has no say in what is kept") \
	X(CEILING_NO_NAMING,       7, REASON_CEILING, "its author must not be named, and its seal names the author: nobody passes it on") \
	X(CEILING_NEVER_FORWARDED, 8, REASON_CEILING, "TLP:RED and TLP:AMBER+STRICT are never passed on by others than their author") \
	X(CEILING_MUST_NAME,       9, REASON_NO_AUDIENCE, "TLP:RED and TLP:AMBER+STRICT must name the organisations that they are for, and it names none") \
	X(CEILING_NOT_NAMED,      10, REASON_NOT_ADDRESSED, "its audience names others, and not this organisation") \
	X(CEILING_NOT_MEMBERS_OF, 11, REASON_NOT_ADDRESSED, "author and recipient are not both members of the community that its audience names") \
	X(CEILING_WHOSE_MEMBERS,  12, REASON_UNKNOWN_COMMUNITY, "its audience names a community whose members are not known here") \
	X(CEILING_ONE_HOP,        13, REASON_CEILING, "TLP:AMBER is passed on only by whom the author sent it to, and only to their own signed clients") \
	X(CEILING_NO_COMMUNITY,   14, REASON_CEILING, "TLP:GREEN is passed on only within the community that it names, and it names none") \
	X(CEILING_NOT_FELLOWS,    15, REASON_CEILING, "TLP:GREEN is passed on only within the community that it names, and holder and recipient are not both members") \
	X(CEILING_CHARTER,        16, REASON_NOT_ADDRESSED, "a charter goes only to the organisations that it lists")
/* clang-format on */
enum ceiling_ground {
#define CEILING_GROUND_ENUM(symbol, code, reason, sentence) symbol = code,
	CEILING_GROUND_TABLE(CEILING_GROUND_ENUM)
#undef CEILING_GROUND_ENUM
};
#define CEILING_GROUND_MAX 16u

enum ceiling_ground ceiling_ground(const struct ceiling_input *input);
/* REASON_STORED: it may go; else REASON_CEILING, REASON_NOT_ADDRESSED, REASON_NO_AUDIENCE or
   REASON_UNKNOWN_COMMUNITY. */
enum reason ceiling_reason(enum ceiling_ground ground);
/* The words a person reads, in English; callers translate.  Static. */
const char *ceiling_text(enum ceiling_ground ground);
/* The reason of the ground. */
enum reason ceiling_ask(const struct ceiling_input *input);

/* Who wants to read a record within an organisation. */
struct ceiling_reader {
	const struct org_id *org;
	struct bytes_view name; /* the operator's */
	enum clearance clearance;
	bool is_red_desk;
	bool is_writer; /* wrote the record, here at its author's */
};

/* RED: the persons of this organisation that are named, the RED desk where none of them is,
   and who wrote it; each with red clearance.  AMBER+STRICT and AMBER: amber clearance.  GREEN
   and CLEAR: green clearance, which every operator has.
   REASON_STORED: may read; else REASON_CLEARANCE. */
enum reason ceiling_may_read(
    enum tlp tlp, const struct audience *audience, const struct ceiling_reader *reader);

#endif
