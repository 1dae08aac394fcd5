/*
 * prepare: what can be said and done of drafts without asking anybody: each is decoded, checked,
 * completed, hashed, and the store's keys are taken from it.
 *
 * Pure: a function of the drafts, the time and the seed.  In mallad a thread beside the core
 * does it ahead for requests that wait; the core itself does it for those that do not.
 */
#ifndef MALLA_NODE_PREPARE_H
#define MALLA_NODE_PREPARE_H

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "policy/privacy.h"
#include "store/extract.h"
#include "wire/record.h"
#include "wire/reason.h"
#include "wire/schema.h"

/* What stays the same as long as the node runs. */
struct prepare_setup {
	struct org_id org;
	uint8_t content_secret[32]; /* store_secret: keys the hashes of contents */
	uint64_t keys_seed;         /* store_seed */
};

/* Views are borrowed from the drafts. */
struct prepared_draft {
	enum reason reason; /* REASON_STORED: nothing speaks against it so far */
	struct bytes_view draft;
	struct bytes_view marking;  /* encoded; audience likewise, empty where nobody is named */
	struct bytes_view audience;
	enum tlp tlp;
	enum record_kind kind;
	bool is_personal;
	bool is_private; /* the privacy gate found something that the draft does not declare: */
	struct privacy_hit finding; /* the first of it */
	struct record_id target; /* of an amendment or dispute */
	enum record_kind as;     /* of an amendment; else 0 */
	bool has_derived;
	struct org_id derived_author;
	bool has_community; /* in its audience */
	struct community_id community;
	struct hash content; /* keyed hash of the draft: what makes an import repeatable */
	size_t at, len;      /* of the completed record, in `bodies` */
	struct record_id id;
	struct salt salt;
	struct extract extract;
};

/* Two trees have a leaf for each draft: the sealed one, and that over ids and outcomes in the log,
   where every outcome is that it is stored. */
enum prepared_tree { PREPARED_SEAL, PREPARED_LOG };
#define PREPARED_TREES 2u

struct prepared {
	uint32_t count;
	/* Nothing speaks against any draft: the roots are those of all, should they seal together. */
	bool is_whole;
	struct hash roots[PREPARED_TREES];
	struct hash leaves[PREPARED_TREES][BATCH_COUNT_MAX];
	struct bytes bodies;
	struct extract_keys keys;
	struct prepared_draft drafts[BATCH_COUNT_MAX];
};

void prepare_init(struct prepared *prepared);
void prepare_release(struct prepared *prepared);
/* The drafts of a submission; *out is used again.  scratch is too large for the stack.  ERR_MEMORY,
   and nothing else: what is wrong with a draft is its reason. */
MUST_CHECK enum err prepare_drafts(const struct prepare_setup *setup, struct record *scratch,
    uint64_t now_ms, const uint8_t seed[32], struct schema_list drafts, struct prepared *out);
/* The same for a request's bytes.  *is_submission false: it asks something else, or cannot be
   read, and nothing was prepared. */
MUST_CHECK enum err prepare_request(const struct prepare_setup *setup, struct record *scratch,
    uint64_t now_ms, const uint8_t seed[32], struct bytes_view bytes, struct prepared *out,
    bool *is_submission);
struct bytes_view prepare_body(const struct prepared *prepared, uint32_t draft);

#endif
