#include "cli/relate.h"

#include <string.h>

#include "base/hex.h"
#include "cli/output.h"

static void
take_entry(struct relate_communities *out, const struct community_entry *entry)
{
	struct relate_community *next = &out->at[out->count++];
	size_t len = entry->name.len < NAME_BYTES_MAX ? entry->name.len : NAME_BYTES_MAX;

	memcpy(next->id.bytes, entry->id, sizeof(next->id.bytes));
	memcpy(next->name, entry->name.data, len);
	next->name[len] = '\0';
}

int
relate_load(struct cli *cli, struct client *client, struct relate_communities *out)
{
	static const struct community_arguments all;
	struct community_list_body body;
	struct community_entry entry;
	int code = client_ask(cli, client, REQUEST_COMMUNITY_LIST, &request_relations_asked_schema,
	    &all, &request_relations_communities_schema, &body);

	out->count = 0;
	while (code == 0 && out->count < RELATE_COMMUNITIES_MAX &&
	       schema_list_next(&body.communities, &request_relations_community_schema, &entry) ==
		   ERR_NONE)
		take_entry(out, &entry);
	return code;
}

static bool
is_prefix_of_id(const struct community_id *community, const char *text)
{
	char id[65];
	size_t len = strlen(text), i;

	if (len < 8 || len > 64)
		return false;
	hex_encode(community->bytes, sizeof(community->bytes), id);
	for (i = 0; i < len; i++) {
		if ((text[i] | 0x20) != id[i] && text[i] != id[i])
			return false;
	}
	return true;
}

const struct relate_community *
relate_match(const struct relate_communities *communities, const char *text, uint32_t *count)
{
	const struct relate_community *found = NULL;
	uint32_t i;

	*count = 0;
	for (i = 0; i < communities->count; i++) {
		const struct relate_community *community = &communities->at[i];

		if (strcmp(community->name, text) == 0 || is_prefix_of_id(&community->id, text)) {
			found = community;
			++*count;
		}
	}
	return *count == 1 ? found : NULL;
}

const struct relate_community *
relate_find(const struct relate_communities *communities, const char *text)
{
	uint32_t count;
	const struct relate_community *found = relate_match(communities, text, &count);

	if (count > 1)
		cli_complain(
		    _("'%s' fits more than one community: use the id (malla community list)"),
		    text);
	else if (count == 0)
		cli_complain(_("no community '%s' is known: see malla community list"), text);
	return found;
}

const char *
relate_name(const struct relate_communities *communities, const uint8_t id[32])
{
	uint32_t i;

	for (i = 0; i < communities->count; i++) {
		if (memcmp(communities->at[i].id.bytes, id, 32) == 0)
			return communities->at[i].name;
	}
	return output_id(id);
}

int
relate_get(struct cli *cli, struct client *client, const struct community_id *id,
    struct community_entry *entry)
{
	struct community_arguments arguments = {.id = bytes_view_of(id->bytes, sizeof(id->bytes))};
	struct community_list_body body;
	int code = client_ask(cli, client, REQUEST_COMMUNITY_LIST, &request_relations_asked_schema,
	    &arguments, &request_relations_communities_schema, &body);

	if (code == 0 && schema_list_next(&body.communities, &request_relations_community_schema,
			     entry) != ERR_NONE)
		code = cli_fail(ERR_INVALID, "community");
	return code;
}

/* ---------------------------------------------------------------- sending */

static int
take_outcome(struct submit_body *body)
{
	struct submit_outcome outcome;

	if (schema_list_next(&body->outcomes, &request_outcome_schema, &outcome) != ERR_NONE)
		return cli_fail(ERR_INVALID, "relate");
	if (outcome.reason == REASON_STORED)
		return 0;
	cli_complain("%s (%s)", _(reason_text((enum reason)outcome.reason)),
	    reason_name((enum reason)outcome.reason));
	return reason_exit_code((enum reason)outcome.reason);
}

int
relate_send(struct cli *cli, struct client *client, const struct record *draft)
{
	struct submit_arguments arguments = {.is_brief = true};
	struct submit_body body;
	struct bytes encoded, items;
	enum err err;
	int code;

	bytes_init(&encoded, RECORD_BYTES_MAX);
	bytes_init(&items, REQUEST_BYTES_MAX);
	err = record_encode(draft, &encoded);
	if (err == ERR_NONE)
		err = schema_list_add_bin(&arguments.drafts, &items, bytes_as_view(&encoded));
	code = err == ERR_NONE ? client_ask(cli, client, REQUEST_RELATE, &request_submit_schema,
				     &arguments, &request_submit_body_schema, &body)
			       : cli_fail(err, record_kind_name(draft->kind));
	if (code == 0)
		code = take_outcome(&body);
	bytes_release(&encoded);
	bytes_release(&items);
	return code;
}
