/*
 * jetstream HUB LEAF each|all: the same errand done by NATS JetStream (nats-server, libnats): a
 * message of 500 bytes is published to a stream of one server and acknowledged, mirrored over a
 * leaf node connection into a stream of the other server's domain, pulled there and acknowledged;
 * both in files.
 *
 * each: every message is acknowledged by itself; all: the last of each 500 for all of them.
 * Command: how many.  Answer: the seconds from the first message published to the last one's
 * acknowledgement at the other server.
 */
#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>

#include "tests/bench/measure.h"

#define MESSAGE_BYTES 500
#define FETCH 500
#define PENDING_MAX 4096
#define PATIENCE_MS 60000

struct jetstream {
	natsConnection *hub_connection, *leaf_connection;
	jsCtx *hub, *leaf;
	natsSubscription *pull;
	bool is_each;
	uint64_t wanted; /* by the consumer, in this round */
};

static void
check(natsStatus status, const char *what)
{
	if (status != NATS_OK)
		measure_die(what, natsStatus_GetText(status));
}

static void
open_streams(struct jetstream *js)
{
	const char *subjects[] = {"records"};
	jsStreamConfig config;
	jsStreamSource mirror;
	/* this version of libnats reads both, so none is NULL */
	jsExternalStream external = {.APIPrefix = "$JS.hub.API", .DeliverPrefix = ""};
	jsErrCode code = 0;

	check(jsStreamConfig_Init(&config), "a stream");
	config.Name = "SOURCE";
	config.Subjects = subjects;
	config.SubjectsLen = 1;
	config.Storage = js_FileStorage;
	check(js_AddStream(NULL, js->hub, &config, NULL, &code), "the stream at the hub");
	check(jsStreamConfig_Init(&config), "a stream");
	check(jsStreamSource_Init(&mirror), "a mirror");
	mirror.Name = "SOURCE";
	mirror.External = &external;
	config.Name = "MIRROR";
	config.Storage = js_FileStorage;
	config.Mirror = &mirror;
	check(js_AddStream(NULL, js->leaf, &config, NULL, &code), "its mirror at the leaf");
}

static void
open_pull(struct jetstream *js)
{
	jsSubOptions options;
	jsErrCode code = 0;

	check(jsSubOptions_Init(&options), "a consumer");
	options.Stream = "MIRROR";
	options.Config.AckPolicy = js->is_each ? js_AckExplicit : js_AckAll;
	options.Config.MaxAckPending = 20000;
	check(js_PullSubscribe(&js->pull, js->leaf, "records", "reader", NULL, &options, &code),
	    "the consumer");
}

static void
open_all(struct jetstream *js, const char *hub, const char *leaf)
{
	jsOptions options;

	check(nats_Open(-1), "libnats");
	check(jsOptions_Init(&options), "JetStream");
	options.PublishAsync.MaxPending = PENDING_MAX;
	options.PublishAsync.StallWait = PATIENCE_MS;
	options.Wait = 10000;
	check(natsConnection_ConnectTo(&js->hub_connection, hub), hub);
	check(natsConnection_ConnectTo(&js->leaf_connection, leaf), leaf);
	check(natsConnection_JetStream(&js->hub, js->hub_connection, &options), "JetStream");
	check(natsConnection_JetStream(&js->leaf, js->leaf_connection, &options), "JetStream");
	open_streams(js);
	open_pull(js);
}

static void *
publish(void *context)
{
	struct jetstream *js = context;
	uint64_t message[MESSAGE_BYTES / 8 + 1], i;
	jsPubOptions options;
	size_t at;

	for (i = 0; i < js->wanted; i++) {
		for (at = 0; at < sizeof(message) / sizeof(*message); at++)
			message[at] = measure_mix(i * 64 + at);
		check(js_PublishAsync(js->hub, "records", message, MESSAGE_BYTES, NULL),
		    "publishing");
	}
	check(jsPubOptions_Init(&options), "publishing");
	options.MaxWait = PATIENCE_MS;
	check(js_PublishAsyncComplete(js->hub, &options), "publishing");
	return NULL;
}

static void
acknowledge(struct jetstream *js, const natsMsgList *list, bool is_last)
{
	jsErrCode code = 0;
	int i;

	for (i = js->is_each ? 0 : list->Count - 1; i < list->Count - 1; i++)
		check(natsMsg_Ack(list->Msgs[i], NULL), "an acknowledgement");
	if (is_last)
		check(natsMsg_AckSync(list->Msgs[i], NULL, &code), "the last acknowledgement");
	else
		check(natsMsg_Ack(list->Msgs[i], NULL), "an acknowledgement");
}

static void
pull(struct jetstream *js)
{
	uint64_t got = 0;

	while (got < js->wanted) {
		uint64_t left = js->wanted - got;
		natsMsgList list = {0};
		jsErrCode code = 0;
		natsStatus status = natsSubscription_Fetch(
		    &list, js->pull, left < FETCH ? (int)left : FETCH, PATIENCE_MS, &code);

		check(status, "pulling");
		got += (uint64_t)list.Count;
		if (list.Count > 0)
			acknowledge(js, &list, got >= js->wanted);
		natsMsgList_Destroy(&list);
	}
}

int
main(int argc, char **argv)
{
	char line[MEASURE_LINE_BYTES];
	struct jetstream js = {0};

	if (argc != 4 || (strcmp(argv[3], "each") != 0 && strcmp(argv[3], "all") != 0))
		measure_die("jetstream", "usage: jetstream HUB LEAF each|all");
	js.is_each = strcmp(argv[3], "each") == 0;
	open_all(&js, argv[1], argv[2]);
	(void)printf("{\"version\": \"%s\"}\n", nats_GetVersion());
	(void)fflush(stdout);
	while (measure_command(line)) {
		double begin = measure_now();
		pthread_t publisher;

		js.wanted = strtoull(line, NULL, 10);
		measure_need(pthread_create(&publisher, NULL, publish, &js) == 0, "a thread");
		pull(&js);
		(void)pthread_join(publisher, NULL);
		(void)printf("{\"seconds\": %.6f}\n", measure_now() - begin);
		(void)fflush(stdout);
	}
	natsSubscription_Destroy(js.pull);
	jsCtx_Destroy(js.hub);
	jsCtx_Destroy(js.leaf);
	natsConnection_Destroy(js.hub_connection);
	natsConnection_Destroy(js.leaf_connection);
	nats_Close();
	return 0;
}
