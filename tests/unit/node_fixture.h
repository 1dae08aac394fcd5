/*
 * node_fixture: organisations with real keys and stores, each with the core of a node, and a
 * network between them that does nothing by itself: every frame goes through a hook, in order,
 * under a clock that stands until it is moved.
 */
#ifndef MALLA_TESTS_NODE_FIXTURE_H
#define MALLA_TESTS_NODE_FIXTURE_H

#define _XOPEN_SOURCE 700 /* nftw, mkdtemp, P_tmpdir: include this header first */

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "crypto/signer.h"
#include "node/core.h"
#include "node/directory.h"
#include "node/keyring.h"
#include "node/state.h"
#include "tests/unit/suite.h"
#include "wire/request.h"
#include "wire/request_policy.h"
#include "wire/root.h"

#define NODE_TIME UINT64_C(1767600000000) /* 2026-01-05: the keyring wants no later than now */
#define NODE_DAY UINT64_C(86400000)
#define NODE_UID 1000u
#define NODES_MAX 5u
#define NET_ITEMS_MAX 8192u
#define FOUNDER "founder"

#define ck_err(found, expected) \
	do { \
		enum err ck_found = (found); \
		ck_assert_msg(ck_found == (expected), "line %d: %s instead of %s", __LINE__, \
		    err_name(ck_found), err_name(expected)); \
	} while (0)
#define ck_reason(found, expected) \
	do { \
		enum reason ck_found = (enum reason)(found); \
		ck_assert_msg(ck_found == (expected), "line %d: %s instead of %s", __LINE__, \
		    reason_name(ck_found), reason_name(expected)); \
	} while (0)

/* One organisation: what `malla init` makes, and its node while it runs. */
struct node {
	uint32_t index;
	char folder[96];
	struct home home;
	struct signer *root, *sign, *log, *witness, *founder;
	uint8_t envelope_secret[32];
	struct org_id org;
	struct card card; /* its texts are static */
	struct bytes package;
	struct bytes founder_entry;
	bool has_no_endpoint;
	struct keyring *keyring;
	struct core *core; /* NULL: not running */
};

enum net_verdict { NET_PASS, NET_DROP, NET_TWICE, NET_HOLD };

struct net_item {
	enum core_event_type type;
	uint32_t from;
	uint32_t to;
	struct bytes bytes;
};

struct net {
	uint32_t count;
	struct node nodes[NODES_MAX];
	uint64_t now_ms;
	uint64_t turns;
	uint64_t requests;
	bool allowed[NODES_MAX][NODES_MAX]; /* [who][whom] */
	bool linked[NODES_MAX][NODES_MAX];
	/* What happens to one frame; it may be altered.  NULL: everything passes. */
	enum net_verdict (*hook)(struct net *net, uint32_t from, uint32_t to, struct bytes *frame);
	uint64_t sent[NODES_MAX][NODES_MAX][10]; /* frames, by type, as they left */
	uint32_t first, next;
	struct net_item items[NET_ITEMS_MAX];
	uint32_t held_count;
	struct net_item held[64];
	struct bytes answer; /* the last one of any node */
	uint32_t answers;
	void *context; /* the hook's */
};

/* ---------------------------------------------------------------- an organisation */

static inline void
node_key(const struct node *node, enum key_purpose purpose, uint8_t out[32])
{
	uint8_t name[3] = {'k', (uint8_t)node->index, (uint8_t)purpose};
	struct hash hash;

	digest_sha256(bytes_view_of(name, sizeof(name)), &hash);
	memcpy(out, hash.bytes, 32);
}

/* The key in its file; its public half, and a signer where one is wanted. */
static inline void
node_make_key(struct node *node, enum key_purpose purpose, uint8_t public_key[32],
    struct signer **signer)
{
	char path[HOME_FILE_MAX];
	struct secret *secret;
	uint8_t seed[32];

	node_key(node, purpose, seed);
	ck_err(secret_open(seed, &secret), ERR_NONE);
	ck_err(secret_public(secret, purpose, public_key), ERR_NONE);
	if (purpose == KEY_OPERATOR)
		home_operator_key(&node->home, FOUNDER, path);
	else
		home_key(&node->home, key_purpose_name(purpose), path);
	ck_err(keyfile_write(path, purpose, secret, bytes_view_of(NULL, 0)), ERR_NONE);
	secret_free(secret);
	if (signer != NULL)
		ck_err(signer_open(seed, signer), ERR_NONE);
	if (purpose == KEY_ENVELOPE)
		memcpy(node->envelope_secret, seed, sizeof(seed));
}

