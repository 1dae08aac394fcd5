#include "tests/fault/requests.h"

#define MIXED_COUNT 40u
#define MIXED_REPEAT 7u /* every so many, an earlier one again */

/* Who gets the nth value, and under which label. */
static enum tlp
label_of(uint32_t n)
{
	static const enum tlp labels[] = {TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_RED, TLP_AMBER};

	return n >= REQUESTS_FILLER       ? TLP_AMBER
	       : n < REQUESTS_MIXED_FIRST ? TLP_GREEN
					  : labels[n % 5];
}

static bool
stays_home(uint32_t n)
{
	return n >= REQUESTS_FILLER || (n >= REQUESTS_MIXED_FIRST && n % 5 == 4);
}

static uint32_t
value_of(enum world_input input, uint32_t i)
{
	switch (input) {
	case WORLD_ONE:
		return REQUESTS_SECOND - 1;
	case WORLD_BATCH:
		return i;
	case WORLD_MIXED:
		return REQUESTS_MIXED_FIRST + (i % MIXED_REPEAT == MIXED_REPEAT - 1 ? i - 3 : i);
	case WORLD_INPUT_COUNT:
		break;
	}
	return 0;
}

static void
add_draft(struct world *world, uint32_t n, struct schema_list *list, struct bytes *items)
{
	static struct record record;
	struct observable observable = {.type = OBSERVABLE_DOMAIN};
	struct bytes draft;
	char value[64];

	(void)snprintf(value, sizeof(value), "n%05u.fault.example", n);
	record_init(&record, RECORD_INDICATOR, label_of(n));
	observable.value = bytes_view_str(value);
	ck_err(record_add_observable(&record, &observable), ERR_NONE);
	if (record.marking.tlp == TLP_GREEN && n >= REQUESTS_MIXED_FIRST) {
		record.audience.has_community = world->has_community;
		record.audience.community = world->community;
	}
	if (record.marking.tlp >= TLP_AMBER && !stays_home(n))
		ck_err(audience_add_org(&record.audience, &world->net->nodes[B].org), ERR_NONE);
	if (record.marking.tlp == TLP_RED) {
		record.marking.purpose = bytes_view_str("fraud prevention");
		record.marking.basis = bytes_view_str("consent");
	}
	bytes_init(&draft, RECORD_BYTES_MAX);
	ck_err(record_encode(&record, &draft), ERR_NONE);
	ck_err(schema_list_add_bin(list, items, bytes_as_view(&draft)), ERR_NONE);
	bytes_release(&draft);
	world->wanted[A][n] = true;
	world->wanted[B][n] = !stays_home(n);
}

void
requests_encode(
    struct world *world, const uint32_t *values, uint32_t count, uint32_t id, struct bytes *out)
{
	struct submit_arguments arguments = {0};
	struct request request = {.command = REQUEST_SUBMIT};
	struct bytes items, encoded;
	uint32_t i;

	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	for (i = 0; i < count; i++)
		add_draft(world, values[i], &arguments.drafts, &items);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	request.arguments = bytes_as_view(&encoded);
	memset(request.id.bytes, 0xf0, sizeof(request.id.bytes));
	bytes_put_u32(request.id.bytes, id);
	bytes_init(out, REQUEST_BYTES_MAX);
	ck_err(request_encode(&request, out), ERR_NONE);
	bytes_release(&items);
	bytes_release(&encoded);
}

static void
make_charter(const struct world *world, struct record *record, struct org_id orgs[2])
{
	uint32_t i;

	for (i = 0; i < 2; i++)
		orgs[i] = world->net->nodes[i].org;
	if (memcmp(&orgs[0], &orgs[1], sizeof(*orgs)) > 0) {
		struct org_id kept = orgs[0];

		orgs[0] = orgs[1];
		orgs[1] = kept;
	}
	record_init(record, RECORD_CHARTER, TLP_AMBER_STRICT);
	for (i = 0; i < 2; i++)
		ck_err(audience_add_org(&record->audience, &orgs[i]), ERR_NONE);
	record->body.title = bytes_view_str("both");
	record->body.charter.serial = 1;
	record->body.charter.threshold = 1;
	record->body.charter.stewards = org_list_of(&world->net->nodes[A].org, 1);
	record->body.charter.members = org_list_of(orgs, 2);
}

void
requests_found(struct world *world)
{
	static struct record record;
	struct submit_arguments arguments = {0};
	struct org_id orgs[2];
	struct bytes draft, items, encoded;

	bytes_init(&draft, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	make_charter(world, &record, orgs);
	ck_err(record_encode(&record, &draft), ERR_NONE);
	ck_err(record_decode(bytes_as_view(&draft), true, &record, NULL), ERR_NONE);
	charter_community(&record.body.charter, record.body_bytes, &world->community);
	world->has_community = true;
	ck_err(schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&draft)), ERR_NONE);
	ck_err(schema_encode(&request_submit_schema, &arguments, &encoded), ERR_NONE);
	ck_reason(net_request(world->net, A,
		      &(struct net_request){.command = REQUEST_RELATE,
			  .arguments = bytes_as_view(&encoded),
			  .signer = world->net->nodes[A].founder,
			  .uid = NODE_UID})
		      .reason,
	    REASON_STORED);
	world->wanted[A][REQUESTS_CHARTER] = world->wanted[B][REQUESTS_CHARTER] = true;
	bytes_release(&draft);
	bytes_release(&items);
	bytes_release(&encoded);
}

void
requests_of_input(struct world *world, enum world_input input, uint32_t id, struct bytes *out)
{
	uint32_t values[BATCH_COUNT_MAX];
	uint32_t count = MIXED_COUNT, i;

	if (input != WORLD_MIXED)
		count = input == WORLD_ONE ? 1 : world->batch;
	for (i = 0; i < count; i++)
		values[i] = value_of(input, i);
	requests_encode(world, values, count, id, out);
}
