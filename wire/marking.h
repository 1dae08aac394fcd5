/*
 * marking: the TLP 2.0 label of a record and its handling terms (IEP 2.0), and the audience.
 * Sources: FIRST TLP 2.0 (2022), FIRST IEP 2.0.  docs/protocol.md 3
 */
#ifndef MALLA_WIRE_MARKING_H
#define MALLA_WIRE_MARKING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/reader.h"
#include "wire/writer.h"

/* In ascending strictness, so that labels compare with <. */
enum tlp { TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT, TLP_RED };
#define TLP_COUNT 5

/* IEP 2.0 permitted actions, widest last. */
enum permitted {
	PERMITTED_NONE,
	PERMITTED_CONTACT,           /* CONTACT FOR INSTRUCTION */
	PERMITTED_INTERNAL,          /* INTERNALLY VISIBLE ACTIONS */
	PERMITTED_EXTERNAL_INDIRECT, /* EXTERNALLY VISIBLE INDIRECT ACTIONS */
	PERMITTED_EXTERNAL_DIRECT,   /* EXTERNALLY VISIBLE DIRECT ACTIONS */
};
enum obligation { OBLIGATION_MAY, OBLIGATION_MUST, OBLIGATION_MUST_NOT };

#define MARKING_UNSTATED 255u /* for permitted, attribution, notification, resale */

/* map keys */
enum marking_key {
	MARKING_TLP = 0,
	MARKING_PERMITTED = 2,
	MARKING_ATTRIBUTION = 4,
	MARKING_PURPOSE = 6,
	MARKING_BASIS = 8,
	MARKING_START = 10,
	MARKING_END = 12,
	MARKING_NOTIFICATION = 14, /* affected party notifications: may, must-not */
	MARKING_RESALE = 16,       /* unmodified resale: may, must-not */
};

struct marking {
	enum tlp tlp;
	uint8_t permitted;    /* enum permitted, or MARKING_UNSTATED */
	uint8_t attribution;  /* enum obligation, or MARKING_UNSTATED */
	uint8_t notification; /* enum obligation without MUST, or MARKING_UNSTATED */
	uint8_t resale;       /* likewise */
	uint64_t start_ms;    /* 0: not stated */
	uint64_t end_ms;      /* 0: not stated; after start */
	struct bytes_view purpose; /* empty: not stated; borrowed */
	struct bytes_view basis;
};

/* map keys */
enum audience_key { AUDIENCE_ORGS = 0, AUDIENCE_PERSONS = 2, AUDIENCE_COMMUNITY = 4 };

/* A person of an organisation, by the name that organisation's operators go by. */
struct person {
	struct org_id org;
	struct bytes_view name; /* 1..PERSON_BYTES_MAX of [a-z0-9._-], borrowed */
};

struct audience {
	uint32_t orgs_count;
	uint32_t persons_count;
	bool has_community;
	struct community_id community;
	struct org_id orgs[AUDIENCE_ORGS_MAX];         /* strictly ascending */
	struct person persons[AUDIENCE_PERSONS_MAX];   /* strictly ascending by org, name; each org is in orgs */
};

/* "clear", "green", "amber", "amber+strict", "red".  Static. */
const char *tlp_name(enum tlp tlp);
/* "TLP:AMBER+STRICT", as FIRST writes it.  Static. */
const char *tlp_label(enum tlp tlp);
/* Accepts name and label in any case, and TLP 1.0's white as clear.  False: not a label. */
bool tlp_parse(struct bytes_view text, enum tlp *tlp);

/* Everything unstated, TLP as given. */
void marking_init(struct marking *marking, enum tlp tlp);
/* One map at the reader's position. */
void marking_read(struct reader *reader, struct marking *out);
void marking_write(struct writer *writer, const struct marking *marking);

void audience_init(struct audience *audience);
/* Insert in order; a repeat changes nothing.  ERR_TOO_LARGE when full. */
MUST_CHECK enum err audience_add_org(struct audience *audience, const struct org_id *org);
/* Adds the person's organisation too.  ERR_VALUE for a name that is not one. */
MUST_CHECK enum err audience_add_person(struct audience *audience, const struct org_id *org,
    struct bytes_view name);
bool audience_is_empty(const struct audience *audience);
bool audience_has_org(const struct audience *audience, const struct org_id *org);
/* Whether any person of this organisation is named. */
bool audience_has_persons_of(const struct audience *audience, const struct org_id *org);
bool audience_has_person(const struct audience *audience, const struct org_id *org,
    struct bytes_view name);
void audience_read(struct reader *reader, struct audience *out);
void audience_write(struct writer *writer, const struct audience *audience);
bool audience_is_person_name(struct bytes_view name);

#endif
