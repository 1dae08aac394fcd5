#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "tests/bench/lookup.h"
#include "tests/bench/measure.h"
#include "wire/request.h"

struct context {
	int fd;
	struct bytes arguments, predicate, request;
	uint8_t answer[REQUEST_BYTES_MAX + 4096];
	int64_t last;
};

static void
must(enum err err, const char *what)
{
	if (err != ERR_NONE)
		measure_die(what, err_text(err));
}

/* One request and its answer; the views of *body are good until the next one.  False: not found. */
static bool
exchange(struct context *context, enum request_command command, const struct schema *schema,
    const void *arguments, const struct schema *body_schema, void *body)
{
	struct request request = {.command = command};
	struct answer answer;
	ssize_t got;

	bytes_clear(&context->arguments);
	bytes_clear(&context->request);
	must(schema_encode(schema, arguments, &context->arguments), "a request");
	digest_random(request.id.bytes, sizeof(request.id.bytes));
	request.arguments = bytes_as_view(&context->arguments);
	must(request_encode(&request, &context->request), "a request");
	measure_need(send(context->fd, context->request.data, context->request.len, 0) ==
			 (ssize_t)context->request.len,
	    "the node");
	got = recv(context->fd, context->answer, sizeof(context->answer), 0);
	measure_need(got > 0, "the node");
	must(request_answer_decode(bytes_view_of(context->answer, (size_t)got), &answer),
	    "an answer");
	if (answer.reason == REASON_NOT_FOUND)
		return false;
	if (answer.reason != REASON_STORED)
		measure_die("the node", reason_name(answer.reason));
	must(schema_decode(body_schema, answer.body, body), "an answer");
	return true;
}

static uint32_t
page(struct context *context, const struct predicate *predicate, int64_t after, uint32_t most,
    struct query_body *body)
{
	struct query_arguments arguments = {.limit = most, .after = (uint64_t)after};

	bytes_clear(&context->predicate);
	if (predicate != NULL)
		must(predicate_encode(predicate, &context->predicate), "a predicate");
	arguments.predicate = bytes_as_view(&context->predicate);
	if (!exchange(context, REQUEST_QUERY, &request_query_schema, &arguments,
		&request_query_body_schema, body))
		return 0;
	return body->rows.count;
}

static bool
row_after(void *opaque, int64_t seq, struct bytes *record, int64_t *found)
{
	struct query_body body;
	struct query_row row;

	if (page(opaque, NULL, seq, 1, &body) == 0)
		return false;
	must(schema_list_next(&body.rows, &request_row_schema, &row), "an answer");
	bytes_append(record, row.record.data, row.record.len);
	*found = (int64_t)row.seq;
	return true;
}

static int64_t
last_seq(void *opaque)
{
	struct context *context = opaque;

	return context->last;
}

static uint32_t
ask(void *opaque, const struct lookup_question *question)
{
	struct show_arguments arguments;
	struct show_body shown;
	struct query_body body;
	char hex[2 * sizeof(question->id.bytes) + 1];

	if (question->kind == LOOKUP_BARE)
		return page(opaque, NULL, question->seq, 1, &body);
	if (question->kind != LOOKUP_ID && question->kind != LOOKUP_MISS)
		return page(opaque, &question->predicate, 0, LOOKUP_ROWS_MAX, &body);
	hex_encode(question->id.bytes, sizeof(question->id.bytes), hex);
	arguments.id = bytes_view_str(hex);
	return exchange(opaque, REQUEST_SHOW, &request_show_schema, &arguments,
	    &request_show_body_schema, &shown);
}

static void
meanwhile(void *opaque)
{
	(void)opaque;
}

void
lookup_node_open(struct lookup_back *back, const char *home)
{
	static struct context context;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct status_body status;
	struct empty_body nothing = {0};

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/api.sock", home);
	context.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	measure_need(context.fd >= 0 && connect(context.fd, (const struct sockaddr *)&address,
					    sizeof(address)) == 0,
	    address.sun_path);
	bytes_init(&context.arguments, REQUEST_BYTES_MAX);
	bytes_init(&context.predicate, PREDICATE_BYTES_MAX);
	bytes_init(&context.request, REQUEST_BYTES_MAX);
	if (!exchange(&context, REQUEST_STATUS, &request_empty_schema, &nothing,
		&request_status_schema, &status))
		measure_die(home, "no status");
	context.last = (int64_t)status.records;
	*back = (struct lookup_back){.row_after = row_after,
	    .last_seq = last_seq,
	    .ask = ask,
	    .meanwhile = meanwhile,
	    .context = &context};
}
