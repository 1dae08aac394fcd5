#include "cli/policy_send.h"

#include <string.h>

#include "cli/output.h"
#include "wire/request_policy.h"

/* What the node has of a list, after one more part of it. */
static int
send_part(struct cli *cli, struct client *client, const struct policy_list_arguments *arguments,
    struct policy_list_body *body)
{
	return client_ask(cli, client, REQUEST_POLICY_LIST, &request_policy_list_schema, arguments,
	    &request_policy_list_body_schema, body);
}

static int
send_list(struct cli *cli, struct client *client, const char *name, struct bytes_view canonical,
    const struct hash *hash)
{
	struct policy_list_arguments arguments = {.size = canonical.len};
	struct policy_list_body body = {0};
	uint64_t before = 0;
	int code;

	memcpy(arguments.hash, hash->bytes, sizeof(arguments.hash));
	code = send_part(cli, client, &arguments, &body); /* where to begin */
	while (code == 0 && body.next < canonical.len) {
		uint64_t left = canonical.len - body.next;

		before = body.next;
		arguments.start = body.next;
		arguments.data = bytes_view_of(canonical.data + body.next,
		    left < REQUEST_POLICY_PART_BYTES_MAX ? (size_t)left
							 : REQUEST_POLICY_PART_BYTES_MAX);
		code = send_part(cli, client, &arguments, &body);
		if (code == 0 && body.next <= before) {
			cli_complain(_("%s: somebody else is sending a list: try again"), name);
			code = err_exit_code(ERR_UNREACHABLE);
		}
		output_progress(cli, name, body.next, canonical.len);
	}
	output_progress_end(cli);
	return code;
}

static int
send_lists(struct cli *cli, struct client *client, const struct policy_load *load,
    struct schema_list *lists, struct bytes *items)
{
	const struct policy *policy = load->policy;
	int code = 0;
	uint32_t i;

	for (i = 0; i < policy->lists_count && code == 0; i++) {
		struct policy_list_name name = {.name = bytes_view_str(policy->lists[i].name)};
		struct hash hash;
		enum err err;

		list_hash(policy->lists[i].list, &hash);
		memcpy(name.hash, hash.bytes, sizeof(name.hash));
		code = send_list(
		    cli, client, policy->lists[i].name, bytes_as_view(&load->lists[i]), &hash);
		err = schema_list_add(lists, items, &request_policy_name_schema, &name);
		if (code == 0 && err != ERR_NONE)
			code = cli_fail(err, load->path);
	}
	return code;
}

int
policy_send(struct cli *cli, struct client *client, const char *path, struct policy_load *load,
    struct schema_list *lists, struct bytes *items)
{
	enum err err = policy_load_file(load, cli, path, true);

	if (err != ERR_NONE)
		return cli_fail(err, path);
	policy_load_complain(load);
	if (!load->is_good)
		return err_exit_code(ERR_INVALID);
	return send_lists(cli, client, load, lists, items);
}