static inline void
node_signed(const struct signer *signer, const struct bytes *statement, struct bytes *out)
{
	uint8_t signature[64];

	ck_err(signer_sign(signer, bytes_as_view(statement), signature), ERR_NONE);
	ck_err(signed_encode_one(bytes_as_view(statement), signature, out), ERR_NONE);
}

static inline void
node_make_root(struct node *node, struct bytes *signed_root)
{
	struct root root = {.version = 1, .created_ms = NODE_TIME - NODE_DAY, .threshold = 1,
	    .keys_count = 1};
	uint8_t public_key[32];
	struct bytes statement;
	struct hash id;

	node_make_key(node, KEY_ROOT, public_key, &node->root);
	root.keys[0].suite = SUITE_1;
	root.keys[0].bytes = bytes_view_of(public_key, sizeof(public_key));
	memset(root.next.bytes, 7, sizeof(root.next.bytes));
	bytes_init(&statement, ROOT_BYTES_MAX);
	ck_err(root_encode(&root, &statement), ERR_NONE);
	node_signed(node->root, &statement, signed_root);
	digest_sha256(bytes_as_view(&statement), &id);
	memcpy(node->org.bytes, id.bytes, sizeof(id.bytes));
	bytes_release(&statement);
}

/* The card package of node->card, as the root signs it. */
static inline void
node_make_package(struct node *node, struct bytes_view signed_root, struct bytes *out)
{
	static struct card_package package;
	struct bytes statement, signed_card;

	bytes_init(&statement, CARD_BYTES_MAX);
	bytes_init(&signed_card, CARD_BYTES_MAX + 256);
	ck_err(card_encode(&node->card, &statement), ERR_NONE);
	node_signed(node->root, &statement, &signed_card);
	memset(&package, 0, sizeof(package));
	package.roots_count = 1;
	ck_err(signed_decode(signed_root, ROOT_BYTES_MAX, &package.roots[0]), ERR_NONE);
	ck_err(signed_decode(bytes_as_view(&signed_card), CARD_BYTES_MAX, &package.card), ERR_NONE);
	bytes_clear(out);
	ck_err(card_package_encode(&package, out), ERR_NONE);
	bytes_release(&statement);
	bytes_release(&signed_card);
}

static inline void
node_write(const struct node *node, const char *name, struct bytes_view content)
{
	char path[HOME_FILE_MAX];

	home_file(&node->home, name, path);
	ck_err(home_write(path, content, 0600), ERR_NONE);
}

/* A card of this serial beside the one in force: for rotations and revocations. */
static inline void
node_make_card(struct node *node, struct bytes *package)
{
	struct bytes signed_root;
	struct card_package *old = calloc(1, sizeof(*old));

	ck_assert_ptr_nonnull(old);
	bytes_init(&signed_root, ROOT_BYTES_MAX + 256);
	ck_err(card_package_decode(bytes_as_view(&node->package), old), ERR_NONE);
	ck_err(signed_encode(&old->roots[0], &signed_root), ERR_NONE);
	node_make_package(node, bytes_as_view(&signed_root), package);
	bytes_release(&signed_root);
	free(old);
}

static inline void
node_make_founder(struct node *node)
{
	struct user_entry entry = {.name = bytes_view_str(FOUNDER), .uid = NODE_UID,
	    .roles = ROLE_ALL, .clearance = CLEARANCE_RED, .is_red_desk = true,
	    .added_ms = NODE_TIME};

	node_make_key(node, KEY_OPERATOR, entry.public_key, &node->founder);
	bytes_init(&node->founder_entry, 4096);
	ck_err(schema_encode(&request_user_schema, &entry, &node->founder_entry), ERR_NONE);
}

