#include "tests/sim/dump.h"

#include <inttypes.h>
#include <stdio.h>

#include "node/state.h"
#include "tests/sim/report.h"

#define BATCHES_MAX 100000u

static FILE *file;

bool
dump_open(const char *path)
{
	file = fopen(path, "w");
	return file != NULL;
}

static void
put_hex(const uint8_t *data, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	(void)putc(' ', file);
	for (i = 0; i < len; i++) {
		(void)putc(digits[data[i] >> 4], file);
		(void)putc(digits[data[i] & 15], file);
	}
}

static enum err
put_record(void *context, const struct record_row *row)
{
	const struct world_node *node = context;

	(void)fprintf(file, "record %u", node->index);
	put_hex(row->via.bytes, sizeof(row->via.bytes));
	(void)fprintf(file, " %" PRIu64, row->received_ms);
	put_hex(row->body.data, row->body.len);
	(void)putc('\n', file);
	return ERR_NONE;
}

static enum err
put_batch(void *context, const struct batch_row *row)
{
	struct world_node *node = context;

	return records_of_batch(node->core->store, row->seq, put_record, node);
}

static void
put_node(struct world_node *node)
{
	const struct world *world = node->world;
	uint32_t to;

	(void)fprintf(file, "node %u", node->index);
	put_hex(node->party->org.bytes, sizeof(node->party->org.bytes));
	(void)fprintf(file, " %s\n", node->is_hostile ? "hostile" : "honest");
	for (to = 0; to < node->index; to++) {
		if (world->is_peer[node->index][to] && world->is_peer[to][node->index])
			(void)fprintf(file, "peers %u %u\n", node->index, to);
	}
	if (node->core != NULL &&
	    records_batch_each(node->core->store, 0, BATCHES_MAX, put_batch, node) != ERR_NONE)
		report_fail("a store cannot be read", "node %u, in the end", node->index);
}

void
dump_world(struct world *world)
{
	uint32_t i;

	if (file == NULL)
		return;
	(void)fprintf(file, "world %" PRIu64 " %u\n", world->plan.seed, world->open_policies);
	for (i = 0; i < world->count; i++)
		put_node(&world->nodes[i]);
	(void)fflush(file);
}
