#include "tests/sim/clients.h"

#include <string.h>

#include "tests/sim/report.h"
#include "wire/request_policy.h"

#define PATIENCE_MS 5000u

static void
must(enum err err)
{
	if (err != ERR_NONE)
		report_fail("the simulator itself", "a request: %s", err_name(err));
}

/* ---------------------------------------------------------------- encoding */

static void
encode_drafts(const struct world *world, const struct world_request *asked, struct bytes *out)
{
	struct submit_arguments arguments = {0};
	struct bytes items;
	uint32_t i;

	bytes_init(&items, REQUEST_BYTES_MAX);
	for (i = 0; i < asked->count; i++)
		must(schema_list_add_bin(&arguments.drafts, &items,
		    bytes_as_view(&world->model.drafts[world->numbers[asked->first + i]].bytes)));
	must(schema_encode(&request_submit_schema, &arguments, out));
	bytes_release(&items);
}

static const char open_text[] = "policy \"all to all\"\n"
				"outbound {\n  share all to anybody\n}\n"
				"inbound {\n  accept all\n}\n";

static void
encode_arguments(const struct world *world, const struct world_request *asked, struct bytes *out)
{
	struct peer_add_arguments add = {.package = bytes_as_view(&party_at(asked->peer)->package)};
	struct query_arguments query = {.limit = 8};
	struct verify_arguments verify = {0};
	struct empty_body nothing = {0};
	struct policy_set_arguments set = {.text = bytes_view_str(open_text)};
	struct org_body org;

	memcpy(org.org, party_at(asked->peer)->org.bytes, sizeof(org.org));
	if (asked->command == REQUEST_SUBMIT)
		encode_drafts(world, asked, out);
	else if (asked->command == REQUEST_PEER_ADD)
		must(schema_encode(&request_peer_add_schema, &add, out));
	else if (asked->command == REQUEST_PEER_REMOVE)
		must(schema_encode(&request_org_schema, &org, out));
	else if (asked->command == REQUEST_POLICY_SET)
		must(schema_encode(&request_policy_set_schema, &set, out));
	else if (asked->command == REQUEST_QUERY)
		must(schema_encode(&request_query_schema, &query, out));
	else if (asked->command == REQUEST_VERIFY)
		must(schema_encode(&request_verify_schema, &verify, out));
	else
		must(schema_encode(&request_empty_schema, &nothing, out));
}

/* The request goes to its node, which may be down. */
static void
ask(struct world *world, uint32_t number)
{
	struct world_request *asked = &world->requests[number];
	const struct world_node *node = &world->nodes[asked->node];
	struct request request = {.command = asked->command, .id = asked->id};
	struct bytes arguments, act, encoded;

	asked->asked_ms = world->now_ms;
	bytes_init(&arguments, REQUEST_BYTES_MAX);
	bytes_init(&act, 1024);
	bytes_init(&encoded, REQUEST_BYTES_MAX);
	encode_arguments(world, asked, &arguments);
	request.arguments = bytes_as_view(&arguments);
	if (asked->command == REQUEST_PEER_ADD || asked->command == REQUEST_PEER_REMOVE ||
	    asked->command == REQUEST_POLICY_SET)
		must(party_act(node->party, &request, world_clock(node), &act));
	request.act = bytes_as_view(&act);
	must(request_encode(&request, &encoded));
	world_put(world, CORE_REQUEST, number + 1, asked->node, 1, bytes_as_view(&encoded));
	bytes_release(&arguments);
	bytes_release(&act);
	bytes_release(&encoded);
}

static struct world_request *
add_request(struct world *world, uint32_t node, uint64_t command)
{
	struct world_request *asked;

	if (world->requests_count == WORLD_REQUESTS_MAX || world->nodes[node].is_hostile)
		return NULL;
	asked = &world->requests[world->requests_count++];
	*asked =
	    (struct world_request){.node = node, .command = command, .first = world->numbers_count};
	bytes_put_u64(asked->id.bytes, world->plan.seed);
	bytes_put_u32(asked->id.bytes + 8, world->requests_count);
	return asked;
}

/* ---------------------------------------------------------------- drafts */