static inline void
node_make_folders(struct node *node)
{
	const char *base = getenv("TMPDIR");
	char path[HOME_FILE_MAX];

	(void)snprintf(node->folder, sizeof(node->folder), "%s/malla-node-XXXXXX",
	    base == NULL ? P_tmpdir : base);
	ck_assert_ptr_nonnull(mkdtemp(node->folder));
	ck_err(home_resolve(node->folder, &node->home), ERR_NONE);
	home_file(&node->home, "keys", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	home_file(&node->home, "operators", path);
	ck_assert_int_eq(mkdir(path, 0711), 0);
}

static inline void
node_found(struct node *node, uint32_t index)
{
	static const char *const names[NODES_MAX] = {"Banco del Norte", "CERT Centro",
	    "Telefonía Sur", "Universidad del Golfo", "Caja Popular Mixteca"};
	static const char *const endpoints[NODES_MAX] = {"tcp://127.0.0.1:7001",
	    "tcp://127.0.0.1:7002", "tcp://127.0.0.1:7003", "tcp://127.0.0.1:7004",
	    "tcp://127.0.0.1:7005"};
	struct card *card = &node->card;
	struct bytes signed_root, file;

	ck_err(digest_start(), ERR_NONE);
	log_init("test", LOG_ERROR, 0);
	node->index = index;
	node_make_folders(node);
	bytes_init(&signed_root, ROOT_BYTES_MAX + 256);
	node_make_root(node, &signed_root);
	*card = (struct card){.org = node->org, .name = bytes_view_str(names[index]),
	    .sector = bytes_view_str("bank"), .serial = 1, .issued_ms = NODE_TIME - NODE_DAY,
	    .expires_ms = NODE_TIME + 60 * NODE_DAY, .suite_min = SUITE_1};
	if (!node->has_no_endpoint)
		card->endpoints[card->endpoints_count++] = bytes_view_str(endpoints[index]);
	node_make_key(node, KEY_SIGN, card->sign_key, &node->sign);
	node_make_key(node, KEY_ENVELOPE, card->envelope_key, NULL);
	node_make_key(node, KEY_TRANSPORT, card->transport_key.bytes, NULL);
	node_make_key(node, KEY_LOG, card->log_key, &node->log);
	node_make_key(node, KEY_WITNESS, card->witness_key, &node->witness);
	bytes_init(&node->package, CARD_PACKAGE_BYTES_MAX);
	node_make_package(node, bytes_as_view(&signed_root), &node->package);
	node_make_founder(node);
	bytes_init(&file, CARD_FILE_BYTES_MAX * 2);
	ck_err(card_file_encode(bytes_as_view(&node->package), &file), ERR_NONE);
	node_write(node, "org", bytes_as_view(&file));
	bytes_release(&file);
	bytes_release(&signed_root);
}

static inline void
node_open(struct node *node, uint64_t now_ms)
{
	struct core_setup setup = {.package = bytes_as_view(&node->package),
	    .founder = bytes_as_view(&node->founder_entry), .credit = CREDIT_DEFAULT,
	    .now_ms = now_ms};
	char path[HOME_FILE_MAX];
	enum err err;

	home_file(&node->home, "store.db", path);
	ck_err(keyring_open(&node->home, bytes_view_of(NULL, 0), &node->keyring), ERR_NONE);
	setup.store_path = path;
	setup.keyring = node->keyring;
	err = core_open(&setup, &node->core);
	ck_assert_msg(err == ERR_NONE, "core_open: %s: %s", err_name(err),
	    core_message(node->core));
}

/* As a crash leaves it: what was not committed is lost, and so is everything in memory. */
static inline void
node_close(struct node *node)
{
	core_close(node->core);
	node->core = NULL;
	if (node->keyring != NULL)
		node->keyring->free(node->keyring);
	node->keyring = NULL;
}

static inline int
node_remove_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

static inline void
node_done(struct node *node)
{
	node_close(node);
	signer_free(node->root);
	signer_free(node->sign);
	signer_free(node->log);
	signer_free(node->witness);
	signer_free(node->founder);
	bytes_release(&node->package);
	bytes_release(&node->founder_entry);
	ck_assert_int_eq(nftw(node->folder, node_remove_file, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---------------------------------------------------------------- the network */

static inline uint32_t
net_find(const struct net *net, const struct transport_key *key)
{
	uint32_t i;

	for (i = 0; i < net->count; i++) {
		if (memcmp(&net->nodes[i].card.transport_key, key, sizeof(*key)) == 0)
			return i;
	}
	return NODES_MAX;
}

static inline void
net_push(struct net *net, enum core_event_type type, uint32_t from, uint32_t to,
    struct bytes_view bytes)
{
	struct net_item *item = &net->items[net->next++ % NET_ITEMS_MAX];

	ck_assert_uint_lt(net->next - net->first, NET_ITEMS_MAX);
	*item = (struct net_item){.type = type, .from = from, .to = to};
	bytes_init(&item->bytes, 2 * FRAME_BYTES_MAX);
	bytes_append(&item->bytes, bytes.data, bytes.len);
}

/* A frame on its way, as the hook says. */
static inline void
net_carry(struct net *net, uint32_t from, uint32_t to, const struct core_action *action)
{
	struct bytes frame;
	enum net_verdict verdict = NET_PASS;

	if (!net->linked[from][to]) {
		net_push(net, CORE_LINK_UNSENT, to, from, bytes_view_of(NULL, 0));
		return;
	}
	if (action->len > 1 && action->data[1] < 10)
		net->sent[from][to][action->data[1]]++;
	bytes_init(&frame, 2 * FRAME_BYTES_MAX);
	bytes_append(&frame, action->data, action->len);
	if (net->hook != NULL)
		verdict = net->hook(net, from, to, &frame);
	if (verdict == NET_HOLD) {
		ck_assert_uint_lt(net->held_count, 64);
		net->held[net->held_count++] =
		    (struct net_item){CORE_LINK_MESSAGE, from, to, frame};
		return;
	}
	if (verdict != NET_DROP)
		net_push(net, CORE_LINK_MESSAGE, from, to, bytes_as_view(&frame));
	if (verdict == NET_TWICE)
		net_push(net, CORE_LINK_MESSAGE, from, to, bytes_as_view(&frame));
	bytes_release(&frame);
}

static inline void
net_unlink(struct net *net, uint32_t a, uint32_t b)
{
	net->linked[a][b] = net->linked[b][a] = false;
}

static inline void
net_act(struct net *net, uint32_t from, const struct core_action *action)
{
	uint32_t to = action->type == CORE_ANSWER ? 0 : net_find(net, &action->key);

	switch (action->type) {
	case CORE_SEND:
		if (to < net->count)
			net_carry(net, from, to, action);
		return;
	case CORE_DIAL:
		if (to < net->count && net->nodes[to].core != NULL && net->allowed[to][from] &&
		    net->allowed[from][to]) {
			net->linked[from][to] = net->linked[to][from] = true;
			net_push(net, CORE_LINK_UP, to, from, bytes_view_of(NULL, 0));
		} else {
			net_push(net, CORE_LINK_DOWN, to, from, bytes_view_str("no handshake"));
		}
		return;
	case CORE_HANG_UP:
		if (to < net->count && net->linked[from][to]) {
			net_unlink(net, from, to);
			net_push(net, CORE_LINK_DOWN, from, to, bytes_view_of(NULL, 0));
		}
		return;
	case CORE_ALLOW:
	case CORE_FORBID:
		if (to < net->count)
			net->allowed[from][to] = action->type == CORE_ALLOW;
		return;
	case CORE_ANSWER:
		bytes_clear(&net->answer);
		bytes_append(&net->answer, action->data, action->len);
		net->answers++;
		return;
	}
}

/* One turn with one event (NULL: none); what it releases is carried on. */
static inline enum err
net_try_turn(struct net *net, uint32_t at, const struct core_event *event)
{
	struct node *node = &net->nodes[at];
	const struct core_action *actions;
	uint8_t seed[32] = {0};
	uint32_t count, i;
	enum err err;

	bytes_put_u64(seed, ++net->turns);
	seed[8] = (uint8_t)at;
	core_turn_begin(node->core, net->now_ms, seed);
	if (event != NULL)
		core_step(node->core, event);
	err = core_turn_end(node->core);
	actions = core_actions(node->core, &count);
	for (i = 0; i < count; i++)
		net_act(net, at, &actions[i]);
	core_actions_clear(node->core);
	return err;
}

static inline void
net_turn(struct net *net, uint32_t at, const struct core_event *event)
{
	enum err err = net_try_turn(net, at, event);

	ck_assert_msg(err == ERR_NONE, "turn of node %u: %s: %s", at, err_name(err),
	    core_message(net->nodes[at].core));
}

/* Whether somebody had something to do. */
static inline bool
net_work(struct net *net)
{
	bool worked = false;
	uint32_t i;

	for (i = 0; i < net->count; i++) {
		if (net->nodes[i].core != NULL && core_has_work(net->nodes[i].core)) {
			net_turn(net, i, NULL);
			worked = true;
		}
	}
	return worked;
}

/* Until nobody has anything to do and nothing is on its way. */
static inline void
net_run(struct net *net)
{
	uint32_t rounds = 0;

	while (net_work(net) || net->first != net->next) {
		struct net_item *item;
		struct core_event event = {0};

		ck_assert_uint_lt(rounds++, 20000);
		if (net->first == net->next)
			continue;
		item = &net->items[net->first++ % NET_ITEMS_MAX];
		event.type = item->type;
		event.key = net->nodes[item->from].card.transport_key;
		event.bytes = bytes_as_view(&item->bytes);
		if (net->nodes[item->to].core != NULL)
			net_turn(net, item->to, &event);
		bytes_release(&item->bytes);
	}
}

/* What was held back goes on its way now. */
static inline void
net_release(struct net *net)
{
	uint32_t i;

	for (i = 0; i < net->held_count; i++) {
		net_push(net, net->held[i].type, net->held[i].from, net->held[i].to,
		    bytes_as_view(&net->held[i].bytes));
		bytes_release(&net->held[i].bytes);
	}
	net->held_count = 0;
}

static inline void
net_event(struct net *net, uint32_t at, enum core_event_type type)
{
	struct core_event event = {.type = type};

	net_turn(net, at, &event);
}

/* Time passes, and everybody looks at the clock. */
static inline void
net_pass(struct net *net, uint64_t ms)
{
	uint32_t i;

	net->now_ms += ms;
	for (i = 0; i < net->count; i++) {
		if (net->nodes[i].core != NULL)
			net_event(net, i, CORE_TICK);
	}
	net_run(net);
}

static inline void
net_start(struct net *net, uint32_t at)
{
	node_open(&net->nodes[at], net->now_ms);
	net_event(net, at, CORE_LINK_STARTED);
}

/* The process dies: whatever is on its way to it is lost, and the others see the link fall. */
static inline void
net_crash(struct net *net, uint32_t at)
{
	uint32_t i;

	node_close(&net->nodes[at]);
	for (i = 0; i < net->count; i++) {
		net->allowed[at][i] = false;
		if (net->linked[at][i])
			net_push(net, CORE_LINK_DOWN, at, i, bytes_view_of(NULL, 0));
		net_unlink(net, at, i);
	}
}

static inline struct net *
net_open(uint32_t count)
{
	struct net *net = calloc(1, sizeof(*net));
	uint32_t i;

	ck_assert_ptr_nonnull(net);
	net->count = count;
	net->now_ms = NODE_TIME;
	bytes_init(&net->answer, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++) {
		node_found(&net->nodes[i], i);
		net_start(net, i);
	}
	return net;
}

static inline void
net_close(struct net *net)
{
	uint32_t i;

	for (; net->first != net->next; net->first++)
		bytes_release(&net->items[net->first % NET_ITEMS_MAX].bytes);
	for (i = 0; i < net->held_count; i++)
		bytes_release(&net->held[i].bytes);
	for (i = 0; i < net->count; i++)
		node_done(&net->nodes[i]);
	bytes_release(&net->answer);
	free(net);
}

/* ---------------------------------------------------------------- requests */

struct net_request {
	uint64_t command;
	struct bytes_view arguments; /* empty: the empty map */
	const struct signer *signer; /* NULL: not signed */
	uint32_t uid;
	struct nonce id;
};

/* The act that permits a request, signed. */
static inline void
net_sign_act(const struct net *net, uint32_t at, const struct request *request,
    const struct signer *signer, struct bytes *out)
{
	struct act act = {.node = net->nodes[at].org, .request = request->id,
	    .expires_ms = net->now_ms + 60000, .command = request->command};
	struct bytes statement;

	digest_sha256(request->arguments, &act.arguments);
	bytes_init(&statement, 1024);
	ck_err(request_act_encode(&act, &statement), ERR_NONE);
	node_signed(signer, &statement, out);
	bytes_release(&statement);
}

/* The bytes of any request to a node, in one turn; the answer's in net->answer. */
static inline void
net_ask(struct net *net, uint32_t at, uint32_t uid, struct bytes_view bytes)
{
	struct core_event event = {.type = CORE_REQUEST, .client = 1, .uid = uid, .bytes = bytes};
	uint32_t before = net->answers;

	net_turn(net, at, &event);
	ck_assert_uint_eq(net->answers, before + 1);
}

static inline struct answer
net_answer(const struct net *net)
{
	struct answer answer;

	ck_err(request_answer_decode(bytes_as_view(&net->answer), &answer), ERR_NONE);
	return answer;
}

/* A request as its table row says; the answer borrows from net->answer. */
static inline struct answer
net_request(struct net *net, uint32_t at, const struct net_request *wanted)
{
	struct request request = {.command = wanted->command, .arguments = wanted->arguments,
	    .id = wanted->id};
	static const struct nonce no_id;
	struct bytes encoded, act;

	if (memcmp(&request.id, &no_id, sizeof(no_id)) == 0)
		bytes_put_u64(request.id.bytes, ++net->requests);
	if (request.arguments.len == 0)
		request.arguments = bytes_view_of("\x80", 1);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	bytes_init(&act, 1024);
	if (wanted->signer != NULL)
		net_sign_act(net, at, &request, wanted->signer, &act);
	request.act = bytes_as_view(&act);
	ck_err(request_encode(&request, &encoded), ERR_NONE);
	net_ask(net, at, wanted->uid, bytes_as_view(&encoded));
	bytes_release(&encoded);
	bytes_release(&act);
	return net_answer(net);
}

/* An operator beside the founder, with a key of its own that its uid decides. */
struct net_person {
	struct signer *signer;
	uint32_t uid;
};

static inline struct net_person
net_person(struct net *net, uint32_t at, const char *name, uint64_t roles, uint64_t clearance,
    uint32_t uid)
{
	struct user_entry entry = {
	    .name = bytes_view_str(name), .uid = uid, .roles = roles, .clearance = clearance};
	struct net_person person = {.uid = uid};
	uint8_t seed[32] = {0};
	struct bytes encoded;
	struct answer answer;

	bytes_put_u32(seed, uid);
	ck_err(signer_open(seed, &person.signer), ERR_NONE);
	memcpy(entry.public_key, signer_public(person.signer), sizeof(entry.public_key));
	bytes_init(&encoded, 4096);
	ck_err(schema_encode(&request_user_schema, &entry, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = REQUEST_USER_ADD,
		.arguments = bytes_as_view(&encoded), .signer = net->nodes[at].founder,
		.uid = NODE_UID});
	ck_reason(answer.reason, REASON_STORED);
	bytes_release(&encoded);
	return person;
}

static inline enum reason
net_peer_add(struct net *net, uint32_t at, uint32_t peer)
{
	struct peer_add_arguments arguments = {
	    .package = bytes_as_view(&net->nodes[peer].package)};
	struct bytes encoded;
	struct answer answer;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_peer_add_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = REQUEST_PEER_ADD, .arguments = bytes_as_view(&encoded),
		.signer = net->nodes[at].founder, .uid = NODE_UID});
	bytes_release(&encoded);
	return answer.reason;
}

static inline enum reason
net_peer_remove(struct net *net, uint32_t at, uint32_t peer)
{
	struct org_body arguments;
	struct bytes encoded;
	struct answer answer;

	memcpy(arguments.org, net->nodes[peer].org.bytes, sizeof(arguments.org));
	bytes_init(&encoded, 1024);
	ck_err(schema_encode(&request_org_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = REQUEST_PEER_REMOVE,
		.arguments = bytes_as_view(&encoded), .signer = net->nodes[at].founder,
		.uid = NODE_UID});
	bytes_release(&encoded);
	return answer.reason;
}

/* Put a policy in force, whose lists the node has; it decides anew in this very turn. */
static inline struct answer
net_policy_lists(struct net *net, uint32_t at, const char *text, struct schema_list lists)
{
	struct policy_set_arguments arguments = {.text = bytes_view_str(text), .lists = lists};
	struct bytes encoded;
	struct answer answer;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_policy_set_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = REQUEST_POLICY_SET,
		.arguments = bytes_as_view(&encoded), .signer = net->nodes[at].founder,
		.uid = NODE_UID});
	bytes_release(&encoded);
	return answer;
}

