/*
 * state: what the core keeps in memory, shared by the files of the core and nobody else.
 * All of it can be derived again from the store: core.c does so after a failed turn.
 */
#ifndef MALLA_NODE_STATE_H
#define MALLA_NODE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"
#include "crypto/signer.h"
#include "node/ciphertext.h"
#include "node/core.h"
#include "node/keyring_client.h"
#include "node/prepare.h"
#include "node/session.h"
#include "policy/decide.h"
#include "policy/relations.h"
#include "store/deliveries.h"
#include "store/events.h"
#include "store/peers.h"
#include "store/records.h"
#include "store/store.h"
#include "wire/card.h"
#include "wire/event.h"
#include "wire/exchange.h"
#include "wire/header.h"
#include "wire/payload.h"
#include "wire/reason.h"
#include "wire/receipt.h"
#include "wire/record.h"
#include "wire/request.h"
#include "wire/seal.h"
#include "wire/signed.h"

#define STATE_REASONS_MAX 24u  /* kinds of refusal counted per peer and minute */
#define STATE_WORDS_MAX 160u
#define STATE_CARDS_SENT 32u  /* remembered per session; a repeat does no harm */
#define STATE_BUILDS_MAX 64u   /* envelopes built in one turn, and signed by one call */
#define STATE_BATCHES_MAX 8u   /* batches loaded in one turn for those envelopes */
#define STATE_FLIGHTS_MAX 512u  /* envelopes without receipt, of all peers together, */
#define STATE_FLIGHTS_LEAST 8u  /* but so many of each */
#define STATE_KEPT_MAX 8u      /* newest own batches that need not be read back to be sent */
#define STATE_RECEIPTS_MAX 64u /* receipts signed in one turn */
#define STATE_SPLIT_BYTES 8192u /* shorter ciphertexts travel within their frames */

/* What a card says that the exchange needs; plain data, unlike struct card. */
struct card_facts {
	struct org_id org;
	uint64_t serial; /* 0: none is known */
	uint64_t issued_ms;
	uint64_t expires_ms;
	bool is_revocation;
	uint64_t cutoff_ms;
	uint32_t suite_min;
	uint8_t sign_key[32];
	uint8_t envelope_key[32];
	uint8_t log_key[32];
	uint8_t witness_key[32];
	struct transport_key transport_key;
	uint32_t endpoints_count;
	char endpoints[ENDPOINTS_MAX][ENDPOINT_BYTES_MAX + 1];
	char name[NAME_BYTES_MAX + 1];
	char sector[33];
	char country[3];
};

/* Which records of a batch may go to a peer (verdict.h). */
struct verdict {
	int64_t batch;
	bool is_rest;   /* without what was sent already */
	uint32_t count; /* that may go */
	uint32_t held;
	uint32_t noted; /* kept from leaving, and written down (decided.h) */
	const char *rule;                   /* of the last that may go; the policy's */
	/* bits, by place in outgoing->entries */
	uint8_t may_go[BATCH_COUNT_MAX / 8];
	uint8_t sent[BATCH_COUNT_MAX / 8]; /* it has these */
	uint16_t reasons[BATCH_COUNT_MAX]; /* likewise by place: enum reason */
};

/* An organisation whose card is known: a peer, or an author of forwarded records. */
struct member {
	struct org_id org;
	struct card_facts card; /* the newest */
	char name[NAME_BYTES_MAX + 1]; /* local label */
	bool is_peer;           /* was added; is_removed when it was removed since */
	bool is_removed;
	uint64_t added_ms;

	/* session */
	enum session_state state;
	struct nonce nonce;      /* ours */
	struct nonce peer_nonce; /* theirs */
	uint32_t attempt;
	uint32_t endpoint;       /* which one is dialed next */
	uint64_t retry_ms;       /* not before */
	uint64_t deadline_ms;    /* of dialing and greeting */
	uint64_t since_ms;       /* open since */
	uint64_t heard_ms;
	uint64_t refresh_ms;
	uint64_t peer_serial;    /* of the card it says it uses */
	uint32_t credit;         /* what it takes */

