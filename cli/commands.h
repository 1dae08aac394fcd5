/*
 * commands: the functions behind the table of commands, one file per noun.
 */
#ifndef MALLA_CLI_COMMANDS_H
#define MALLA_CLI_COMMANDS_H

#include "cli/cli.h"

int init_run(struct cli *cli);
int card_run(struct cli *cli);
int status_run(struct cli *cli);
int peer_add_run(struct cli *cli);
int peer_list_run(struct cli *cli);
int peer_show_run(struct cli *cli);
int peer_remove_run(struct cli *cli);
int share_indicator_run(struct cli *cli);
int share_note_run(struct cli *cli);
int share_advisory_run(struct cli *cli);
int import_run(struct cli *cli);
int keep_quarantine_list(struct cli *cli);
int keep_quarantine_release(struct cli *cli);
int keep_quarantine_refuse(struct cli *cli);
int keep_erase(struct cli *cli);
int keep_retain(struct cli *cli);
int hold_add_run(struct cli *cli);
int hold_list_run(struct cli *cli);
int hold_remove_run(struct cli *cli);
int person_run(struct cli *cli);
int query_run(struct cli *cli);
int show_run(struct cli *cli);
int plan_run(struct cli *cli);
int explain_run(struct cli *cli);
int sighting_run(struct cli *cli);
int amend_run(struct cli *cli);
int amend_dispute_run(struct cli *cli);
int approve_queue_run(struct cli *cli);
int approve_run(struct cli *cli);
int approve_reject_run(struct cli *cli);
int audit_log_run(struct cli *cli);
int audit_verify_run(struct cli *cli);
int community_create_run(struct cli *cli);
int community_admit_run(struct cli *cli);
int community_remove_run(struct cli *cli);
int community_leave_run(struct cli *cli);
int community_list_run(struct cli *cli);
int relation_add_run(struct cli *cli);
int relation_grant_run(struct cli *cli);
int relation_end_run(struct cli *cli);
int relation_list_run(struct cli *cli);
int user_add_run(struct cli *cli);
int user_list_run(struct cli *cli);
int user_remove_run(struct cli *cli);
int policy_diff_run(struct cli *cli);
int policy_show_run(struct cli *cli);
int policy_set_run(struct cli *cli);
int policy_new_run(struct cli *cli);
int policy_fmt_run(struct cli *cli);
int policy_history_run(struct cli *cli);
int policy_replay_run(struct cli *cli);
int policy_file_check(struct cli *cli);
int policy_file_test(struct cli *cli);

#endif
