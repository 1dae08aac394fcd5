/*
 * decision_out: one decision as people read it and as JSON: what happens, who or what decided, and
 * why.
 */
#ifndef MALLA_CLI_DECISION_OUT_H
#define MALLA_CLI_DECISION_OUT_H

#include "cli/names.h"
#include "cli/output.h"
#include "wire/request_preview.h"

#define DECISION_OUT_BYTES 512u /* of each of the texts below */

/* "share", "hold(2)", "redact(title, phone)", "deny"; "-" where nothing had to be decided. */
void decision_out_action(const struct decision_body *decision, char *out);
/* Of a rule: "hold(2)", "redact(title, phone)". */
void decision_out_rule_action(
    uint64_t action, uint64_t approvers, uint64_t redacted, char *out);
/* "feed, line 7", "line 7", "-". */
void decision_out_rule(const struct decision_body *decision, char *out);
/* Who or what decided, in a sentence. */
void decision_out_why(const struct decision_body *decision, char *out);
/* The ceiling's word, in a sentence, whoever decided. */
void decision_out_ceiling(const struct decision_body *decision, char *out);
/* Whether the record, or a redaction of it, reaches the peer: now, or once approvers let it. */
bool decision_out_reaches(const struct decision_body *decision);
/* The members of an object that is open. */
void decision_out_json(struct json_out *json, const struct decision_body *decision);
/* What of a record is taken away, as an array. */
void decision_out_json_redacted(struct json_out *json, uint64_t redacted);
/* A condition or a value, with the names of the organisations whose ids stand in it. */
void decision_out_names(const struct names *names, struct bytes_view text, char *out, size_t size);

#endif
