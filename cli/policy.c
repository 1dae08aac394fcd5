#include "cli/client.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "cli/output.h"

int
policy_show_run(struct cli *cli)
{
	static const struct empty_body nothing;
	struct policy_body body;
	struct client *client;
	struct json_out json;
	int code;

	if (!options_take(cli, NULL, 0) || cli->argc != 0)
		return cli_usage(cli);
	if (client_open(&cli->home, &client) != ERR_NONE)
		return cli_fail(ERR_UNREACHABLE, cli->home.path);
	code = client_ask(cli, client, REQUEST_POLICY_SHOW, &request_empty_schema, &nothing,
	    &request_policy_schema, &body);
	if (code == 0 && cli->is_json) {
		json_out_open(&json, stdout);
		json_out_object(&json);
		json_out_name(&json, "hash");
		json_out_hex(&json, body.hash, sizeof(body.hash));
		json_out_name(&json, "text");
		json_out_text(&json, body.text);
		json_out_object_end(&json);
		json_out_close(&json);
	} else if (code == 0) {
		output_text(stdout, body.text);
	}
	client_close(client);
	return code;
}