static inline enum reason
net_policy(struct net *net, uint32_t at, const char *text)
{
	return net_policy_lists(net, at, text, (struct schema_list){0}).reason;
}

/* Both know each other and their session is open. */
static inline void
net_befriend(struct net *net, uint32_t a, uint32_t b)
{
	ck_reason(net_peer_add(net, a, b), REASON_STORED);
	ck_reason(net_peer_add(net, b, a), REASON_STORED);
	net_pass(net, 1000);
}

/* What one node remembers of another. */
static inline struct member *
net_member(struct net *net, uint32_t at, uint32_t peer)
{
	struct member *member = directory_find(net->nodes[at].core, &net->nodes[peer].org);

	ck_assert_ptr_nonnull(member);
	return member;
}

static inline bool
net_is_open(struct net *net, uint32_t a, uint32_t b)
{
	return net_member(net, a, b)->state == SESSION_OPEN &&
	       net_member(net, b, a)->state == SESSION_OPEN;
}

/* Until both sessions are open, back-offs and all. */
static inline void
net_reconnect(struct net *net, uint32_t a, uint32_t b)
{
	uint32_t tries;

	net_run(net);
	for (tries = 0; tries < 40 && !net_is_open(net, a, b); tries++)
		net_pass(net, 5000);
	ck_assert(net_is_open(net, a, b));
}