	/* delivery */
	uint32_t in_flight;   /* envelopes without receipt */
	uint64_t progress_ms; /* when one was last sent from idle, or receipted */
	uint64_t last_number; /* highest number used under the serials of this session */
	uint64_t peer_seen;   /* below and including it, the peer settled all of our numbers */
	bool has_outbox;      /* there may be something to send */
	int64_t next_batch;   /* the oldest that waits; 0: to be asked of the store */
	bool next_is_rest;    /* of which something may have left already */
	struct verdict verdict;
	bool was_related; /* node/relate.c: before a charter or relation was taken */
	bool is_related_anew; /* something that it was not sent may go to it by now */
	uint64_t related_wait_ms; /* how long it was waited last; 0: nothing was refused for later */
	uint64_t related_ms;      /* when what it refused for later is offered again; 0: never */
	bool knows_head;      /* what the store has as its newest head is here */
	bool has_head;
	struct head head;
	bool has_seen_us;     /* it showed us a head of our own log: a witness of sorts */
	uint32_t voided_count; /* numbers that the next envelope withdraws */
	uint64_t voided[VOIDED_MAX];
	uint32_t cards_sent_count; /* authors whose cards went out in this session */
	struct org_id cards_sent[STATE_CARDS_SENT];

	/* for people */
	enum reason last_reason;
	char last_words[STATE_WORDS_MAX];
	uint64_t last_ms;
	struct {
		enum reason reason;
		uint64_t count;
	} refusals[STATE_REASONS_MAX]; /* since the last summary leaf */
	uint32_t refusals_count;
};

/* Names of counters in `malla status`. */
enum tally { TALLY_ROOT, TALLY_CARD, TALLY_SEAL, TALLY_ENVELOPE, TALLY_RECEIPT, TALLY_ACT, TALLY_COUNT };

/* A receipt on its way: signed after one turn, stored in the next. */
struct pending_receipt {
	struct org_id peer;
	uint64_t sender_serial;
	uint64_t recipient_serial;
	uint64_t number;
	struct hash envelope;
	uint64_t time_ms; /* of the turn that stored it */
	uint16_t count;
	uint8_t outcomes[2 * BATCH_COUNT_MAX];
	struct bytes signed_receipt; /* filled once signed */
};

/* A batch's row and records, in memory. */
struct loaded {
	int64_t batch; /* 0: none */
	struct batch_row row;
	struct bytes row_bytes; /* owns row's views */
	struct bytes bodies;    /* the records' bytes, one after the other */
	struct bytes paths;
	uint32_t count;
	struct {
		int64_t row; /* record_row.seq */
		uint32_t position;
		struct record_id id;
		struct salt salt;
		size_t at, len;           /* in bodies */
		size_t path_at, path_len; /* in paths */
	} entries[BATCH_COUNT_MAX];
};

/* A batch as it goes out whole: built once, encrypted once, for any number of peers. */
struct outgoing {
	struct loaded *loaded;
	struct loaded *kept[STATE_KEPT_MAX]; /* made here a moment ago; NULL: none */
	uint32_t kept_next;                  /* where the next one goes */
	/* the newest selection of it, encrypted: most peers get the same */
	struct ciphertext *ciphertext; /* NULL: none */
	uint32_t encrypted_count;
	uint16_t encrypted[BATCH_COUNT_MAX]; /* its entries */
	struct content_key content_key;
	struct hash ciphertext_hash;
	struct hash commitment;
	struct hash records_root; /* of the log's details, all stored */
};

struct hold;

/* The run of the policy's retention that is under way (node/retention.c). */
struct retention_run {
	bool is_running;
	int64_t cursor;
	uint64_t erased;
	uint64_t due_ms;
	struct hash policy; /* of the last run */
};

