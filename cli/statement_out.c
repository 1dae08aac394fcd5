#include "cli/statement_out.h"

#include "cli/output.h"

/* ---------------------------------------------------------------- JSON */

static void
json_id(struct json_out *json, const char *name, bool has_id, const uint8_t id[32])
{
	if (!has_id)
		return;
	json_out_name(json, name);
	json_out_hex(json, id, 32);
}

static void
json_orgs(
    struct json_out *json, const char *name, const struct org_list *orgs, const struct names *names)
{
	uint32_t i;

	if (orgs->count == 0)
		return;
	json_out_name(json, name);
	json_out_array(json);
	for (i = 0; i < orgs->count; i++) {
		struct org_id org = org_list_at(orgs, i);

		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, org.bytes, sizeof(org.bytes));
		json_out_name(json, "name");
		json_out_string(json, names_of(names, org.bytes));
		json_out_object_end(json);
	}
	json_out_array_end(json);
}

static void
json_relation(struct json_out *json, const struct relation *relation, const struct names *names)
{
	json_out_name(json, "relation");
	json_out_string(json, relation_name(relation->type));
	json_out_name(json, "state");
	json_out_string(json, relation_state_name(relation->state));
	json_id(json, "subject", relation->has_subject, relation->subject.bytes);
	json_id(json, "object", relation->has_object, relation->object.bytes);
	json_id(json, "community", relation->has_community, relation->community.bytes);
	json_id(json, "target", relation->has_target, relation->target.bytes);
	json_orgs(json, "to", &relation->to_orgs, names);
	json_id(json, "to_community", relation->has_to_community, relation->to_community.bytes);
	if (relation->to_sector.len > 0) {
		json_out_name(json, "to_sector");
		json_out_text(json, relation->to_sector);
	}
	if (relation->has_tlp) {
		json_out_name(json, "grant_tlp");
		json_out_string(json, tlp_name(relation->tlp));
	}
}

static void
json_charter(struct json_out *json, const struct record *record, const struct names *names)
{
	const struct charter *charter = &record->body.charter;
	struct community_id community;

	charter_community(charter, record->body_bytes, &community);
	json_id(json, "community", true, community.bytes);
	json_out_name(json, "serial");
	json_out_number(json, charter->serial);
	json_id(json, "previous", charter->has_previous, charter->previous.bytes);
	json_out_name(json, "threshold");
	json_out_number(json, charter->threshold);
	json_orgs(json, "stewards", &charter->stewards, names);
	json_orgs(json, "members", &charter->members, names);
}

void
statement_out_json(struct json_out *json, const struct record *record, const struct names *names)
{
	if (record->kind == RECORD_RELATION)
		json_relation(json, &record->body.relation, names);
	if (record->kind == RECORD_CHARTER)
		json_charter(json, record, names);
	if (record->kind == RECORD_AMENDMENT)
		json_id(json, "amends", true, record->body.target.bytes);
	if (record->kind == RECORD_DISPUTE) {
		json_id(json, "target", true, record->body.target.bytes);
		json_out_name(json, "reason");
		json_out_string(json, dispute_name(record->body.dispute));
	}
}

/* ---------------------------------------------------------------- a page */

static void
print_orgs(const char *head, const struct org_list *orgs, const struct names *names)
{
	uint32_t i;

	if (orgs->count == 0)
		return;
	printf("%-14s", head);
	for (i = 0; i < orgs->count; i++) {
		struct org_id org = org_list_at(orgs, i);

		printf("%s%s", i == 0 ? "" : ", ", names_of(names, org.bytes));
	}
	printf("\n");
}

static void
print_id(const char *head, bool has_id, const uint8_t id[32])
{
	if (has_id)
		printf("%-14s%s\n", head, output_full_id(id));
}

static void
print_relation(const struct relation *relation, const struct names *names)
{
	printf("%-14s%s, %s\n", _("relation"), relation_name(relation->type),
	    relation_state_name(relation->state));
	if (relation->has_subject)
		printf("%-14s%s\n", _("of"), names_of(names, relation->subject.bytes));
	if (relation->has_object)
		printf("%-14s%s\n", _("to"), names_of(names, relation->object.bytes));
	print_id(_("community"), relation->has_community, relation->community.bytes);
	print_id(_("record"), relation->has_target, relation->target.bytes);
	print_orgs(_("to"), &relation->to_orgs, names);
	print_id(_("to"), relation->has_to_community, relation->to_community.bytes);
	if (relation->to_sector.len > 0) {
		printf("%-14s", _("to"));
		output_text(stdout, relation->to_sector);
		printf("\n");
	}
	if (relation->has_tlp)
		printf("%-14s%s\n", _("up to"), tlp_label(relation->tlp));
}

static void
print_charter(const struct record *record, const struct names *names)
{
	const struct charter *charter = &record->body.charter;
	struct community_id community;

	charter_community(charter, record->body_bytes, &community);
	print_id(_("community"), true, community.bytes);
	printf("%-14s%llu\n", _("serial"), (unsigned long long)charter->serial);
	printf("%-14s%u/%u\n", _("threshold"), charter->threshold, charter->stewards.count);
	print_orgs(_("stewards"), &charter->stewards, names);
	print_orgs(_("members"), &charter->members, names);
}

void
statement_out_page(const struct record *record, const struct names *names)
{
	if (record->kind == RECORD_RELATION)
		print_relation(&record->body.relation, names);
	if (record->kind == RECORD_CHARTER)
		print_charter(record, names);
	if (record->kind == RECORD_DISPUTE)
		printf("%-14s%s %s\n", _("dispute"), _(dispute_name(record->body.dispute)),
		    output_full_id(record->body.target.bytes));
	if (record->kind == RECORD_AMENDMENT)
		printf("%-14s%s\n", _("amends"), output_full_id(record->body.target.bytes));
}
