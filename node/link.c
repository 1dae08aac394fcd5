#include "node/link.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "node/channel.h"
#include "node/resolver.h"
#include "node/sandbox.h"

/* A draft option, absent from the packaged header, honoured by the library: without it a
   CURVE server whose ZAP handler is away lets everybody in (TRAPS 1). */
#define OPTION_ZAP_ENFORCE_DOMAIN 93
#define ZAP_DOMAIN "malla"
#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

#define HIGH_WATER 64 /* messages a connection; the outbox is in the store */
/* What CURVE adds to a frame (RFC 26: 8 bytes command, 8 nonce, 16 tag, 1 flags), which libzmq
   counts against MAXMSGSIZE: without it the largest frame would end its own connection. */
#define CURVE_BYTES 33
#define HANDSHAKE_MS 5000 /* an absolute deadline (TRAPS 6) */
#define DIAL_MS 10000u
#define HEARTBEAT_MS 10000
#define HEARTBEAT_TIMEOUT_MS 30000
#define HEARTBEAT_TTL_MS 60000 /* under 65 s (TRAPS 8) */
#define BURST 64               /* messages taken from one socket before the others have a turn */
#define COUNTERS_MS 10000u
#define FAREWELL_MS 1000      /* for what was sent just before hanging up: mostly, why */
#define LOOKUP_MS 50          /* how often names that are looked up are asked after */
#define LISTEN_FIRST_MS 1000u /* before an endpoint that could not be bound is tried again */
#define LISTEN_MAX_MS 30000u
#define TRIM_MS 1000u
#define QUEUE_BYTES 16384
#define ZAP_REST_MS (HANDSHAKE_MS + 1000u) /* no handshake lasts so long */
#define ROUTE_BYTES 5 /* 0 and a number: what ROUTER itself gives a connection */
#define SOCKETS_MAX (3 * (int)PEERS_MAX + 64) /* a dealer and the two ends of its monitor */

/* One organisation that may talk to us, or that we dialed. */
struct contact {
	struct transport_key key;
	bool is_allowed;
	bool has_route;
	uint8_t route[ROUTE_BYTES]; /* of the newest connection it opened to us */
	struct resolver *lookup;    /* of the name of the endpoint that we dial, or NULL */
	uint32_t dials;
	void *dealer; /* the connection that we opened, or NULL */
	void *monitor;
	bool is_up;          /* its handshake is complete */
	const char *ending;  /* why it has ended: closed once its last messages are read; or NULL */
	bool prefers_dealer; /* the newest message came this way */
	uint64_t deadline_ms; /* of the handshake */
};

/* An endpoint to listen on. */
struct listener {
	char endpoint[ENDPOINT_BYTES_MAX + 1];
	bool is_bound;
	int failure; /* errno of the last try, told once */
	uint64_t delay_ms;
	uint64_t retry_ms;
};

/* A message that waits until core can take it. */
struct waiting {
	struct waiting *next;
	size_t len;
	uint8_t data[];
};

struct link {
	int core_fd;
	void *context;
	void *router;
	void *zap;
	uint8_t public_key[32];
	struct secret *secret;
	struct listener listeners[ENDPOINTS_MAX];
	uint32_t listeners_count;
	struct contact **contacts;
	uint32_t count, cap;
	uint32_t monitors; /* names made so far */
	struct waiting *first, *last;
	struct bytes scratch;
	uint64_t tail_number; /* of what several frames end in */
	struct bytes tail;
	uint64_t refused, dropped;
	uint64_t refused_told, dropped_told;
	uint64_t told_ms;
	uint64_t trim_ms;
	bool has_worked; /* since memory was given back */
	bool was_busy;   /* likewise: with large frames */
	bool is_busy;    /* the allocator expects them */
	uint64_t
	    zap_ms; /* when somebody was last answered by ZAP; 0: nobody since it was renewed */
	bool is_over;
};

/* ---------------------------------------------------------------- messages */

enum err
link_encode_head(const struct link_message *message, size_t len, struct bytes *out)
{
	static const uint8_t pad[3];

	bytes_append_u8(out, (uint8_t)message->type);
	bytes_append(out, pad, sizeof(pad));
	bytes_append_u32(out, (uint32_t)len);
	bytes_append(out, message->key.bytes, sizeof(message->key.bytes));
	return out->err;
}

enum err
link_encode(const struct link_message *message, struct bytes *out)
{
	enum err err = link_encode_head(message, message->bytes.len, out);

	bytes_append(out, message->bytes.data, message->bytes.len);
	return err != ERR_NONE ? err : out->err;
}

enum err
link_decode(struct bytes_view in, struct link_message *out)
{
	size_t len;

	if (in.len < LINK_HEADER_BYTES)
		return ERR_TRUNCATED;
	len = bytes_get_u32(in.data + 4);
	if (len > FRAME_BYTES_MAX)
		return ERR_TOO_LARGE;
	if (in.len != LINK_HEADER_BYTES + len)
		return in.len < LINK_HEADER_BYTES + len ? ERR_TRUNCATED : ERR_TRAILING;
	if (in.data[0] < LINK_LISTEN || (in.data[0] > LINK_SEND_TAIL && in.data[0] < LINK_READY) ||
	    in.data[0] > LINK_UNBOUND)
		return ERR_TYPE;
	out->type = (enum link_type)in.data[0];
	memcpy(out->key.bytes, in.data + 8, sizeof(out->key.bytes));
	out->bytes = bytes_view_of(in.data + LINK_HEADER_BYTES, len);
	return ERR_NONE;
}

