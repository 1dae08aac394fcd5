#define _XOPEN_SOURCE 700 /* nftw, mkdtemp */
#include "node/link.h"

#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/keyfile.h"
#include "node/channel.h"
#include "node/sandbox.h"
#include "tests/unit/suite.h"

#define PATIENCE_MS 8000
#define SILENCE_MS 700

#define ck_err(found, expected)                                                                    \
	do {                                                                                       \
		enum err ck_found = (found);                                                       \
		ck_assert_msg(ck_found == (expected), "line %d: %s instead of %s", __LINE__,       \
		    err_name(ck_found), err_name(expected));                                       \
	} while (0)

static uint8_t frame[FRAME_BYTES_MAX + 1];

/* ---------------------------------------------------------------- a real link process */

struct party {
	char folder[96];
	struct home home;
	struct transport_key key;
	pid_t pid;
	int fd;
	char endpoint[ENDPOINT_BYTES_MAX + 1];
	uint8_t buffer[CHANNEL_BYTES_MAX];
	struct link_message last;
	uint64_t refused, dropped; /* as its last COUNTERS had them */
};

static void
say(struct party *party, enum link_type type, const struct transport_key *key,
    struct bytes_view bytes)
{
	struct link_message message = {.type = type, .bytes = bytes};
	struct bytes out;

	if (key != NULL)
		message.key = *key;
	bytes_init(&out, CHANNEL_BYTES_MAX);
	ck_err(link_encode(&message, &out), ERR_NONE);
	ck_err(channel_send(party->fd, bytes_as_view(&out)), ERR_NONE);
	bytes_release(&out);
}

static void
say_text(
    struct party *party, enum link_type type, const struct transport_key *key, const char *text)
{
	say(party, type, key, bytes_view_str(text));
}

/* The next message of that type, within so many ms; others but COUNTERS are skipped. */
static bool
hears(struct party *party, enum link_type type, int patience_ms)
{
	uint64_t until = clock_steady_ms() + (uint64_t)patience_ms;
	struct bytes_view bytes;

	for (;;) {
		uint64_t now = clock_steady_ms();
		struct pollfd wait = {party->fd, POLLIN, 0};

		if (now >= until || poll(&wait, 1, (int)(until - now)) <= 0)
			return false;
		if (channel_receive(party->fd, party->buffer, false, &bytes) != ERR_NONE)
			return false;
		ck_err(link_decode(bytes, &party->last), ERR_NONE);
		if (party->last.type == LINK_COUNTERS) {
			ck_assert_uint_eq(party->last.bytes.len, 16);
			party->refused = bytes_get_u64(party->last.bytes.data);
			party->dropped = bytes_get_u64(party->last.bytes.data + 8);
		}
		if (party->last.type == type)
			return true;
	}
}

static void
expect(struct party *party, enum link_type type, const struct transport_key *key)
{
	ck_assert_msg(hears(party, type, PATIENCE_MS), "no message of type %d", (int)type);
	if (key != NULL)
		ck_assert_mem_eq(&party->last.key, key, sizeof(*key));
}

static void
expect_text(
    struct party *party, enum link_type type, const struct transport_key *key, const char *text)
{
	expect(party, type, key);
	ck_assert_msg(bytes_view_is_equal(party->last.bytes, bytes_view_str(text)),
	    "'%.*s' instead of '%s'", (int)party->last.bytes.len,
	    (const char *)party->last.bytes.data, text);
}

