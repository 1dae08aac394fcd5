#define _DEFAULT_SOURCE
#include "cli/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "crypto/digest.h"
#include "tests/unit/wire_fixture.h"

#define SEEN_MAX 32u

/* What stands in for the node: it takes connections one after the other, and on each does what
   `steps` says, letter by letter: r, read a request; a, answer the oldest that it read; x, answer
   it with another id; n, answer it with a refusal.  Behind the letters it closes the connection. */
struct stand_in {
	char folder[64];
	struct home home;
	int listen_fd;
	const char *const *steps; /* one text a connection; NULL at the end */
	pthread_t thread;
	uint32_t seen_count;
	struct nonce seen[SEEN_MAX]; /* ids, as they were read */
	uint32_t numbers[SEEN_MAX];  /* what each asked for */
	uint32_t answered;
};

static void
answer(struct stand_in *node, int fd, char step)
{
	struct org_body body = {{0}};
	struct answer message = {.reason = step == 'n' ? REASON_ROLE : REASON_STORED};
	struct bytes encoded, out;
	uint32_t at = node->answered++;

	bytes_init(&encoded, 256);
	bytes_init(&out, 1024);
	message.id = node->seen[at];
	message.id.bytes[0] ^= step == 'x';
	body.org[0] = (uint8_t)node->numbers[at];
	ck_err(schema_encode(&request_org_schema, &body, &encoded), ERR_NONE);
	if (step != 'n')
		message.body = bytes_as_view(&encoded);
	ck_err(request_answer_encode(&message, &out), ERR_NONE);
	ck_assert(send(fd, out.data, out.len, MSG_NOSIGNAL) == (ssize_t)out.len);
	bytes_release(&encoded);
	bytes_release(&out);
}

static bool
read_request(struct stand_in *node, int fd)
{
	static uint8_t buffer[REQUEST_BYTES_MAX];
	struct org_body arguments;
	struct request request;
	ssize_t got = recv(fd, buffer, sizeof(buffer), 0);

	if (got <= 0)
		return false;
	ck_assert_uint_lt(node->seen_count, SEEN_MAX);
	ck_err(request_decode(bytes_view_of(buffer, (size_t)got), &request), ERR_NONE);
	ck_err(schema_decode(&request_org_schema, request.arguments, &arguments), ERR_NONE);
	node->seen[node->seen_count] = request.id;
	node->numbers[node->seen_count++] = arguments.org[0];
	return true;
}

static void *
serve(void *context)
{
	struct stand_in *node = context;
	const char *step;
	uint32_t i;
	int fd;

	for (i = 0; node->steps[i] != NULL; i++) {
		fd = accept(node->listen_fd, NULL, NULL);
		ck_assert_int_ge(fd, 0);
		/* what was read on an earlier connection is not answered on this one */
		node->answered = node->seen_count;
		for (step = node->steps[i]; *step != '\0'; step++) {
			if (*step == 'r')
				ck_assert(read_request(node, fd));
			else
				answer(node, fd, *step);
		}
		(void)close(fd);
	}
	(void)close(node->listen_fd);
	return NULL;
}

static void
make_home(struct stand_in *node)
{
	const char *base = getenv("TMPDIR");

	memset(node, 0, sizeof(*node));
	ck_err(digest_start(), ERR_NONE);
	(void)snprintf(node->folder, sizeof(node->folder), "%s/malla-client-XXXXXX",
	    base == NULL ? P_tmpdir : base);
	ck_assert_ptr_nonnull(mkdtemp(node->folder));
	ck_err(home_resolve(node->folder, &node->home), ERR_NONE);
}

static void
stand_in_start(struct stand_in *node, const char *const *steps)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[HOME_FILE_MAX];

	make_home(node);
	node->steps = steps;
	home_file(&node->home, "api.sock", path);
	ck_assert_uint_lt(strlen(path), sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	node->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(
	    bind(node->listen_fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(node->listen_fd, 4), 0);
	ck_assert_int_eq(pthread_create(&node->thread, NULL, serve, node), 0);
}

static void
stand_in_done(struct stand_in *node)
{
	char path[HOME_FILE_MAX];

	ck_assert_int_eq(pthread_join(node->thread, NULL), 0);
	home_file(&node->home, "api.sock", path);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(node->folder), 0);
}

static void
send_number(struct client *client, uint32_t number)
{
	struct org_body arguments = {{(uint8_t)number}};

	ck_err(client_send(client, REQUEST_STATUS, &request_org_schema, &arguments), ERR_NONE);
}

static int
receive_number(struct client *client, uint32_t wanted)
{
	struct org_body body = {{0}};
	int code = client_receive(client, &request_org_schema, &body);

	if (code == 0)
		ck_assert_uint_eq(body.org[0], wanted);
	return code;
}

/* ---------------------------------------------------------------- several at once */

/* The stand-in answers nothing before it has read all four: a client that waited for the first
   answer before its second request would wait for ever. */