/* ---------------------------------------------------------------- records */

/* A draft note; `change` may make it something else. */
typedef void (*net_change_fn)(struct record *record, void *context);

static inline void
net_draft(enum tlp tlp, const char *title, net_change_fn change, void *context,
    struct bytes *out)
{
	static struct record record;

	record_init(&record, RECORD_NOTE, tlp);
	record.body.title = bytes_view_str(title);
	record.body.text = bytes_view_str("seen at the border gateway");
	if (change != NULL)
		change(&record, context);
	ck_err(record_encode(&record, out), ERR_NONE);
}

/* Share drafts of one list; every outcome must be as said. */
static inline enum reason
net_submit(struct net *net, uint32_t at, struct schema_list drafts, struct submit_outcome *first)
{
	struct submit_arguments arguments = {.drafts = drafts};
	struct submit_outcome outcome;
	struct submit_body body;
	struct bytes encoded;
	struct answer answer;

	bytes_init(&encoded, REQUEST_BYTES_MAX);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	answer = net_request(net, at,
	    &(struct net_request){.command = REQUEST_SUBMIT, .arguments = bytes_as_view(&encoded),
		.uid = NODE_UID});
	bytes_release(&encoded);
	if (answer.reason != REASON_STORED)
		return answer.reason;
	ck_err(schema_decode(&request_submit_body_schema, answer.body, &body), ERR_NONE);
	ck_assert_uint_eq(body.outcomes.count, drafts.count);
	ck_err(schema_list_next(&body.outcomes, &request_outcome_schema, &outcome), ERR_NONE);
	if (first != NULL)
		*first = outcome;
	return (enum reason)outcome.reason;
}