static void
make_home(struct party *party)
{
	const char *base = getenv("TMPDIR");
	struct secret *secret;
	char path[HOME_FILE_MAX];

	ck_err(digest_start(), ERR_NONE);
	log_init("test", (enum log_level)0, 0);
	(void)snprintf(party->folder, sizeof(party->folder), "%s/malla-link-XXXXXX",
	    base == NULL ? P_tmpdir : base);
	ck_assert_ptr_nonnull(mkdtemp(party->folder));
	ck_err(home_resolve(party->folder, &party->home), ERR_NONE);
	home_file(&party->home, "keys", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	home_key(&party->home, "transport", path);
	ck_err(secret_generate(&secret), ERR_NONE);
	ck_err(secret_public(secret, KEY_TRANSPORT, party->key.bytes), ERR_NONE);
	ck_err(keyfile_write(path, KEY_TRANSPORT, secret, bytes_view_of(NULL, 0)), ERR_NONE);
	secret_free(secret);
}

/* space_max: of addresses, where it is not what the sandbox gives; 0: that. */
static void
launch(struct party *party, rlim_t space_max)
{
	uint8_t passphrase[1] = {0};
	int fds[2];

	ck_err(channel_pair(fds), ERR_NONE);
	party->pid = fork();
	ck_assert_int_ge(party->pid, 0);
	if (party->pid == 0) {
		struct rlimit limit = {space_max, space_max};
		int fd;

		for (fd = 3; fd < 256;
		     fd++) { /* no other party's channel may live on in this one */
			if (fd != fds[1])
				(void)close(fd);
		}
		sandbox_prepare(SANDBOX_LINK);
		if (space_max != 0)
			(void)setrlimit(RLIMIT_AS, &limit);
		_exit(link_run(fds[1], &party->home, passphrase, 0));
	}
	(void)close(fds[1]);
	party->fd = fds[0];
	expect(party, LINK_READY, NULL);
}

static void
start(struct party *party)
{
	memset(party, 0, sizeof(*party));
	make_home(party);
	launch(party, 0);
}

static void
bind_any(struct party *party)
{
	say_text(party, LINK_LISTEN, NULL, "tcp://127.0.0.1:*");
	expect(party, LINK_BOUND, NULL);
	ck_assert_uint_lt(party->last.bytes.len, sizeof(party->endpoint));
	memcpy(party->endpoint, party->last.bytes.data, party->last.bytes.len);
	party->endpoint[party->last.bytes.len] = '\0';
}

static int
remove_file(const char *path, const struct stat *status, int type, struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

/* Its core goes away: it ends by itself, with nothing to complain of. */
static void
done(struct party *party)
{
	int status = -1;

	(void)close(party->fd);
	ck_assert_int_eq(waitpid(party->pid, &status, 0), party->pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(nftw(party->folder, remove_file, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* a listens, b dials, each allows the other; b has its connection. */
static void
join(struct party *a, struct party *b)
{
	start(a);
	start(b);
	bind_any(a);
	say(a, LINK_ALLOW, &b->key, bytes_view_of(NULL, 0));
	say(b, LINK_ALLOW, &a->key, bytes_view_of(NULL, 0));
	say_text(b, LINK_DIAL, &a->key, a->endpoint);
	expect(b, LINK_UP, &a->key);
}

/* ---------------------------------------------------------------- a peer that obeys no rules */

struct stranger {
	void *context;
	void *socket;
	struct transport_key key;
	uint8_t secret[32];
};

static void
set_number(void *socket, int option, int value)
{
	ck_assert_int_eq(zmq_setsockopt(socket, option, &value, sizeof(value)), 0);
}

static void
be_stranger(struct stranger *stranger)
{
	char public_text[41], secret_text[41];

	stranger->context = zmq_ctx_new();
	ck_assert_int_eq(zmq_curve_keypair(public_text, secret_text), 0);
	ck_assert_ptr_nonnull(zmq_z85_decode(stranger->key.bytes, public_text));
	ck_assert_ptr_nonnull(zmq_z85_decode(stranger->secret, secret_text));
}

static void
knock(struct stranger *stranger, const char *endpoint, const struct transport_key *server,
    const void *routing_id, size_t routing_id_len)
{
	stranger->socket = zmq_socket(stranger->context, ZMQ_DEALER);
	set_number(stranger->socket, ZMQ_LINGER, 0);
	set_number(stranger->socket, ZMQ_SNDHWM, 0);
	ck_assert_int_eq(
	    zmq_setsockopt(stranger->socket, ZMQ_CURVE_SERVERKEY, server->bytes, 32), 0);
	ck_assert_int_eq(
	    zmq_setsockopt(stranger->socket, ZMQ_CURVE_PUBLICKEY, stranger->key.bytes, 32), 0);
	ck_assert_int_eq(
	    zmq_setsockopt(stranger->socket, ZMQ_CURVE_SECRETKEY, stranger->secret, 32), 0);
	if (routing_id != NULL)
		ck_assert_int_eq(
		    zmq_setsockopt(stranger->socket, ZMQ_ROUTING_ID, routing_id, routing_id_len),
		    0);
	ck_assert_int_eq(zmq_connect(stranger->socket, endpoint), 0);
}

static void
shout(struct stranger *stranger, const char *text, int flags)
{
	ck_assert_int_eq(zmq_send(stranger->socket, text, strlen(text), flags), (int)strlen(text));
}

static bool
is_told(struct stranger *stranger, const char *text, int patience_ms)
{
	char found[64] = "";
	int len;

	set_number(stranger->socket, ZMQ_RCVTIMEO, patience_ms);
	len = zmq_recv(stranger->socket, found, sizeof(found), 0);
	return len == (int)strlen(text) && memcmp(found, text, strlen(text)) == 0;
}

static void
leave(struct stranger *stranger)
{
	(void)zmq_close(stranger->socket);
	(void)zmq_ctx_term(stranger->context);
}

/* ---------------------------------------------------------------- the protocol with core */

START_TEST(decodes_what_it_encodes)
{
	static const enum link_type types[] = {LINK_LISTEN, LINK_ALLOW, LINK_FORBID, LINK_DIAL,
	    LINK_HANG_UP, LINK_SEND, LINK_TAIL, LINK_SEND_TAIL, LINK_READY, LINK_BOUND,
	    LINK_MESSAGE, LINK_UP, LINK_DOWN, LINK_UNSENT, LINK_COUNTERS, LINK_UNBOUND};
	static const size_t lens[] = {0, 1, 300, FRAME_BYTES_MAX};
	struct link_message message, found;
	struct bytes bytes;
	size_t i, n;

	bytes_init(&bytes, CHANNEL_BYTES_MAX);
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		for (n = 0; n < sizeof(lens) / sizeof(*lens); n++) {
			message = (struct link_message){
			    .type = types[i], .bytes = bytes_view_of(frame, lens[n])};
			memset(message.key.bytes, 0x30 + (int)i, 32);
			bytes_clear(&bytes);
			ck_err(link_encode(&message, &bytes), ERR_NONE);
			ck_assert_uint_eq(bytes.len, LINK_HEADER_BYTES + lens[n]);
			ck_err(link_decode(bytes_as_view(&bytes), &found), ERR_NONE);
			ck_assert_int_eq(found.type, types[i]);
			ck_assert_mem_eq(&found.key, &message.key, 32);
			ck_assert(bytes_view_is_equal(found.bytes, message.bytes));
		}
	}
	bytes_release(&bytes);
}
END_TEST

START_TEST(refuses_what_is_no_message)
{
	static const uint8_t types[] = {0, 9, 15, 24, 255};
	struct link_message message = {.type = LINK_SEND, .bytes = bytes_view_str("a frame")};
	struct bytes bytes;
	size_t i;

	bytes_init(&bytes, 256);
	ck_err(link_encode(&message, &bytes), ERR_NONE);
	for (i = 0; i < bytes.len; i++)
		ck_err(link_decode(bytes_view_of(bytes.data, i), &message), ERR_TRUNCATED);
	for (i = 0; i < sizeof(types); i++) {
		bytes.data[0] = types[i];
		ck_err(link_decode(bytes_as_view(&bytes), &message), ERR_TYPE);
	}
	bytes.data[0] = LINK_SEND;
	bytes_put_u32(bytes.data + 4, 6);
	ck_err(link_decode(bytes_as_view(&bytes), &message), ERR_TRAILING);
	bytes_put_u32(bytes.data + 4, FRAME_BYTES_MAX + 1);
	ck_err(link_decode(bytes_as_view(&bytes), &message), ERR_TOO_LARGE);
	bytes_put_u32(bytes.data + 4, 0xffffffffu);
	ck_err(link_decode(bytes_as_view(&bytes), &message), ERR_TOO_LARGE);
	bytes_release(&bytes);
}
END_TEST

/* ---------------------------------------------------------------- two honest nodes */

START_TEST(carries_frames_both_ways_on_one_connection)
{
	struct party a, b;

	join(&a, &b);
	say_text(&b, LINK_SEND, &a.key, "from b");
	expect_text(&a, LINK_MESSAGE, &b.key, "from b");
	say_text(&a, LINK_SEND, &b.key, "from a");
	expect_text(&b, LINK_MESSAGE, &a.key, "from a");
	done(&b);
	done(&a);
}
END_TEST

/* u64 number, then bytes: what LINK_TAIL and LINK_SEND_TAIL carry. */
static void
say_numbered(struct party *party, enum link_type type, const struct transport_key *key,
    uint64_t number, struct bytes_view bytes)
{
	struct bytes out;

	bytes_init(&out, CHANNEL_BYTES_MAX);
	bytes_append_u64(&out, number);
	bytes_append(&out, bytes.data, bytes.len);
	ck_err(out.err, ERR_NONE);
	say(party, type, key, bytes_as_view(&out));
	bytes_release(&out);
}

START_TEST(joins_frames_to_the_end_they_have_in_common)
{
	struct party a, b;
	uint32_t i;

	join(&a, &b);
	say_numbered(&b, LINK_TAIL, NULL, 4, bytes_view_str(" and the same end"));
	for (i = 0; i < 3; i++) {
		char head[16], whole[64];

		(void)snprintf(head, sizeof(head), "frame %u", i);
		(void)snprintf(whole, sizeof(whole), "%s and the same end", head);
		say_numbered(&b, LINK_SEND_TAIL, &a.key, 4, bytes_view_str(head));
		expect_text(&a, LINK_MESSAGE, &b.key, whole);
	}
	/* the newest end is the one that is kept */
	say_numbered(&b, LINK_TAIL, NULL, 5, bytes_view_str(" and another"));
	say_numbered(&b, LINK_SEND_TAIL, &a.key, 4, bytes_view_str("late"));
	expect(&b, LINK_UNSENT, &a.key);
	say_numbered(&b, LINK_SEND_TAIL, &a.key, 5, bytes_view_str("frame"));
	expect_text(&a, LINK_MESSAGE, &b.key, "frame and another");
	say_text(&b, LINK_SEND_TAIL, &a.key, "short");
	expect(&b, LINK_UNSENT, &a.key);
	done(&b);
	done(&a);
}
END_TEST

START_TEST(joins_the_largest_frame)
{
	const size_t head = 700;
	struct party a, b;
	size_t i;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 5 + i / 251);
	join(&a, &b);
	say_numbered(&b, LINK_TAIL, NULL, UINT64_MAX,
	    bytes_view_of(frame + head, FRAME_BYTES_MAX - head - 8));
	say_numbered(&b, LINK_SEND_TAIL, &a.key, UINT64_MAX, bytes_view_of(frame, head));
	expect(&a, LINK_MESSAGE, &b.key);
	ck_assert_uint_eq(a.last.bytes.len, FRAME_BYTES_MAX - 8);
	ck_assert_mem_eq(a.last.bytes.data, frame, FRAME_BYTES_MAX - 8);
	done(&b);
	done(&a);
}
END_TEST

/* Somebody else has the port; he is told of once, and when he has gone it is ours. */
START_TEST(binds_as_soon_as_it_can)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	char endpoint[64], words[96];
	struct party a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	(void)snprintf(
	    endpoint, sizeof(endpoint), "tcp://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
	(void)snprintf(words, sizeof(words), "%s: Address already in use", endpoint);
	start(&a);
	say_text(&a, LINK_LISTEN, NULL, endpoint);
	expect_text(&a, LINK_UNBOUND, NULL, words);
	/* it goes on with what it can, and tries again without a word */
	say_text(&a, LINK_LISTEN, NULL, "tcp://127.0.0.1:*");
	expect(&a, LINK_BOUND, NULL);
	ck_assert(!hears(&a, LINK_UNBOUND, 1500));
	(void)close(fd);
	expect_text(&a, LINK_BOUND, NULL, endpoint);
	done(&a);
}
END_TEST

/* The handler of ZAP gives way to another one once nobody waits for it: who was let in stays, who
   may come comes, and who may not is still turned away. */
START_TEST(turns_strangers_away_under_a_new_handler)
{
	struct stranger s;
	struct party a, b, c;

	join(&a, &b);
	ck_assert(!hears(&a, LINK_DOWN, 7200)); /* no handshake for longer than one may last */
	say_text(&b, LINK_SEND, &a.key, "still here");
	expect_text(&a, LINK_MESSAGE, &b.key, "still here");
	be_stranger(&s);
	knock(&s, a.endpoint, &a.key, NULL, 0);
	shout(&s, "let me in", 0);
	ck_assert(!hears(&a, LINK_MESSAGE, 1000));
	leave(&s);
	start(&c);
	say(&a, LINK_ALLOW, &c.key, bytes_view_of(NULL, 0));
	say(&c, LINK_ALLOW, &a.key, bytes_view_of(NULL, 0));
	say_text(&c, LINK_DIAL, &a.key, a.endpoint);
	expect(&c, LINK_UP, &a.key);
	say_text(&c, LINK_SEND, &a.key, "me too");
	expect_text(&a, LINK_MESSAGE, &c.key, "me too");
	say_text(&a, LINK_SEND, &b.key, "and back");
	expect_text(&b, LINK_MESSAGE, &a.key, "and back");
	done(&c);
	done(&b);
	done(&a);
}
END_TEST

START_TEST(passes_the_largest_frame_and_no_larger)
{
	struct stranger s;
	struct party a, b;
	size_t i;

	for (i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + i / 253);
	join(&a, &b);
	say(&b, LINK_SEND, &a.key, bytes_view_of(frame, FRAME_BYTES_MAX));
	expect(&a, LINK_MESSAGE, &b.key);
	ck_assert_uint_eq(a.last.bytes.len, FRAME_BYTES_MAX);
	ck_assert_mem_eq(a.last.bytes.data, frame, FRAME_BYTES_MAX);
	say(&a, LINK_SEND, &b.key, bytes_view_of(frame, FRAME_BYTES_MAX));
	expect(&b, LINK_MESSAGE, &a.key);
	ck_assert_uint_eq(b.last.bytes.len, FRAME_BYTES_MAX);
	be_stranger(&s);
	say(&a, LINK_ALLOW, &s.key, bytes_view_of(NULL, 0));
	knock(&s, a.endpoint, &a.key, NULL, 0);
	shout(&s, "small", 0);
	expect_text(&a, LINK_MESSAGE, &s.key, "small");
	ck_assert_int_eq(zmq_send(s.socket, frame, sizeof(frame), 0), (int)sizeof(frame));
	ck_assert(!hears(&a, LINK_MESSAGE, SILENCE_MS));
	leave(&s);
	done(&b);
	done(&a);
}
END_TEST

START_TEST(says_why_there_is_no_connection)
{
	struct party a, b, other;
	char nobody[ENDPOINT_BYTES_MAX + 1];

	start(&a);
	start(&b);
	start(&other);
	bind_any(&a);
	bind_any(&other);
	memcpy(nobody, other.endpoint, sizeof(nobody));
	done(&other); /* nobody listens there any more */
	say(&b, LINK_ALLOW, &a.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_DIAL, &a.key, nobody);
	expect_text(&b, LINK_DOWN, &a.key, "cannot be reached");
	say_text(&b, LINK_DIAL, &a.key, a.endpoint);
	expect_text(&b, LINK_DOWN, &a.key, "it does not know our key");
	say(&b, LINK_ALLOW, &other.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_DIAL, &other.key, a.endpoint);
	expect_text(&b, LINK_DOWN, &other.key, "the handshake failed: it may have another key");
	say_text(&b, LINK_DIAL, &a.key, "tcp://nonsense");
	expect_text(&b, LINK_DOWN, &a.key, "its name cannot be looked up");
	say_text(&b, LINK_SEND, &a.key, "anybody?");
	expect(&b, LINK_UNSENT, &a.key);
	done(&b);
	done(&a);
}
END_TEST

START_TEST(gives_up_on_a_server_that_never_speaks)
{
	struct stranger s;
	char endpoint[ENDPOINT_BYTES_MAX + 1];
	size_t len = sizeof(endpoint);
	void *silent;
	struct party b;

	start(&b);
	be_stranger(&s);
	/* a STREAM socket takes the connection, and says nothing of what is expected */
	silent = zmq_socket(s.context, ZMQ_STREAM);
	set_number(silent, ZMQ_LINGER, 0);
	set_number(silent, ZMQ_STREAM_NOTIFY, 0);
	ck_assert_int_eq(zmq_bind(silent, "tcp://127.0.0.1:*"), 0);
	ck_assert_int_eq(zmq_getsockopt(silent, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
	say(&b, LINK_ALLOW, &s.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_DIAL, &s.key, endpoint);
	ck_assert(!hears(&b, LINK_UP, 2000));
	ck_assert(hears(&b, LINK_DOWN, 12000));
	ck_assert_mem_eq(&b.last.key, &s.key, sizeof(s.key));
	s.socket = silent;
	leave(&s);
	done(&b);
}
END_TEST

START_TEST(finds_the_address_behind_a_name)
{
	struct party a, b;
	char named[ENDPOINT_BYTES_MAX + 1];

	start(&a);
	start(&b);
	bind_any(&a);
	(void)snprintf(named, sizeof(named), "tcp://localhost%s", strrchr(a.endpoint, ':'));
	say(&a, LINK_ALLOW, &b.key, bytes_view_of(NULL, 0));
	say(&b, LINK_ALLOW, &a.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_DIAL, &a.key, named);
	if (!hears(
		&b, LINK_UP, 3000)) /* localhost may be ::1 first; the next dial takes the other */
		say_text(&b, LINK_DIAL, &a.key, named);
	say_text(&b, LINK_SEND, &a.key, "by name");
	if (!hears(&a, LINK_MESSAGE, 500)) {
		expect(&b, LINK_UP, &a.key);
		say_text(&b, LINK_SEND, &a.key, "by name");
		expect(&a, LINK_MESSAGE, &b.key);
	}
	ck_assert(bytes_view_is_equal(a.last.bytes, bytes_view_str("by name")));
	done(&b);
	done(&a);
}
END_TEST

START_TEST(says_when_the_peer_dies_and_comes_back_when_dialed)
{
	struct party a, b;
	char endpoint[ENDPOINT_BYTES_MAX + 1];
	int status;

	join(&a, &b);
	memcpy(endpoint, a.endpoint, sizeof(endpoint));
	ck_assert_int_eq(kill(a.pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(a.pid, &status, 0), a.pid);
	(void)close(a.fd);
	expect_text(&b, LINK_DOWN, &a.key, "disconnected");
	say_text(&b, LINK_SEND, &a.key, "lost");
	expect(&b, LINK_UNSENT, &a.key);
	launch(&a, 0);
	say_text(&a, LINK_LISTEN, NULL, endpoint);
	expect_text(&a, LINK_BOUND, NULL, endpoint);
	say(&a, LINK_ALLOW, &b.key, bytes_view_of(NULL, 0));
	ck_assert(!hears(&b, LINK_UP, SILENCE_MS)); /* not by itself: core backs off */
	say_text(&b, LINK_DIAL, &a.key, endpoint);
	expect(&b, LINK_UP, &a.key);
	done(&b);
	done(&a);
}
END_TEST

START_TEST(answers_on_the_newest_connection)
{
	struct party a, b;
	int i;

	join(&a, &b);
	for (i = 0; i < 3; i++) {
		say_text(&b, LINK_SEND, &a.key, "here");
		expect_text(&a, LINK_MESSAGE, &b.key, "here");
		say_text(&a, LINK_SEND, &b.key, "there");
		expect_text(&b, LINK_MESSAGE, &a.key, "there");
		say(&b, LINK_HANG_UP, &a.key, bytes_view_of(NULL, 0));
		say_text(&b, LINK_DIAL, &a.key, a.endpoint);
		expect(&b, LINK_UP, &a.key);
	}
	done(&b);
	done(&a);
}
END_TEST

START_TEST(lets_the_last_words_out_when_it_hangs_up)
{
	struct party a, b;
	int i;

	join(&a, &b);
	/* so much that it cannot all have left when it is told to hang up */
	for (i = 0; i < 40; i++)
		say(&b, LINK_SEND, &a.key, bytes_view_of(frame, 200000));
	say_text(&b, LINK_SEND, &a.key, "because");
	say(&b, LINK_HANG_UP, &a.key, bytes_view_of(NULL, 0));
	for (i = 0; i < 40; i++) {
		expect(&a, LINK_MESSAGE, &b.key);
		ck_assert_uint_eq(a.last.bytes.len, 200000);
	}
	expect_text(&a, LINK_MESSAGE, &b.key, "because");
	done(&b);
	done(&a);
}
END_TEST

/* ---------------------------------------------------------------- who may talk */

/* Does a CURVE server of plain libzmq, with a ZAP domain and no handler, hear the stranger? */
static bool
is_heard_by_plain_server(struct stranger *s)
{
	struct stranger server;
	char endpoint[ENDPOINT_BYTES_MAX + 1], found[16];
	size_t len = sizeof(endpoint);
	bool is_heard;

	be_stranger(&server);
	server.socket = zmq_socket(server.context, ZMQ_ROUTER);
	set_number(server.socket, ZMQ_LINGER, 0);
	set_number(server.socket, ZMQ_CURVE_SERVER, 1);
	set_number(server.socket, ZMQ_RCVTIMEO, 3000);
	ck_assert_int_eq(zmq_setsockopt(server.socket, ZMQ_ZAP_DOMAIN, "malla", 5), 0);
	ck_assert_int_eq(zmq_setsockopt(server.socket, ZMQ_CURVE_SECRETKEY, server.secret, 32), 0);
	ck_assert_int_eq(zmq_bind(server.socket, "tcp://127.0.0.1:*"), 0);
	ck_assert_int_eq(zmq_getsockopt(server.socket, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
	knock(s, endpoint, &server.key, NULL, 0);
	shout(s, "hello", 0);
	is_heard = zmq_recv(server.socket, found, sizeof(found), 0) >= 0;
	(void)zmq_close(s->socket);
	leave(&server);
	return is_heard;
}

START_TEST(hears_no_unknown_key_though_libzmq_would)
{
	struct stranger s;
	struct party a;

	start(&a);
	bind_any(&a);
	be_stranger(&s);
	ck_assert_msg(is_heard_by_plain_server(&s), "libzmq no longer has the trap");
	knock(&s, a.endpoint, &a.key, NULL, 0);
	shout(&s, "hello", 0);
	ck_assert(!hears(&a, LINK_MESSAGE, SILENCE_MS));
	ck_assert_uint_ge(a.refused, 1); /* told while we listened for a message */
	say_text(&a, LINK_SEND, &s.key, "hello");
	expect(&a, LINK_UNSENT, &s.key);
	leave(&s);
	done(&a);
}
END_TEST

START_TEST(knows_each_frame_by_the_key_that_sent_it)
{
	struct stranger s[3];
	struct party a;
	char text[16];
	int i, n, who, heard[3] = {0};

	start(&a);
	bind_any(&a);
	for (i = 0; i < 3; i++) {
		be_stranger(&s[i]);
		say(&a, LINK_ALLOW, &s[i].key, bytes_view_of(NULL, 0));
		knock(&s[i], a.endpoint, &a.key, NULL, 0);
	}
	for (n = 0; n < 40; n++) {
		for (i = 0; i < 3; i++) {
			(void)snprintf(text, sizeof(text), "%d", i);
			shout(&s[i], text, 0);
		}
	}
	for (n = 0; n < 120; n++) {
		expect(&a, LINK_MESSAGE, NULL);
		ck_assert_uint_eq(a.last.bytes.len, 1);
		who = a.last.bytes.data[0] - '0';
		ck_assert_int_lt(who, 3);
		ck_assert_mem_eq(&a.last.key, &s[who].key, sizeof(s[who].key));
		heard[who]++;
	}
	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(heard[i], 40);
		(void)snprintf(text, sizeof(text), "to %d", i);
		say_text(&a, LINK_SEND, &s[i].key, text);
		ck_assert(is_told(&s[i], text, PATIENCE_MS));
		leave(&s[i]);
	}
	done(&a);
}
END_TEST

START_TEST(gives_nobody_the_answers_of_another_for_a_forged_routing_id)
{
	struct stranger honest, forger;
	struct party a;

	start(&a);
	bind_any(&a);
	be_stranger(&honest);
	be_stranger(&forger);
	say(&a, LINK_ALLOW, &honest.key, bytes_view_of(NULL, 0));
	say(&a, LINK_ALLOW, &forger.key, bytes_view_of(NULL, 0));
	/* a name of the forger's own, the honest one's key, and the form of ROUTER's own names */
	knock(&forger, a.endpoint, &a.key, honest.key.bytes, 32);
	shout(&forger, "I am he", 0);
	ck_assert(!hears(&a, LINK_MESSAGE, SILENCE_MS));
	ck_assert_uint_eq(a.dropped, 1);
	knock(&honest, a.endpoint, &a.key, NULL, 0);
	shout(&honest, "no, I am", 0);
	expect_text(&a, LINK_MESSAGE, &honest.key, "no, I am");
	say_text(&a, LINK_SEND, &honest.key, "secret");
	ck_assert(is_told(&honest, "secret", PATIENCE_MS));
	ck_assert(!is_told(&forger, "secret", SILENCE_MS));
	say_text(&a, LINK_SEND, &forger.key, "for the forger");
	expect(&a, LINK_UNSENT, &forger.key); /* it has no route that counts */
	(void)zmq_close(forger.socket);
	knock(&forger, a.endpoint, &a.key, "\x00guess", 5);
	shout(&forger, "me again", 0);
	expect_text(&a, LINK_MESSAGE, &forger.key, "me again");
	say_text(&a, LINK_SEND, &honest.key, "secret too");
	ck_assert(is_told(&honest, "secret too", PATIENCE_MS));
	ck_assert(!is_told(&forger, "secret too", SILENCE_MS));
	leave(&honest);
	leave(&forger);
	done(&a);
}
END_TEST

START_TEST(cuts_a_forbidden_key_off_its_open_connection)
{
	struct party a, b;

	join(&a, &b);
	say_text(&b, LINK_SEND, &a.key, "before");
	expect_text(&a, LINK_MESSAGE, &b.key, "before");
	say(&a, LINK_FORBID, &b.key, bytes_view_of(NULL, 0));
	say_text(&a, LINK_SEND, &b.key, "to the forbidden");
	expect(&a, LINK_UNSENT, &b.key);
	say_text(&b, LINK_SEND, &a.key, "during");
	ck_assert(!hears(&a, LINK_MESSAGE, SILENCE_MS));
	/* the connection was there all the time: libzmq has not closed it */
	say(&a, LINK_ALLOW, &b.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_SEND, &a.key, "after");
	expect_text(&a, LINK_MESSAGE, &b.key, "after");
	/* and where it dialed itself, it hangs up */
	say(&b, LINK_FORBID, &a.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_SEND, &a.key, "gone");
	expect(&b, LINK_UNSENT, &a.key);
	say_text(&a, LINK_SEND, &b.key, "gone too");
	ck_assert(!hears(&b, LINK_MESSAGE, SILENCE_MS));
	done(&b);
	done(&a);
}
END_TEST

START_TEST(lets_in_at_once_whom_core_has_just_allowed)
{
	static const struct transport_key nobody = {{0x77}};
	struct stranger s;
	struct party a;
	int i, n;

	start(&a);
	bind_any(&a);
	for (n = 0; n < 30; n++) {
		be_stranger(&s);
		/* core has much to say, and this last; the peer comes as soon as it is said */
		for (i = 0; i < 2000; i++)
			say(&a, LINK_SEND, &nobody, bytes_view_of(frame, 20));
		say(&a, LINK_ALLOW, &s.key, bytes_view_of(NULL, 0));
		knock(&s, a.endpoint, &a.key, NULL, 0);
		shout(&s, "may I?", 0);
		for (i = 0; i < 2000; i++)
			expect(&a, LINK_UNSENT, &nobody);
		expect_text(&a, LINK_MESSAGE, &s.key, "may I?");
		leave(&s);
	}
	done(&a);
}
END_TEST

/* How many handshakes a server that refuses everybody is asked for within a time. */
static int
count_refusals(void *zap, int ms)
{
	uint64_t until = clock_steady_ms() + (uint64_t)ms;
	int count = 0;

	for (;;) {
		uint64_t now = clock_steady_ms();
		zmq_pollitem_t item = {zap, 0, ZMQ_POLLIN, 0};
		uint8_t id[256], rest[256];
		int more = 1, at = 0, id_len = 0;
		size_t len = sizeof(more);

		if (now >= until || zmq_poll(&item, 1, (long)(until - now)) <= 0)
			return count;
		while (more) {
			int got = zmq_recv(zap, at == 1 ? id : rest, 256, 0);

			if (at++ == 1)
				id_len = got;
			ck_assert_int_eq(zmq_getsockopt(zap, ZMQ_RCVMORE, &more, &len), 0);
		}
		(void)zmq_send(zap, "1.0", 3, ZMQ_SNDMORE);
		(void)zmq_send(zap, id, (size_t)id_len, ZMQ_SNDMORE);
		(void)zmq_send(zap, "400", 3, ZMQ_SNDMORE);
		(void)zmq_send(zap, "no", 2, ZMQ_SNDMORE);
		(void)zmq_send(zap, "", 0, ZMQ_SNDMORE);
		(void)zmq_send(zap, "", 0, 0);
		count++;
	}
}

START_TEST(asks_once_where_it_is_refused)
{
	struct stranger server;
	char endpoint[ENDPOINT_BYTES_MAX + 1];
	size_t len = sizeof(endpoint);
	struct party b;
	void *zap;

	start(&b);
	be_stranger(&server);
	zap = zmq_socket(server.context, ZMQ_REP);
	set_number(zap, ZMQ_LINGER, 0);
	ck_assert_int_eq(zmq_bind(zap, "inproc://zeromq.zap.01"), 0);
	server.socket = zmq_socket(server.context, ZMQ_ROUTER);
	set_number(server.socket, ZMQ_LINGER, 0);
	set_number(server.socket, ZMQ_CURVE_SERVER, 1);
	ck_assert_int_eq(zmq_setsockopt(server.socket, ZMQ_ZAP_DOMAIN, "malla", 5), 0);
	ck_assert_int_eq(zmq_setsockopt(server.socket, ZMQ_CURVE_SECRETKEY, server.secret, 32), 0);
	ck_assert_int_eq(zmq_bind(server.socket, "tcp://127.0.0.1:*"), 0);
	ck_assert_int_eq(zmq_getsockopt(server.socket, ZMQ_LAST_ENDPOINT, endpoint, &len), 0);
	say(&b, LINK_ALLOW, &server.key, bytes_view_of(NULL, 0));
	say_text(&b, LINK_DIAL, &server.key, endpoint);
	ck_assert_int_eq(count_refusals(zap, 2500), 1);
	expect_text(&b, LINK_DOWN, &server.key, "it does not know our key");
	say_text(&b, LINK_DIAL, &server.key, endpoint);
	ck_assert_int_eq(count_refusals(zap, 1500), 1);
	expect_text(&b, LINK_DOWN, &server.key, "it does not know our key");
	(void)zmq_close(zap);
	leave(&server);
	done(&b);
}
END_TEST

/* ---------------------------------------------------------------- floods */

START_TEST(drops_messages_of_several_parts_and_none_at_all)
{
	struct stranger s;
	struct party a;

	start(&a);
	bind_any(&a);
	be_stranger(&s);
	say(&a, LINK_ALLOW, &s.key, bytes_view_of(NULL, 0));
	knock(&s, a.endpoint, &a.key, NULL, 0);
	shout(&s, "two", ZMQ_SNDMORE);
	shout(&s, "parts", 0);
	ck_assert_int_eq(zmq_send(s.socket, "", 0, 0), 0);
	shout(&s, "", ZMQ_SNDMORE);
	shout(&s, "as REQ does", 0);
	shout(&s, "one part", 0);
	expect_text(&a, LINK_MESSAGE, &s.key, "one part"); /* the first that core hears of */
	leave(&s);
	done(&a);
}
END_TEST

/* One message of so many parts, which costs the sender no copies. */
static void
flood(struct stranger *s, int parts)
{
	zmq_msg_t part;
	int i;

	for (i = 0; i < parts; i++) {
		ck_assert_int_eq(zmq_msg_init_data(&part, frame, 60000, NULL, NULL), 0);
		ck_assert_int_ge(
		    zmq_msg_send(&part, s->socket, i + 1 < parts ? ZMQ_SNDMORE : 0), 0);
	}
}

/* The most memory that a process ever had, in KiB. */
static unsigned long
peak_kib(pid_t pid)
{
	char path[64], line[256];
	unsigned long peak = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, "VmHWM:", 6) == 0)
			peak = strtoul(line + 6, NULL, 10);
	}
	(void)fclose(file);
	return peak;
}

START_TEST(survives_a_flood_of_parts_and_serves_the_others)
{
	struct stranger s;
	struct party a, b;

	join(&a, &b);
	be_stranger(&s);
	say(&a, LINK_ALLOW, &s.key, bytes_view_of(NULL, 0));
	knock(&s, a.endpoint, &a.key, NULL, 0);
	flood(&s, 4000); /* 230 MiB */
	shout(&s, "done", 0);
	ck_assert(hears(&a, LINK_MESSAGE, 30000));
	ck_assert(bytes_view_is_equal(a.last.bytes, bytes_view_str("done")));
	ck_assert_uint_lt(peak_kib(a.pid), 1200ul * 1024);
	say_text(&b, LINK_SEND, &a.key, "still there?");
	expect_text(&a, LINK_MESSAGE, &b.key, "still there?");
	leave(&s);
	done(&b);
	done(&a);
}
END_TEST

#if !defined(__SANITIZE_ADDRESS__) /* which reserves terabytes: no cap can stand under it */
START_TEST(takes_no_more_memory_than_its_cap_and_serves_on)
{
	const rlim_t cap = 400ul << 20;
	struct stranger flooder, other;
	struct party a;

	memset(&a, 0, sizeof(a));
	make_home(&a);
	launch(&a, cap);
	bind_any(&a);
	be_stranger(&flooder);
	be_stranger(&other);
	say(&a, LINK_ALLOW, &flooder.key, bytes_view_of(NULL, 0));
	say(&a, LINK_ALLOW, &other.key, bytes_view_of(NULL, 0));
	knock(&flooder, a.endpoint, &a.key, NULL, 0);
	flood(&flooder, 9000); /* 515 MiB, where there is room for less than 400 */
	ck_assert(!hears(&a, LINK_MESSAGE, 4000));
	/* libzmq finds no memory, and ends the connection that asked for it */
	ck_assert_uint_gt(peak_kib(a.pid), 200ul * 1024); /* the flood did come in */
	ck_assert_uint_lt(peak_kib(a.pid), cap / 1024);
	(void)zmq_close(flooder.socket);
	flooder.socket = NULL;
	knock(&other, a.endpoint, &a.key, NULL, 0);
	shout(&other, "still there?", 0);
	expect_text(&a, LINK_MESSAGE, &other.key, "still there?");
	say_text(&a, LINK_SEND, &other.key, "yes");
	ck_assert(is_told(&other, "yes", PATIENCE_MS));
	leave(&other);
	(void)zmq_ctx_term(flooder.context);
	done(&a);
}
END_TEST
#define WITH_A_CAP takes_no_more_memory_than_its_cap_and_serves_on,
#else
#define WITH_A_CAP
#endif

START_TEST(never_waits_for_a_core_that_does_not_read)
{
	static const uint8_t nobody[32] = {0x77};
	struct transport_key key;
	struct stranger s;
	struct party a;
	struct link_message message = {.type = LINK_HANG_UP};
	struct bytes command;
	uint64_t until;
	int i, sent = 0;

	start(&a);
	bind_any(&a);
	be_stranger(&s);
	say(&a, LINK_ALLOW, &s.key, bytes_view_of(NULL, 0));
	knock(&s, a.endpoint, &a.key, NULL, 0);
	for (i = 0; i < 100; i++) { /* more than the channel holds, and than the high-water mark */
		bytes_put_u32(frame, (uint32_t)i);
		ck_assert_int_eq(zmq_send(s.socket, frame, 60000, 0), 60000);
	}
	(void)poll(NULL, 0, 1000);
	/* and yet it obeys: commands go in as fast as they come */
	memcpy(key.bytes, nobody, sizeof(nobody));
	message.key = key;
	bytes_init(&command, 256);
	ck_err(link_encode(&message, &command), ERR_NONE);
	until = clock_steady_ms() + PATIENCE_MS;
	while (sent < 20000 && clock_steady_ms() < until)
		sent += channel_try_send(a.fd, bytes_as_view(&command)) == ERR_NONE;
	ck_assert_int_eq(sent, 20000);
	for (i = 0; i < 100; i++) { /* and nothing that came is lost, nor out of order */
		expect(&a, LINK_MESSAGE, &s.key);
		ck_assert_uint_eq(a.last.bytes.len, 60000);
		ck_assert_uint_eq(bytes_get_u32(a.last.bytes.data), (unsigned)i);
	}
	bytes_release(&command);
	leave(&s);
	done(&a);
}
END_TEST

START_TEST(tells_by_its_exit_code_that_it_has_no_key)
{
	uint8_t passphrase[6] = "wrong";
	struct party a;
	char path[HOME_FILE_MAX];
	int fds[2], status, code;

	memset(&a, 0, sizeof(a));
	make_home(&a);
	home_key(&a.home, "transport", path);
	ck_assert_int_eq(unlink(path), 0);
	ck_err(channel_pair(fds), ERR_NONE);
	a.pid = fork();
	if (a.pid == 0) {
		code = link_run(fds[1], &a.home, passphrase, 5);
		/* whatever came of it, the passphrase is gone */
		_exit(memcmp(passphrase, "\0\0\0\0\0", 5) == 0 ? code : 99);
	}
	ck_assert_int_eq(waitpid(a.pid, &status, 0), a.pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), err_exit_code(ERR_SYSTEM));
	ck_assert_int_eq(nftw(a.folder, remove_file, 8, FTW_DEPTH | FTW_PHYS), 0);
}
END_TEST

SUITE_MAIN("node/link", decodes_what_it_encodes, refuses_what_is_no_message,
    carries_frames_both_ways_on_one_connection, joins_frames_to_the_end_they_have_in_common,
    joins_the_largest_frame, binds_as_soon_as_it_can, turns_strangers_away_under_a_new_handler,
    passes_the_largest_frame_and_no_larger, says_why_there_is_no_connection,
    gives_up_on_a_server_that_never_speaks, finds_the_address_behind_a_name,
    says_when_the_peer_dies_and_comes_back_when_dialed, answers_on_the_newest_connection,
    lets_the_last_words_out_when_it_hangs_up, hears_no_unknown_key_though_libzmq_would,
    knows_each_frame_by_the_key_that_sent_it,
    gives_nobody_the_answers_of_another_for_a_forged_routing_id,
    cuts_a_forbidden_key_off_its_open_connection, lets_in_at_once_whom_core_has_just_allowed,
    asks_once_where_it_is_refused, drops_messages_of_several_parts_and_none_at_all,
    survives_a_flood_of_parts_and_serves_the_others,
    WITH_A_CAP never_waits_for_a_core_that_does_not_read, tells_by_its_exit_code_that_it_has_no_key)
