#include "cli/commands.h"

/* clang-format off */
const struct cli_command cli_commands[] = {
    {"init", "--org NAME --sector SECTOR [--country CC] [--listen tcp://HOST:PORT]... [--endpoint tcp://HOST:PORT]... [--contact MAILBOX] [--operator NAME] [--no-passphrase]",
	N_("make an organisation: root document, node keys, card, first operator"), "", init_run},
    {"status", "", N_("the node and its peers"), "", status_run},
    {"card", "[FILE]", N_("print or write this organisation's card"), "", card_run},
    {"peer add", "CARD [--fingerprint F | --yes] [--name NAME]", N_("trust another organisation, by its card"), "admin", peer_add_run},
    {"peer list", "", N_("the organisations that this node knows"), "", peer_list_run},
    {"peer show", "ORG", N_("one organisation's card"), "", peer_show_run},
    {"peer remove", "ORG [--yes]", N_("exchange nothing more with an organisation"), "admin", peer_remove_run},
    {"share indicator", "TYPE VALUE --tlp T [--to ORG|PERSON@ORG]... [--purpose S] [--basis S] [--permitted P] [--attribution A] [--notification N] [--resale R] [--terms-from D] [--terms-until D] [--confidence N] [--severity S] [--valid-until D] [--label L]... [--text S] [--dry-run]",
	N_("share one observable"), "publisher", share_indicator_run},
    {"share note", "FILE.md --tlp T [--to ORG|PERSON@ORG]... [--purpose S] [--basis S] [--permitted P] [--attribution A] [--notification N] [--resale R] [--terms-from D] [--terms-until D] [--lang L] [--label L]... [--dry-run]",
	N_("share a best-practice note"), "publisher", share_note_run},
    {"share advisory", "FILE.md --tlp T [--to ORG|PERSON@ORG]... [--purpose S] [--basis S] [--permitted P] [--attribution A] [--notification N] [--resale R] [--terms-from D] [--terms-until D] [--lang L] [--severity S] [--label L]... [--dry-run]",
	N_("share an advisory"), "publisher", share_advisory_run},
    {"import", "FILE... [--format stix|csv|list] [--type TYPE] [--tlp T] [--to ORG]... [--confidence N] [--severity S] [--valid-until D] [--label L]... [--purpose S] [--basis S] [--permitted P] [--attribution A] [--notification N] [--resale R] [--terms-from D] [--terms-until D] [--keep-going] [--dry-run]",
	N_("share what files hold"), "publisher", import_run},
    {"query", "[PREDICATE] [--limit N] [--sort received|-received] [--count] [--csv]", N_("find records"), "analyst", query_run},
    {"show", "ID", N_("one record: what it says, whether it is authentic, who has it"), "analyst", show_run},
    {"sighting", "ID seen|false-positive|expired [--text S] [--to ORG]... [--tlp T]", N_("tell that an indicator was seen"), "publisher", sighting_run},
    {"audit log", "[--from INDEX] [--limit N]", N_("read the log"), "auditor", audit_log_run},
    {"audit verify", "", N_("recompute the log, its signatures and its records"), "auditor", audit_verify_run},
    {"policy check", "FILE...", N_("whether policy files can be read, and what is wrong with them"), "", policy_file_check},
    {"policy test", "FILE...", N_("run the tests that stand in policy files"), "", policy_file_test},
    {"policy show", "", N_("the sharing policy in force"), "", policy_show_run},
    {"user add", "NAME [--uid UID] [--roles R,...] [--clearance green|amber|red] [--red-desk] [--no-passphrase]", N_("let somebody operate this node"), "admin", user_add_run},
    {"user list", "", N_("who may operate this node"), "", user_list_run},
    {"user remove", "NAME", N_("let somebody operate it no longer"), "admin", user_remove_run},
};
/* clang-format on */
const unsigned cli_commands_count = sizeof(cli_commands) / sizeof(*cli_commands);