struct core {
	struct store *store;
	struct keyring *keyring;
	struct policy *policy;        /* in force: node/ruling.c */
	struct policy *policy_before; /* until this turn; NULL: it is the same */
	char policy_problem[256];     /* why everything is denied; empty: it is not */
	char problem_before[256];
	struct relations *relations; /* node/relate.c */
	struct community_id communities[MATCH_COMMUNITIES_MAX]; /* of the peer last judged about */
	struct {
		uint64_t turn; /* in which it is good; 0: none */
		struct org_id org;
		const struct card_facts *card;
	} looked_up; /* the card last asked for: node/relate.c */
	bool policy_is_default;
	bool has_approvals; /* approvers have said anything of any record, ever */
	bool has_private;   /* the privacy gate found something in any own record, ever */
	struct {
		int64_t row;
		const struct policy *policy;
		uint64_t turn;
		bool is_private;
	} gated; /* the record that it read last: node/gate.c */
	struct org_id org;
	struct card_facts card; /* own */
	struct bytes package;   /* own card package */
	struct prepare_setup prepare;
	uint32_t credit;
	uint64_t now_ms;
	uint64_t started_ms;
	uint8_t seed[32];
	uint64_t random_counter;
	uint64_t turns;
	uint64_t ciphertexts; /* made so far */
	bool splits_frames;

	struct member **members;
	uint32_t members_count;
	uint32_t members_cap;
	uint32_t open_count; /* peers with a session, at the last pump */
	uint32_t pump_at; /* whose turn it is to be sent something */

	/* the turn */
	bool in_turn;
	bool has_removed; /* an operator: open connections are looked at again */
	enum err failed; /* the first failure of the store in this turn */
	struct core_action *actions;
	uint32_t actions_count;
	uint32_t actions_cap;
	uint32_t actions_ready; /* released by the last commit */
	struct {
		uint64_t client;
		struct nonce id;
	} asked[REQUEST_CLIENTS_MAX]; /* requests of this turn, to be answered if it fails */
	uint32_t asked_count;

	/* receipts: signed and sent after the commit, stored in the next turn (receipts.h) */
	struct pending_receipt *receipts[STATE_RECEIPTS_MAX];
	uint32_t receipts_count;
	bool receipts_signed;

	/* scratch that is too large for the stack */
	struct record record;
	struct prepared prepared; /* of a submission that nobody prepared ahead */
	struct extract extracts[BATCH_COUNT_MAX]; /* of the records of an envelope */
	struct extract_keys extract_keys;
	struct payload payload;
	struct exchange_message message;
	struct bytes plaintext;
	struct bytes scratch;
	struct bytes frame;
	struct bytes sealed; /* a payload, encrypted */
	struct outgoing outgoing;
	struct dispatch *dispatch; /* node/dispatch.c */
	uint32_t enqueued;      /* peers that the last stored batch is on its way to */
	uint32_t enqueued_held; /* and those it is held for */

	/* for people */
	uint64_t made[TALLY_COUNT];
	uint64_t checked[TALLY_COUNT];
	uint64_t bad[TALLY_COUNT];
	uint64_t seals;          /* own, since the node started */
	uint64_t sealed_records;
	uint64_t refused_handshakes;
	uint32_t pids[4];
	char bound[ENDPOINTS_MAX][ENDPOINT_BYTES_MAX + 1];
	uint32_t bound_count;
	uint64_t summary_ms; /* when refusals are summed up next */
	char message_text[256];
	bool more_to_send;
	bool has_redactions;   /* some are due: node/redaction.c */
	bool makes_redactions; /* some were, when the turn began */
	bool is_stalled; /* the last turn was rolled back: no other before its time */
	struct hold *holds; /* legal holds in force: node/hold.c */
	uint32_t holds_count;
	struct retention_run retention;
	struct verify_job *verify; /* node/api_log.c */
	struct diff_job *diff;     /* node/api_diff.c */
	struct replay_job *replay; /* node/api_replay.c */
};

/* Note a failure of the store: the turn will be rolled back.  Returns true if err is one. */
bool core_failed(struct core *core, enum err err);
/* Deterministic randomness of this turn. */
void core_random(struct core *core, void *out, size_t len);
/* Queue an action; released after the commit.  bytes are copied. */
void core_act(struct core *core, enum core_action_type type, const struct transport_key *key,
    uint64_t client, struct bytes_view bytes);
/* Queue a frame that ends in a ciphertext, which the action holds: `frame` is the whole. */
void core_act_frame(struct core *core, const struct transport_key *key, struct bytes_view frame,
    struct ciphertext *ciphertext);

#endif