/* ---------------------------------------------------------------- memory */

/* What libzmq holds for a connection are mostly queues of 256 places, 16,400 bytes each, of which a
   quiet peer uses the first few: mapped by themselves they share no page with anything else, and
   are gone with it.  Frames of the largest size, though, come and go by the hundred: mapped and
   unmapped one by one, they cost more in page faults than in ciphering, so as long as there are
   any, everything stays in the heap, and that is one heap, whose end can be given back. */
static void
set_mapping(struct link *link, bool is_busy)
{
	link->is_busy = is_busy;
	(void)mallopt(M_MMAP_THRESHOLD, is_busy ? 16 * (int)FRAME_BYTES_MAX : QUEUE_BYTES);
}

static void
prepare_memory(struct link *link)
{
	(void)mallopt(M_ARENA_MAX, 1);
	(void)mallopt(M_TRIM_THRESHOLD, 256 * (int)FRAME_BYTES_MAX);
	set_mapping(link, false);
}

/* Something went through: this many bytes of it. */
static void
note_work(struct link *link, size_t bytes)
{
	if (!link->has_worked)
		link->trim_ms = clock_steady_ms() + TRIM_MS; /* not in anybody's way */
	link->has_worked = true;
	link->was_busy = link->was_busy || bytes >= QUEUE_BYTES;
	if (link->was_busy && !link->is_busy)
		set_mapping(link, true);
}

/* Frames come in bursts, and what held them is kept by the allocator in case of more: a node with
   many quiet peers would hold its largest burst for good. */
static void
give_back(struct link *link)
{
	uint64_t now = clock_steady_ms();

	if (!link->has_worked || now < link->trim_ms)
		return;
	(void)malloc_trim(0);
	if (link->is_busy && !link->was_busy)
		set_mapping(link, false);
	link->has_worked = link->is_busy; /* until it is quiet again */
	link->was_busy = false;
	link->trim_ms = now + TRIM_MS;
}

/* ---------------------------------------------------------------- towards core */

/* Never waits: what core cannot take now is kept, and nothing more is read meanwhile. */
static void
flush(struct link *link)
{
	while (link->first != NULL && !link->is_over) {
		struct waiting *head = link->first;
		enum err err =
		    channel_try_send(link->core_fd, bytes_view_of(head->data, head->len));

		if (err == ERR_NO)
			return;
		if (err != ERR_NONE)
			link->is_over = true;
		link->first = head->next;
		if (link->first == NULL)
			link->last = NULL;
		free(head);
	}
}

static void
tell(struct link *link, enum link_type type, const struct transport_key *key,
    struct bytes_view bytes)
{
	struct link_message message = {.type = type, .bytes = bytes};
	struct waiting *waiting;

	note_work(link, bytes.len);
	if (key != NULL)
		message.key = *key;
	bytes_clear(&link->scratch);
	if (link_encode(&message, &link->scratch) != ERR_NONE)
		return;
	waiting = malloc(sizeof(*waiting) + link->scratch.len);
	if (waiting == NULL) {
		link->is_over = true; /* whoever starts us again starts clean */
		return;
	}
	waiting->next = NULL;
	waiting->len = link->scratch.len;
	memcpy(waiting->data, link->scratch.data, link->scratch.len);
	if (link->last == NULL)
		link->first = waiting;
	else
		link->last->next = waiting;
	link->last = waiting;
	flush(link);
}

static void
tell_words(
    struct link *link, enum link_type type, const struct transport_key *key, const char *words)
{
	tell(link, type, key, bytes_view_str(words));
}

static void
tell_counters(struct link *link)
{
	uint8_t counters[16];
	uint64_t now = clock_steady_ms();

	if (now < link->told_ms + COUNTERS_MS ||
	    (link->refused == link->refused_told && link->dropped == link->dropped_told))
		return;
	link->told_ms = now;
	link->refused_told = link->refused;
	link->dropped_told = link->dropped;
	bytes_put_u64(counters, link->refused);
	bytes_put_u64(counters + 8, link->dropped);
	tell(link, LINK_COUNTERS, NULL, bytes_view_of(counters, sizeof(counters)));
}

/* ---------------------------------------------------------------- contacts */

static struct contact *
find_contact(const struct link *link, const struct transport_key *key)
{
	uint32_t i;

	for (i = 0; i < link->count; i++) {
		if (memcmp(&link->contacts[i]->key, key, sizeof(*key)) == 0)
			return link->contacts[i];
	}
	return NULL;
}

static struct contact *
get_contact(struct link *link, const struct transport_key *key)
{
	struct contact *contact = find_contact(link, key);

	if (contact != NULL)
		return contact;
	if (link->count == link->cap) {
		uint32_t cap = link->cap == 0 ? 16 : link->cap * 2;
		struct contact **grown = realloc(link->contacts, cap * sizeof(struct contact *));

		if (grown == NULL)
			return NULL;
		link->contacts = grown;
		link->cap = cap;
	}
	contact = calloc(1, sizeof(*contact));
	if (contact == NULL)
		return NULL;
	contact->key = *key;
	link->contacts[link->count++] = contact;
	return contact;
}

