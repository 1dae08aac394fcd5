/*
 * api: the operators' requests: who asks (uid and, for dangerous acts, the operator's own
 * signature), whether the role permits it, what is answered.  Every act that changes
 * something, and every one refused for want of a role, is an event.  docs/protocol.md 13
 */
#ifndef MALLA_NODE_API_H
#define MALLA_NODE_API_H

#include "node/state.h"

/* One request being answered. */
struct api_call {
	struct core *core;
	uint64_t client;
	struct request request;
	const struct prepared *prepared; /* of a submission, done ahead; or NULL */
	struct operator_row operator; /* name points into operator_name */
	char operator_name[PERSON_BYTES_MAX + 1];
	struct bytes body;            /* canonical answer, filled by the handler */
	char words[512];              /* details for a person */
};
/* A handler fills body (and words) and returns the reason; on anything that is not good the
   body is dropped. */
typedef enum reason (*api_fn)(struct api_call *call);

/* Whether any operator has this uid. */
bool api_knows(struct core *core, uint32_t uid);
void api_request(struct core *core, const struct core_event *event);
/* Remember that this request wants an answer even if the turn fails. */
void api_asked(struct core *core, const struct core_event *event);
void api_answer_failed(struct core *core);
void api_client_gone(struct core *core, uint64_t client);
void api_forget(struct core *core);

/* The handlers, by file. */
enum reason api_status(struct api_call *call);
enum reason api_status_card(struct api_call *call);
enum reason api_policy_show(struct api_call *call);
enum reason api_policy_list(struct api_call *call);
enum reason api_policy_set(struct api_call *call);
enum reason api_policy_history(struct api_call *call);
enum reason api_people_peer_add(struct api_call *call);
enum reason api_people_peer_list(struct api_call *call);
enum reason api_people_peer_remove(struct api_call *call);
enum reason api_people_user_add(struct api_call *call);
enum reason api_people_user_list(struct api_call *call);
enum reason api_people_user_remove(struct api_call *call);
enum reason api_records_submit(struct api_call *call);
enum reason api_records_query(struct api_call *call);
enum reason api_records_show(struct api_call *call);
enum reason api_records_relate(struct api_call *call);
enum reason api_relations(struct api_call *call);
enum reason api_relations_communities(struct api_call *call);
enum reason api_approve(struct api_call *call);
enum reason api_approve_queue(struct api_call *call);
enum reason api_keeping_quarantine(struct api_call *call);
enum reason api_keeping_release(struct api_call *call);
enum reason api_keeping_refuse(struct api_call *call);
enum reason api_keeping_erase(struct api_call *call);
enum reason api_keeping_retain(struct api_call *call);
enum reason api_holds_add(struct api_call *call);
enum reason api_holds_list(struct api_call *call);
enum reason api_holds_remove(struct api_call *call);
enum reason api_person(struct api_call *call);
enum reason api_log(struct api_call *call);
enum reason api_log_verify(struct api_call *call);
enum reason api_plan(struct api_call *call);
enum reason api_explain(struct api_call *call);
enum reason api_diff(struct api_call *call);
void api_diff_forget(struct core *core);
/* Whether the comparison under way was begun by this client. */
bool api_diff_is_of(const struct core *core, uint64_t client);
enum reason api_replay(struct api_call *call);
void api_replay_forget(struct core *core);
bool api_replay_is_of(const struct core *core, uint64_t client);
void api_log_forget(struct core *core);
/* Whether the verification under way was begun by this client. */
bool api_log_is_of(const struct core *core, uint64_t client);

/* Decode the arguments; false: bad-request, words say why. */
bool api_arguments(struct api_call *call, const struct schema *schema, void *out);
/* Encode the body; a failure becomes `storage`. */
enum reason api_body(struct api_call *call, const struct schema *schema, const void *body);

#endif