/* One that the seed decides; `like` is the one before it in the request, or NULL. */
static uint32_t
write_draft(struct world *world, uint32_t author, const struct model_draft *like)
{
	struct choice *choice = &world->content;
	uint32_t number = world->model.count;
	struct model_draft *draft = &world->model.drafts[number];
	uint32_t others = ((1u << world->count) - 1) & ~(1u << author);

	memset(draft, 0, sizeof(*draft));
	draft->author = author;
	draft->tlp = (enum tlp)choice_below(choice, TLP_COUNT);
	if (choice_is(choice, 500))
		draft->named = choice_below(choice, 1u << world->count) & others;
	if (draft->tlp >= TLP_AMBER_STRICT && draft->named == 0)
		draft->named = others;
	draft->must_not = choice_is(choice, 100);
	draft->is_personal = choice_is(choice, 80);
	draft->is_unfit = (draft->is_personal || draft->tlp == TLP_RED) && choice_is(choice, 200);
	if (choice_is(choice, 100))
		draft->valid_until_ms =
		    world_clock(&world->nodes[author]) + choice_between(choice, 500, 60000);
	if (like != NULL) {
		draft->tlp = like->tlp;
		draft->named = like->named;
		draft->must_not = like->must_not;
		draft->is_unfit = draft->is_unfit && draft->tlp == TLP_RED;
		draft->is_personal = draft->is_personal && !draft->is_unfit;
	}
	world->model.count++;
	model_write(&world->model, number);
	return number;
}

void
clients_share(struct world *world, uint32_t node, uint32_t most)
{
	struct world_request *asked;
	uint32_t count = 1 + choice_below(&world->content, most), i, number;
	const struct model_draft *like = NULL;

	if (world->model.count + count > MODEL_DRAFTS_MAX ||
	    world->numbers_count + count > WORLD_NUMBERS_MAX)
		return;
	asked = add_request(world, node, REQUEST_SUBMIT);
	if (asked == NULL)
		return;
	asked->is_new = true;
	asked->count = count;
	for (i = 0; i < count; i++) {
		number = write_draft(world, node, like);
		like = choice_is(&world->content, 800) ? &world->model.drafts[number] : NULL;
		world->numbers[world->numbers_count++] = number;
	}
	ask(world, world->requests_count - 1);
}

void
clients_share_again(struct world *world, uint32_t node)
{
	struct world_request *asked;
	uint32_t tries, number;

	if (world->model.count == 0 || world->numbers_count + 4 > WORLD_NUMBERS_MAX)
		return;
	asked = add_request(world, node, REQUEST_SUBMIT);
	if (asked == NULL)
		return;
	for (tries = 0; tries < 8 && asked->count < 4; tries++) {
		number = choice_below(&world->content, world->model.count);
		if (world->model.drafts[number].author != node)
			continue;
		world->numbers[world->numbers_count++] = number;
		asked->count++;
	}
	if (asked->count == 0)
		world->requests_count--;
	else
		ask(world, world->requests_count - 1);
}

void
clients_repeat(struct world *world)
{
	uint32_t number;

	if (world->requests_count == 0)
		return;
	number = choice_below(&world->content, world->requests_count);
	if (world->requests[number].command == REQUEST_SUBMIT)
		ask(world, number);
}

void
clients_peer(struct world *world, uint32_t node, uint32_t peer, bool is_add)
{
	struct world_request *asked;

	if (node == peer || world->is_changing[node][peer] || world->is_peer[node][peer] == is_add)
		return;
	asked = add_request(world, node, is_add ? REQUEST_PEER_ADD : REQUEST_PEER_REMOVE);
	if (asked == NULL)
		return;
	asked->peer = peer;
	world->is_changing[node][peer] = true;
	ask(world, world->requests_count - 1);
}

void
clients_open(struct world *world, uint32_t node)
{
	if (add_request(world, node, REQUEST_POLICY_SET) == NULL)
		return;
	world->open_policies |= 1u << node;
	ask(world, world->requests_count - 1);
}

void
clients_read(struct world *world, uint32_t node)
{
	static const enum request_command commands[] = {
	    REQUEST_STATUS, REQUEST_QUERY, REQUEST_VERIFY, REQUEST_PEER_LIST};

	if (add_request(world, node, commands[choice_below(&world->content, 4)]) != NULL)
		ask(world, world->requests_count - 1);
}

void
clients_ask_again(struct world *world)
{
	uint32_t i;

	for (i = 0; i < world->requests_count; i++) {
		if (!world->requests[i].is_answered &&
		    world->now_ms >= world->requests[i].asked_ms + PATIENCE_MS)
			ask(world, i);
	}
}