START_TEST(sends_a_whole_window_before_the_first_answer_and_takes_them_in_order)
{
	static const char *const steps[] = {"rrrraarraaaa", NULL};
	static struct stand_in node;
	struct client *client;
	uint32_t i;

	ck_assert_uint_eq(CLIENT_WINDOW, 8);
	stand_in_start(&node, steps);
	ck_err(client_open(&node.home, &client), ERR_NONE);
	for (i = 1; i <= 4; i++)
		send_number(client, i);
	ck_assert_uint_eq(client_waiting(client), 4);
	ck_assert_int_eq(receive_number(client, 1), 0);
	ck_assert_int_eq(receive_number(client, 2), 0);
	ck_assert_uint_eq(client_waiting(client), 2);
	send_number(client, 5);
	send_number(client, 6);
	for (i = 3; i <= 6; i++)
		ck_assert_int_eq(receive_number(client, i), 0);
	ck_assert_uint_eq(client_waiting(client), 0);
	client_close(client);
	stand_in_done(&node);
	for (i = 0; i < 6; i++)
		ck_assert_uint_eq(node.numbers[i], i + 1);
}
END_TEST

/* The node is started again with two answered and two not: those two, by their ids, in order. */
START_TEST(asks_again_for_what_was_not_answered_and_for_nothing_else)
{
	static const char *const steps[] = {"rrrraa", "rraa", NULL};
	static struct stand_in node;
	struct client *client;
	uint32_t i;

	stand_in_start(&node, steps);
	ck_err(client_open(&node.home, &client), ERR_NONE);
	for (i = 1; i <= 4; i++)
		send_number(client, i);
	for (i = 1; i <= 4; i++)
		ck_assert_int_eq(receive_number(client, i), 0);
	ck_assert_uint_eq(client_waiting(client), 0);
	client_close(client);
	stand_in_done(&node);
	ck_assert_uint_eq(node.seen_count, 6);
	for (i = 4; i < 6; i++) {
		ck_assert_uint_eq(node.numbers[i], i - 1);
		ck_assert_mem_eq(&node.seen[i], &node.seen[i - 2], sizeof(node.seen[i]));
	}
}
END_TEST

/* It may die more than once, and before it has read anything. */
START_TEST(asks_again_as_often_as_it_must)
{
	static const char *const steps[] = {"r", "", "rr", "rraa", NULL};
	static struct stand_in node;
	struct client *client;

	stand_in_start(&node, steps);
	ck_err(client_open(&node.home, &client), ERR_NONE);
	send_number(client, 1);
	send_number(client, 2);
	ck_assert_int_eq(receive_number(client, 1), 0);
	ck_assert_int_eq(receive_number(client, 2), 0);
	client_close(client);
	stand_in_done(&node);
	ck_assert_mem_eq(&node.seen[0], &node.seen[1], sizeof(node.seen[0]));
}
END_TEST

START_TEST(a_refusal_is_one_answer_and_those_behind_it_come)
{
	static const char *const steps[] = {"rrrana", NULL};
	static struct stand_in node;
	struct client *client;

	stand_in_start(&node, steps);
	ck_err(client_open(&node.home, &client), ERR_NONE);
	send_number(client, 1);
	send_number(client, 2);
	send_number(client, 3);
	ck_assert_int_eq(receive_number(client, 1), 0);
	ck_assert_int_eq(receive_number(client, 2), reason_exit_code(REASON_ROLE));
	ck_assert_uint_eq(client_waiting(client), 1);
	ck_assert_int_eq(receive_number(client, 3), 0);
	client_close(client);
	stand_in_done(&node);
}
END_TEST

START_TEST(an_answer_to_something_else_ends_it)
{
	static const char *const steps[] = {"rrxa", NULL};
	static struct stand_in node;
	struct client *client;

	stand_in_start(&node, steps);
	ck_err(client_open(&node.home, &client), ERR_NONE);
	send_number(client, 1);
	send_number(client, 2);
	ck_assert_int_eq(receive_number(client, 1), err_exit_code(ERR_INVALID));
	ck_assert_uint_eq(client_waiting(client), 0);
	client_close(client);
	stand_in_done(&node);
}
END_TEST

/* ---------------------------------------------------------------- one at a time */

START_TEST(asks_once_more_where_the_node_was_started_again)
{
	static const char *const steps[] = {"r", "ra", NULL};
	static struct stand_in node;
	struct org_body arguments = {{9}}, body = {{0}};
	struct client *client;

	stand_in_start(&node, steps);
	ck_err(client_open(&node.home, &client), ERR_NONE);
	ck_assert_int_eq(client_ask(NULL, client, REQUEST_STATUS, &request_org_schema, &arguments,
			     &request_org_schema, &body),
	    0);
	ck_assert_uint_eq(body.org[0], 9);
	client_close(client);
	stand_in_done(&node);
	ck_assert_mem_eq(&node.seen[0], &node.seen[1], sizeof(node.seen[0]));
}
END_TEST

START_TEST(says_that_there_is_no_node)
{
	static struct stand_in node;
	struct client *client = NULL;

	make_home(&node);
	ck_err(client_open(&node.home, &client), ERR_UNREACHABLE);
	ck_assert_ptr_null(client);
	ck_assert_int_eq(rmdir(node.folder), 0);
}
END_TEST

SUITE_MAIN("cli/client", sends_a_whole_window_before_the_first_answer_and_takes_them_in_order,
    asks_again_for_what_was_not_answered_and_for_nothing_else, asks_again_as_often_as_it_must,
    a_refusal_is_one_answer_and_those_behind_it_come, an_answer_to_something_else_ends_it,
    asks_once_more_where_the_node_was_started_again, says_that_there_is_no_node)