static void
close_dealer(struct contact *contact)
{
	resolver_free(contact->lookup);
	if (contact->dealer != NULL) {
		(void)zmq_socket_monitor(contact->dealer, NULL, 0);
		(void)zmq_close(contact->dealer);
	}
	if (contact->monitor != NULL)
		(void)zmq_close(contact->monitor);
	contact->lookup = NULL;
	contact->dealer = NULL;
	contact->monitor = NULL;
	contact->is_up = false;
	contact->ending = NULL;
	contact->prefers_dealer = false;
}

static void
forbid(struct contact *contact)
{
	contact->is_allowed = false;
	contact->has_route = false;
	close_dealer(contact);
}

/* Politely: what was said last, such as why, still goes out. */
static void
hang_up(struct contact *contact)
{
	const int farewell_ms = FAREWELL_MS;

	if (contact->dealer != NULL && contact->is_up)
		(void)zmq_setsockopt(
		    contact->dealer, ZMQ_LINGER, &farewell_ms, sizeof(farewell_ms));
	contact->has_route = false;
	close_dealer(contact);
}

/* The connection that we opened is gone.  Where the peer's own connection to us carries what is
   said, core has lost nothing by it. */
static void
tell_down(struct link *link, struct contact *contact, const char *words)
{
	bool is_lost = contact->prefers_dealer || !contact->has_route;

	close_dealer(contact);
	if (is_lost)
		tell_words(link, LINK_DOWN, &contact->key, words);
}

/* ---------------------------------------------------------------- sockets */

static bool
set_number(void *socket, int option, int value)
{
	return zmq_setsockopt(socket, option, &value, sizeof(value)) == 0;
}

static bool
set_common(const struct link *link, void *socket)
{
	int64_t frame_max = FRAME_BYTES_MAX + CURVE_BYTES;

	return set_number(socket, ZMQ_LINGER, 0) && set_number(socket, ZMQ_SNDHWM, HIGH_WATER) &&
	       set_number(socket, ZMQ_RCVHWM, HIGH_WATER) &&
	       zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_max, sizeof(frame_max)) == 0 &&
	       set_number(socket, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS) &&
	       set_number(socket, ZMQ_HEARTBEAT_IVL, HEARTBEAT_MS) &&
	       set_number(socket, ZMQ_HEARTBEAT_TIMEOUT, HEARTBEAT_TIMEOUT_MS) &&
	       set_number(socket, ZMQ_HEARTBEAT_TTL, HEARTBEAT_TTL_MS) &&
	       set_number(socket, ZMQ_IPV6, 1) &&
	       zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_bytes(link->secret), 32) == 0 &&
	       zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, link->public_key, 32) == 0;
}

/* The handler of ZAP stands before any listener does. */
static bool
open_zap(struct link *link)
{
	link->zap = zmq_socket(link->context, ZMQ_REP);
	return link->zap != NULL && set_number(link->zap, ZMQ_LINGER, 0) &&
	       zmq_bind(link->zap, ZAP_ENDPOINT) == 0;
}