/* One note under a label, changed as wanted; the record's id. */
static inline enum reason
net_share(struct net *net, uint32_t at, enum tlp tlp, const char *title, net_change_fn change,
    void *context, struct record_id *id)
{
	struct schema_list drafts = {0};
	struct submit_outcome outcome;
	struct bytes draft, items;
	enum reason reason;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	net_draft(tlp, title, change, context, &draft);
	ck_err(schema_list_add_bin(&drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	reason = net_submit(net, at, drafts, &outcome);
	if (id != NULL && reason == REASON_STORED)
		memcpy(id->bytes, outcome.id, sizeof(id->bytes));
	bytes_release(&draft);
	bytes_release(&items);
	return reason;
}

static inline bool
net_has(struct net *net, uint32_t at, const struct record_id *id)
{
	bool has = false;

	ck_err(records_has(net->nodes[at].core->store, id, &has), ERR_NONE);
	return has;
}

static inline uint64_t
net_records(struct net *net, uint32_t at)
{
	uint64_t records, batches;

	ck_err(records_totals(net->nodes[at].core->store, &records, &batches), ERR_NONE);
	return records;
}

static inline void
net_to(struct record *record, void *context)
{
	ck_err(audience_add_org(&record->audience, context), ERR_NONE);
}

static inline enum err
net_count_leaf(void *context, const struct event_row *row)
{
	uint64_t *counts = context;
	struct event event;

	ck_err(event_leaf_decode(row->leaf, &event), ERR_NONE);
	counts[event.type]++;
	return ERR_NONE;
}

/* How many leaves of one type a log has. */
static inline uint64_t
net_leaves(struct net *net, uint32_t at, enum event_type type)
{
	uint64_t counts[32] = {0};

	ck_err(events_each(net->nodes[at].core->store, 0, 100000, net_count_leaf, counts), ERR_NONE);
	return counts[type];
}

#endif