static bool
open_router(struct link *link)
{
	link->router = zmq_socket(link->context, ZMQ_ROUTER);
	return link->router != NULL && set_common(link, link->router) &&
	       set_number(link->router, ZMQ_ROUTER_MANDATORY, 1) &&
	       set_number(link->router, ZMQ_ROUTER_HANDOVER, 0) &&
	       set_number(link->router, ZMQ_CURVE_SERVER, 1) &&
	       zmq_setsockopt(link->router, ZMQ_ZAP_DOMAIN, ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0 &&
	       set_number(link->router, OPTION_ZAP_ENFORCE_DOMAIN, 1);
}

/* What is in the way may go: another process on the port, an address that is not there yet. */
static void
tell_unbound(struct link *link, struct listener *listener)
{
	char words[ENDPOINT_BYTES_MAX + 128];
	int failure = errno;

	listener->delay_ms = listener->delay_ms == 0 ? LISTEN_FIRST_MS : listener->delay_ms * 2;
	if (listener->delay_ms > LISTEN_MAX_MS)
		listener->delay_ms = LISTEN_MAX_MS;
	listener->retry_ms = clock_steady_ms() + listener->delay_ms;
	if (failure == listener->failure)
		return;
	listener->failure = failure;
	(void)snprintf(words, sizeof(words), "%s: %s", listener->endpoint, zmq_strerror(failure));
	tell_words(link, LINK_UNBOUND, NULL, words);
}

static void
try_to_listen(struct link *link, struct listener *listener)
{
	char text[ENDPOINT_BYTES_MAX + 1];
	size_t len = sizeof(text);

	/* an IPv4 endpoint is bound as such, and shown as such */
	if (!set_number(link->router, ZMQ_IPV6, strchr(listener->endpoint, '[') != NULL) ||
	    zmq_bind(link->router, listener->endpoint) != 0) {
		tell_unbound(link, listener);
		return;
	}
	listener->is_bound = true;
	if (zmq_getsockopt(link->router, ZMQ_LAST_ENDPOINT, text, &len) == 0)
		tell_words(link, LINK_BOUND, NULL, text);
}

static void
listen_on(struct link *link, struct bytes_view endpoint)
{
	struct listener *listener = &link->listeners[link->listeners_count];

	if (endpoint.len > ENDPOINT_BYTES_MAX || link->listeners_count == ENDPOINTS_MAX)
		return;
	link->listeners_count++;
	*listener = (struct listener){.is_bound = false};
	memcpy(listener->endpoint, endpoint.data, endpoint.len);
	try_to_listen(link, listener);
}

static void
check_listeners(struct link *link)
{
	uint64_t now = clock_steady_ms();
	uint32_t i;

	for (i = 0; i < link->listeners_count; i++) {
		struct listener *listener = &link->listeners[i];

		if (!listener->is_bound && now >= listener->retry_ms)
			try_to_listen(link, listener);
	}
}

static bool
open_monitor(struct link *link, struct contact *contact)
{
	char name[64];
	int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
		     ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH |
		     ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_CLOSED;

	(void)snprintf(name, sizeof(name), "inproc://monitor-%u", link->monitors++);
	if (zmq_socket_monitor(contact->dealer, name, events) != 0)
		return false;
	contact->monitor = zmq_socket(link->context, ZMQ_PAIR);
	return contact->monitor != NULL && set_number(contact->monitor, ZMQ_LINGER, 0) &&
	       zmq_connect(contact->monitor, name) == 0;
}

/* libzmq is told never to reconnect by itself (TRAPS 8): core backs off and asks again. */
static bool
open_dealer(struct link *link, struct contact *contact, const char *endpoint)
{
	contact->dealer = zmq_socket(link->context, ZMQ_DEALER);
	return contact->dealer != NULL && set_common(link, contact->dealer) &&
	       set_number(contact->dealer, ZMQ_IMMEDIATE, 1) &&
	       set_number(contact->dealer, ZMQ_RECONNECT_IVL, -1) &&
	       set_number(contact->dealer, ZMQ_CONNECT_TIMEOUT, HANDSHAKE_MS) &&
	       zmq_setsockopt(contact->dealer, ZMQ_CURVE_SERVERKEY, contact->key.bytes, 32) == 0 &&
	       open_monitor(link, contact) && zmq_connect(contact->dealer, endpoint) == 0;
}

static void
connect_to(struct link *link, struct contact *contact, const char *endpoint)
{
	if (!open_dealer(link, contact, endpoint))
		tell_down(link, contact, zmq_strerror(errno));
}

/* One connection to one key. */
static void
dial(struct link *link, const struct transport_key *key, struct bytes_view endpoint)
{
	struct contact *contact = get_contact(link, key);
	char text[ENDPOINT_BYTES_MAX + 1];

	if (contact == NULL || endpoint.len >= sizeof(text))
		return;
	memcpy(text, endpoint.data, endpoint.len);
	text[endpoint.len] = '\0';
	close_dealer(contact);
	contact->dials++;
	contact->deadline_ms = clock_steady_ms() + DIAL_MS;
	if (resolver_is_address(text))
		connect_to(link, contact, text);
	else if (resolver_open(text, &contact->lookup) != ERR_NONE)
		tell_down(link, contact, "its name cannot be looked up");
}

/* Connect where a name has been found.  Whether some are still being looked up. */
static bool
check_lookups(struct link *link)
{
	char text[RESOLVER_TEXT_BYTES];
	bool is_waiting = false;
	uint32_t i;

	for (i = 0; i < link->count; i++) {
		struct contact *contact = link->contacts[i];
		enum err err;

		if (contact->lookup == NULL)
			continue;
		err = resolver_take(contact->lookup, contact->dials, text);
		if (err == ERR_NO) {
			is_waiting = true;
			continue;
		}
		resolver_free(contact->lookup);
		contact->lookup = NULL;
		if (err == ERR_NONE)
			connect_to(link, contact, text);
		else
			tell_down(link, contact, "its name has no address");
	}
	return is_waiting;
}

/* ---------------------------------------------------------------- ZAP */

/* One frame of a ZAP request into buffer; its length, or -1 if it is longer. */
static int
zap_frame(struct link *link, uint8_t *buffer, int size)
{
	int len = zmq_recv(link->zap, buffer, (size_t)size, ZMQ_DONTWAIT);

	return len > size ? -1 : len;
}

static bool
zap_more(struct link *link)
{
	int more = 0;
	size_t len = sizeof(more);

	return zmq_getsockopt(link->zap, ZMQ_RCVMORE, &more, &len) == 0 && more != 0;
}

static void
zap_answer(struct link *link, const uint8_t *id, size_t id_len, bool is_allowed, const char *user)
{
	(void)zmq_send(link->zap, "1.0", 3, ZMQ_SNDMORE);
	(void)zmq_send(link->zap, id, id_len, ZMQ_SNDMORE);
	(void)zmq_send(link->zap, is_allowed ? "200" : "400", 3, ZMQ_SNDMORE);
	(void)zmq_send(link->zap, is_allowed ? "OK" : "unknown", is_allowed ? 2 : 7, ZMQ_SNDMORE);
	(void)zmq_send(link->zap, user, strlen(user), ZMQ_SNDMORE);
	(void)zmq_send(link->zap, "", 0, 0);
}

/* version, request id, domain, address, routing id, mechanism, credentials (RFC 27) */
static void
serve_zap(struct link *link)
{
	uint8_t frames[7][256];
	int lens[7];
	const struct contact *contact;
	struct transport_key key;
	char user[65] = "";
	bool is_allowed = false;
	int count = 0;

	do {
		if (count < 7)
			lens[count] = zap_frame(link, frames[count], (int)sizeof(frames[count]));
		else
			(void)zmq_recv(link->zap, frames[0], 0, ZMQ_DONTWAIT);
		if (count == 0 && lens[0] < 0)
			return;
		count++;
	} while (zap_more(link));
	if (count == 7 && lens[1] >= 0 && lens[2] == (int)strlen(ZAP_DOMAIN) &&
	    memcmp(frames[2], ZAP_DOMAIN, strlen(ZAP_DOMAIN)) == 0 && lens[5] == 5 &&
	    memcmp(frames[5], "CURVE", 5) == 0 && lens[6] == (int)sizeof(key.bytes)) {
		memcpy(key.bytes, frames[6], sizeof(key.bytes));
		contact = find_contact(link, &key);
		is_allowed = contact != NULL && contact->is_allowed;
		hex_encode(key.bytes, sizeof(key.bytes), user);
	}
	link->refused += !is_allowed;
	link->zap_ms = clock_steady_ms();
	zap_answer(link, frames[1], count > 1 && lens[1] > 0 ? (size_t)lens[1] : 0, is_allowed,
	    is_allowed ? user : "");
}

/* ---------------------------------------------------------------- receiving */

/* Read and drop the rest of a message of several parts (TRAPS 4). */
static void
drop_rest(void *socket, zmq_msg_t *frame)
{
	while (zmq_msg_more(frame)) {
		if (zmq_msg_recv(frame, socket, ZMQ_DONTWAIT) < 0)
			return;
	}
}

/* The contact whose key ZAP authenticated for this payload frame; NULL: nobody we know. */
static struct contact *
authenticated(const struct link *link, zmq_msg_t *payload)
{
	const char *user = zmq_msg_gets(payload, "User-Id");
	struct transport_key key;
	struct contact *contact;

	if (user == NULL || hex_decode(user, key.bytes, sizeof(key.bytes)) != ERR_NONE)
		return NULL;
	contact = find_contact(link, &key);
	return contact != NULL && contact->is_allowed ? contact : NULL;
}

/* A routing id that the peer chose could be one that another peer had: whoever takes it over
   gets what was meant for the other (TRAPS 3).  So only those that ROUTER itself gave count,
   which nobody can foresee. */
static bool
is_given_route(zmq_msg_t *route)
{
	return zmq_msg_size(route) == ROUTE_BYTES && *(const uint8_t *)zmq_msg_data(route) == 0;
}

/* A routing id that now speaks for this key speaks for no other. */
static void
take_route(struct link *link, struct contact *contact, const uint8_t *route)
{
	uint32_t i;

	contact->prefers_dealer = false;
	if (contact->has_route && memcmp(contact->route, route, ROUTE_BYTES) == 0)
		return;
	for (i = 0; i < link->count; i++) {
		struct contact *other = link->contacts[i];

		if (other != contact && other->has_route &&
		    memcmp(other->route, route, ROUTE_BYTES) == 0)
			other->has_route = false;
	}
	memcpy(contact->route, route, ROUTE_BYTES);
	contact->has_route = true;
}

/* One message from the ROUTER: routing id, payload, nothing more.  False: there is none. */
static bool
receive_router(struct link *link)
{
	zmq_msg_t route, payload;
	struct contact *contact;
	bool is_whole;

	(void)zmq_msg_init(&route);
	(void)zmq_msg_init(&payload);
	if (zmq_msg_recv(&route, link->router, ZMQ_DONTWAIT) < 0)
		return false;
	is_whole = zmq_msg_more(&route) && zmq_msg_recv(&payload, link->router, ZMQ_DONTWAIT) >= 0;
	/* after zmq_poll the first frame has lost its metadata: ask the payload (TRAPS 2) */
	contact = is_whole ? authenticated(link, &payload) : NULL;
	if (contact != NULL && !zmq_msg_more(&payload) && zmq_msg_size(&payload) > 0 &&
	    zmq_msg_size(&payload) <= FRAME_BYTES_MAX && is_given_route(&route)) {
		take_route(link, contact, zmq_msg_data(&route));
		tell(link, LINK_MESSAGE, &contact->key,
		    bytes_view_of(zmq_msg_data(&payload), zmq_msg_size(&payload)));
	} else {
		link->dropped++;
		drop_rest(link->router, &payload);
	}
	(void)zmq_msg_close(&route);
	(void)zmq_msg_close(&payload);
	return true;
}

/* One message of a connection that we opened: CURVE proved the server's key. */
static bool
receive_dealer(struct link *link, struct contact *contact)
{
	zmq_msg_t payload;

	(void)zmq_msg_init(&payload);
	if (zmq_msg_recv(&payload, contact->dealer, ZMQ_DONTWAIT) < 0)
		return false;
	if (contact->is_allowed && !zmq_msg_more(&payload) && zmq_msg_size(&payload) > 0 &&
	    zmq_msg_size(&payload) <= FRAME_BYTES_MAX) {
		contact->prefers_dealer = true;
		tell(link, LINK_MESSAGE, &contact->key,
		    bytes_view_of(zmq_msg_data(&payload), zmq_msg_size(&payload)));
	} else {
		link->dropped++;
		drop_rest(contact->dealer, &payload);
	}
	(void)zmq_msg_close(&payload);
	return true;
}

/* What libzmq 4.3.4 says of a connection that is never tried again: refused or unreachable is
   CLOSED; not let in by the other's ZAP is FAILED_AUTH, another key than the one we expect is
   FAILED_NO_DETAIL, and after either, as after any end, comes DISCONNECTED. */
static const char *
words_of_event(uint16_t event)
{
	switch (event) {
	case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
		return "it does not know our key";
	case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
	case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL:
		return "the handshake failed: it may have another key";
	case ZMQ_EVENT_CLOSED:
		return "cannot be reached";
	default: /* numbers of libzmq, not ours */
		return "disconnected";
	}
}

/* One event of a dialed connection.  False: there is none, or it was the last one. */
static bool
receive_event(struct link *link, struct contact *contact)
{
	zmq_msg_t first, address;
	uint16_t event = 0;

	(void)zmq_msg_init(&first);
	(void)zmq_msg_init(&address);
	if (zmq_msg_recv(&first, contact->monitor, ZMQ_DONTWAIT) < 0)
		return false;
	if (zmq_msg_size(&first) >= sizeof(event))
		memcpy(&event, zmq_msg_data(&first), sizeof(event));
	if (zmq_msg_more(&first))
		(void)zmq_msg_recv(&address, contact->monitor, ZMQ_DONTWAIT);
	(void)zmq_msg_close(&first);
	(void)zmq_msg_close(&address);
	if (event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
		contact->is_up = true;
		contact->prefers_dealer = true;
		tell(link, LINK_UP, &contact->key, bytes_view_of(NULL, 0));
		return true;
	}
	contact->ending = words_of_event(event);
	return false;
}

/* ---------------------------------------------------------------- sending */

/* A frame in one or two pieces, as libzmq wants it: in one, and its own. */
struct parcel {
	struct bytes_view head;
	struct bytes_view tail;
};

static bool
put_parcel(void *socket, const struct parcel *parcel)
{
	zmq_msg_t message;
	uint8_t *to;

	if (zmq_msg_init_size(&message, parcel->head.len + parcel->tail.len) != 0)
		return false;
	to = zmq_msg_data(&message);
	memcpy(to, parcel->head.data, parcel->head.len);
	if (parcel->tail.len > 0)
		memcpy(to + parcel->head.len, parcel->tail.data, parcel->tail.len);
	if (zmq_msg_send(&message, socket, ZMQ_DONTWAIT) >= 0)
		return true;
	(void)zmq_msg_close(&message);
	return false;
}

static bool
send_by_dealer(struct contact *contact, const struct parcel *parcel)
{
	return contact->dealer != NULL && contact->is_up && put_parcel(contact->dealer, parcel);
}

static bool
send_by_route(struct link *link, struct contact *contact, const struct parcel *parcel)
{
	if (!contact->has_route)
		return false;
	if (zmq_send(link->router, contact->route, ROUTE_BYTES, ZMQ_DONTWAIT | ZMQ_SNDMORE) < 0) {
		if (errno == EHOSTUNREACH)
			contact->has_route = false;
		return false;
	}
	return put_parcel(link->router, parcel);
}

/* The way the newest message came, else the other one. */
static void
send_parcel(struct link *link, const struct transport_key *key, const struct parcel *parcel)
{
	struct contact *contact = find_contact(link, key);
	bool sent = false;

	note_work(link, parcel->head.len + parcel->tail.len);
	if (contact != NULL && contact->is_allowed) {
		if (contact->prefers_dealer)
			sent =
			    send_by_dealer(contact, parcel) || send_by_route(link, contact, parcel);
		else
			sent =
			    send_by_route(link, contact, parcel) || send_by_dealer(contact, parcel);
	}
	if (!sent)
		tell_words(link, LINK_UNSENT, key, "no connection that takes it");
}

/* ---------------------------------------------------------------- shared tails */

static void
keep_tail(struct link *link, struct bytes_view bytes)
{
	if (bytes.len < 8)
		return;
	link->tail_number = bytes_get_u64(bytes.data);
	bytes_clear(&link->tail);
	bytes_append(&link->tail, bytes.data + 8, bytes.len - 8);
	link->is_over = link->is_over || link->tail.err != ERR_NONE; /* out of memory */
}

static void
send_with_tail(struct link *link, const struct transport_key *key, struct bytes_view bytes)
{
	struct parcel parcel = {.tail = bytes_as_view(&link->tail)};

	if (bytes.len < 8 || bytes_get_u64(bytes.data) != link->tail_number) {
		tell_words(link, LINK_UNSENT, key, "its end is not known");
		return;
	}
	parcel.head = bytes_view_of(bytes.data + 8, bytes.len - 8);
	send_parcel(link, key, &parcel);
}

/* ---------------------------------------------------------------- commands */

static void
obey(struct link *link, const struct link_message *message)
{
	struct contact *contact;

	switch (message->type) {
	case LINK_LISTEN:
		listen_on(link, message->bytes);
		return;
	case LINK_ALLOW:
		contact = get_contact(link, &message->key);
		if (contact != NULL)
			contact->is_allowed = true;
		return;
	case LINK_FORBID:
		contact = find_contact(link, &message->key);
		if (contact != NULL)
			forbid(contact);
		return;
	case LINK_DIAL:
		dial(link, &message->key, message->bytes);
		return;
	case LINK_HANG_UP:
		contact = find_contact(link, &message->key);
		if (contact != NULL)
			hang_up(contact);
		return;
	case LINK_SEND:
		send_parcel(link, &message->key, &(struct parcel){.head = message->bytes});
		return;
	case LINK_TAIL:
		keep_tail(link, message->bytes);
		return;
	case LINK_SEND_TAIL:
		send_with_tail(link, &message->key, message->bytes);
		return;
	case LINK_READY:
	case LINK_BOUND:
	case LINK_MESSAGE:
	case LINK_UP:
	case LINK_DOWN:
	case LINK_UNSENT:
	case LINK_COUNTERS:
	case LINK_UNBOUND:
		return; /* ours to say, not core's */
	}
}

/* Whether core may have said more. */
static bool
obey_core(struct link *link, uint8_t *buffer)
{
	struct link_message message;
	struct bytes_view bytes;
	enum err err = ERR_NONE;
	int i;

	for (i = 0; i < BURST && !link->is_over; i++) {
		err = channel_receive(link->core_fd, buffer, false, &bytes);
		if (err == ERR_NO)
			return false;
		if (err != ERR_NONE || link_decode(bytes, &message) != ERR_NONE) {
			link->is_over = true; /* core has gone, or is not what it should be */
			return false;
		}
		obey(link, &message);
	}
	return !link->is_over;
}

/* Core's word first: whom it allowed before he came must not be turned away, nor he let in whom
   it forbade. */
static void
answer_zap(struct link *link, uint8_t *buffer)
{
	while (obey_core(link, buffer))
		;
	serve_zap(link);
}

/* Ask our own handler about a key that nobody knows: without its refusal nothing is safe, for
   a server whose handler is away lets everybody in (TRAPS 1). */
static bool
is_zap_awake(struct link *link)
{
	static const struct transport_key nobody;
	void *probe = zmq_socket(link->context, ZMQ_REQ);
	char status[8] = "";
	uint64_t refused = link->refused;
	int len = -1;

	if (probe == NULL)
		return false;
	if (set_number(probe, ZMQ_LINGER, 0) && set_number(probe, ZMQ_RCVTIMEO, 500) &&
	    zmq_connect(probe, ZAP_ENDPOINT) == 0 && zmq_send(probe, "1.0", 3, ZMQ_SNDMORE) >= 0 &&
	    zmq_send(probe, "0", 1, ZMQ_SNDMORE) >= 0 &&
	    zmq_send(probe, ZAP_DOMAIN, strlen(ZAP_DOMAIN), ZMQ_SNDMORE) >= 0 &&
	    zmq_send(probe, "", 0, ZMQ_SNDMORE) >= 0 && zmq_send(probe, "", 0, ZMQ_SNDMORE) >= 0 &&
	    zmq_send(probe, "CURVE", 5, ZMQ_SNDMORE) >= 0 &&
	    zmq_send(probe, nobody.bytes, sizeof(nobody.bytes), 0) >= 0) {
		serve_zap(link);
		/* version, id, and what it decided */
		if (zmq_recv(probe, status, 3, 0) >= 0 && zmq_recv(probe, status, 1, 0) >= 0)
			len = zmq_recv(probe, status, sizeof(status), 0);
	}
	(void)zmq_close(probe);
	link->refused = refused;
	link->zap_ms = 0;
	return len == 3 && memcmp(status, "400", 3) == 0;
}

/* ---------------------------------------------------------------- the loop */

static void
check_deadlines(struct link *link)
{
	uint64_t now = clock_steady_ms();
	uint32_t i;

	for (i = 0; i < link->count; i++) {
		struct contact *contact = link->contacts[i];

		if ((contact->dealer != NULL || contact->lookup != NULL) && !contact->is_up &&
		    now >= contact->deadline_ms)
			tell_down(link, contact, "no handshake in time");
	}
}

/* What came on a connection that we opened; its end after its last message. */
static void
receive_contact(struct link *link, struct contact *contact)
{
	int burst;

	while (contact->monitor != NULL && contact->ending == NULL && link->first == NULL &&
	       receive_event(link, contact))
		;
	for (burst = 0; contact->dealer != NULL && burst < BURST && link->first == NULL; burst++) {
		if (receive_dealer(link, contact))
			continue;
		if (contact->ending != NULL)
			tell_down(link, contact, contact->ending);
		return;
	}
}

/* Everything that came, in turns, until core cannot take more. */
static void
receive_all(struct link *link)
{
	uint32_t i;
	int burst;

	for (burst = 0; burst < BURST && link->first == NULL; burst++) {
		if (!receive_router(link))
			break;
	}
	for (i = 0; i < link->count && link->first == NULL; i++)
		receive_contact(link, link->contacts[i]);
}

/* Core, ZAP, router, and two sockets for every connection that we opened. */
static int
wait_for_work(struct link *link, zmq_pollitem_t *items, int timeout_ms)
{
	bool is_blocked = link->first != NULL;
	int count = 0;
	uint32_t i;

	items[count++] = (zmq_pollitem_t){
	    NULL, link->core_fd, (short)(ZMQ_POLLIN | (is_blocked ? ZMQ_POLLOUT : 0)), 0};
	items[count++] = (zmq_pollitem_t){link->zap, 0, ZMQ_POLLIN, 0};
	if (!is_blocked) {
		items[count++] = (zmq_pollitem_t){link->router, 0, ZMQ_POLLIN, 0};
		for (i = 0; i < link->count; i++) {
			if (link->contacts[i]->dealer == NULL)
				continue;
			items[count++] =
			    (zmq_pollitem_t){link->contacts[i]->dealer, 0, ZMQ_POLLIN, 0};
			items[count++] =
			    (zmq_pollitem_t){link->contacts[i]->monitor, 0, ZMQ_POLLIN, 0};
		}
	}
	return zmq_poll(items, count, timeout_ms);
}

/* libzmq keeps the pipe by which a connection asked ZAP, with its two queues, as long as the
   connection lives.  When nobody can be waiting for an answer any more, another socket takes the
   handler's place, and the pipes go with the old one.  Who connects in that instant finds no
   handler, which lets nobody in (OPTION_ZAP_ENFORCE_DOMAIN). */
static void
renew_zap(struct link *link)
{
	void *old = link->zap;

	if (link->zap_ms == 0 || clock_steady_ms() < link->zap_ms + ZAP_REST_MS)
		return;
	if (zmq_unbind(old, ZAP_ENDPOINT) != 0 || !open_zap(link) || !is_zap_awake(link)) {
		log_line(LOG_ERROR, "the handler that knows our peers' keys could not be renewed");
		link->is_over = true; /* whoever starts us again starts clean */
		return;
	}
	(void)zmq_close(old);
	link->zap_ms = 0;
	link->has_worked = true;
}

static void
run(struct link *link, uint8_t *buffer)
{
	zmq_pollitem_t *items = NULL;
	bool is_looking_up = false;
	uint32_t cap = 0;

	tell(link, LINK_READY, NULL, bytes_view_of(NULL, 0));
	while (!link->is_over) {
		if (items == NULL || cap < link->count) {
			zmq_pollitem_t *grown =
			    realloc(items, (3 + 2 * (size_t)(link->count + 16)) * sizeof(*items));

			if (grown == NULL)
				break;
			items = grown;
			cap = link->count + 16;
		}
		if (wait_for_work(link, items, is_looking_up ? LOOKUP_MS : 1000) < 0 &&
		    errno != EINTR)
			break;
		flush(link);
		if (items[1].revents & ZMQ_POLLIN)
			answer_zap(link, buffer);
		(void)obey_core(link, buffer);
		if (link->first == NULL)
			receive_all(link);
		is_looking_up = check_lookups(link);
		check_deadlines(link);
		check_listeners(link);
		tell_counters(link);
		renew_zap(link);
		give_back(link);
	}
	free(items);
}

static enum err
start(struct link *link, const struct home *home, struct bytes_view passphrase)
{
	char path[HOME_FILE_MAX];
	enum err err;

	home_key(home, key_purpose_name(KEY_TRANSPORT), path);
	err = keyfile_read(path, KEY_TRANSPORT, passphrase, &link->secret);
	if (err == ERR_NONE)
		err = secret_public(link->secret, KEY_TRANSPORT, link->public_key);
	if (err != ERR_NONE) {
		log_line(LOG_ERROR, "%s: %s", path, err_text(err));
		return err;
	}
	link->context = zmq_ctx_new();
	if (link->context == NULL ||
	    zmq_ctx_set(link->context, ZMQ_MAX_SOCKETS, SOCKETS_MAX) != 0 || !open_zap(link) ||
	    !open_router(link)) {
		log_line(LOG_ERROR, "libzmq: %s", zmq_strerror(errno));
		return ERR_SYSTEM;
	}
	if (!is_zap_awake(link)) {
		log_line(LOG_ERROR, "the handler that knows our peers' keys does not answer");
		return ERR_SYSTEM;
	}
	return ERR_NONE;
}

int
link_run(int core_fd, const struct home *home, uint8_t *passphrase, size_t len)
{
	static uint8_t buffer[CHANNEL_BYTES_MAX];
	struct link link = {.core_fd = core_fd};
	enum err err;

	prepare_memory(&link);
	bytes_init(&link.scratch, CHANNEL_BYTES_MAX);
	bytes_init(&link.tail, FRAME_BYTES_MAX);
	err = start(&link, home, bytes_view_of(passphrase, len));
	if (len > 0)
		digest_wipe(passphrase, len);
	if (err == ERR_NONE) {
		sandbox_enter(SANDBOX_LINK);
		run(&link, buffer);
	}
	/* no zmq_ctx_term: the process ends here, and with it every connection (TRAPS 9) */
	secret_free(link.secret);
	return err == ERR_NONE ? 0 : err_exit_code(err);
}
