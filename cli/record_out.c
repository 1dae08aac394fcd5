#include "cli/record_out.h"

#include <string.h>

#include "base/clock.h"
#include "cli/statement_out.h"

static void
json_texts(struct json_out *json, const char *name, const struct record_texts *texts)
{
	uint32_t i;

	if (texts->count == 0)
		return;
	json_out_name(json, name);
	json_out_array(json);
	for (i = 0; i < texts->count; i++)
		json_out_text(json, texts->at[i]);
	json_out_array_end(json);
}

static void
json_view(struct json_out *json, const char *name, struct bytes_view text)
{
	if (text.len == 0)
		return;
	json_out_name(json, name);
	json_out_text(json, text);
}

static void
json_when(struct json_out *json, const char *name, uint64_t time_ms)
{
	if (time_ms == 0)
		return;
	json_out_name(json, name);
	json_out_time(json, time_ms);
}

static void
json_audience(struct json_out *json, const struct audience *audience, const struct names *names)
{
	uint32_t i;

	if (audience_is_empty(audience))
		return;
	json_out_name(json, "audience");
	json_out_object(json);
	json_out_name(json, "organisations");
	json_out_array(json);
	for (i = 0; i < audience->orgs_count; i++) {
		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, audience->orgs[i].bytes, sizeof(audience->orgs[i].bytes));
		json_out_name(json, "name");
		json_out_string(json, names_of(names, audience->orgs[i].bytes));
		json_out_object_end(json);
	}
	json_out_array_end(json);
	json_out_name(json, "persons");
	json_out_array(json);
	for (i = 0; i < audience->persons_count; i++) {
		json_out_object(json);
		json_out_name(json, "person");
		json_out_text(json, audience->persons[i].name);
		json_out_name(json, "organisation");
		json_out_hex(json, audience->persons[i].org.bytes, sizeof(struct org_id));
		json_out_object_end(json);
	}
	json_out_array_end(json);
	if (audience->has_community) {
		json_out_name(json, "community");
		json_out_hex(json, audience->community.bytes, sizeof(audience->community.bytes));
	}
	json_out_object_end(json);
}

static void
json_observables(struct json_out *json, const struct record *record)
{
	uint32_t i;

	if (record->observables_count == 0)
		return;
	json_out_name(json, "observables");
	json_out_array(json);
	for (i = 0; i < record->observables_count; i++) {
		json_out_object(json);
		json_out_name(json, "type");
		json_out_string(json, observable_type_name(record->observables[i].type));
		json_out_name(json, "value");
		json_out_text(json, record->observables[i].value);
		json_out_object_end(json);
	}
	json_out_array_end(json);
	if (record->body.combine != RECORD_COMBINE_UNSTATED) {
		json_out_name(json, "combine");
		json_out_string(json, record->body.combine == RECORD_COMBINE_ALL ? "all" : "any");
	}
}

static void
json_body(struct json_out *json, const struct record *record)
{
	const struct record_body *body = &record->body;

	json_view(json, "title", body->title);
	json_view(json, "identifier", body->identifier);
	json_view(json, "text", body->text);
	json_view(json, "pattern", body->pattern);
	json_when(json, "first_seen", body->first_seen_ms);
	json_when(json, "last_seen", body->last_seen_ms);
	if (record->kind == RECORD_SIGHTING) {
		json_out_name(json, "target");
		json_out_hex(json, body->target.bytes, sizeof(body->target.bytes));
		json_out_name(json, "outcome");
		json_out_string(json, sighting_name(body->outcome));
	}
	if (body->count > 0) {
		json_out_name(json, "count");
		json_out_number(json, body->count);
	}
}

static void
json_source(struct json_out *json, const struct record_source *source)
{
	if (source->format.len == 0)
		return;
	json_out_name(json, "source");
	json_out_object(json);
	json_view(json, "format", source->format);
	json_view(json, "mapping", source->mapping);
	json_view(json, "id", source->id);
	json_view(json, "original", source->original);
	json_out_object_end(json);
}

void
record_out_json(struct json_out *json, const struct record *record, const struct record_id *id,
    const struct names *names)
{
	uint32_t i;

	json_out_name(json, "id");
	json_out_hex(json, id->bytes, sizeof(id->bytes));
	json_out_name(json, "kind");
	json_out_string(json, record_kind_name(record_form(record)));
	json_out_name(json, "tlp");
	json_out_string(json, tlp_name(record->marking.tlp));
	json_view(json, "purpose", record->marking.purpose);
	json_view(json, "basis", record->marking.basis);
	json_out_name(json, "author");
	json_out_object(json);
	json_out_name(json, "id");
	json_out_hex(json, record->author.bytes, sizeof(record->author.bytes));
	json_out_name(json, "name");
	json_out_string(json, names_of(names, record->author.bytes));
	json_out_object_end(json);
	json_when(json, "created", record->created_ms);
	json_audience(json, &record->audience, names);
	if (record->confidence != CONFIDENCE_UNSTATED) {
		json_out_name(json, "confidence");
		json_out_number(json, record->confidence);
	}
	if (record->severity != SEVERITY_UNSTATED) {
		json_out_name(json, "severity");
		json_out_string(json, severity_name(record->severity));
	}
	json_when(json, "valid_from", record->valid_from_ms);
	json_when(json, "valid_until", record->valid_until_ms);
	json_view(json, "language", record->language);
	json_texts(json, "labels", &record->labels);
	json_texts(json, "links", &record->links);
	json_texts(json, "sectors", &record->affects.sectors);
	json_texts(json, "services", &record->affects.services);
	json_texts(json, "products", &record->affects.products);
	json_observables(json, record);
	json_body(json, record);
	statement_out_json(json, record, names);
	if (record->has_derived) {
		json_out_name(json, "derived");
		json_out_object(json);
		json_out_name(json, "id");
		json_out_hex(json, record->derived.id.bytes, sizeof(record->derived.id.bytes));
		json_out_name(json, "author");
		json_out_hex(
		    json, record->derived.author.bytes, sizeof(record->derived.author.bytes));
		json_out_name(json, "tlp");
		json_out_string(json, tlp_name(record->derived.marking.tlp));
		json_out_object_end(json);
	}
	if (record->references_count > 0) {
		json_out_name(json, "references");
		json_out_array(json);
		for (i = 0; i < record->references_count; i++)
			json_out_hex(json, record->references[i].bytes, sizeof(struct record_id));
		json_out_array_end(json);
	}
	json_source(json, &record->source);
}

/* ---------------------------------------------------------------- rows */

const char *const record_out_heads[] = {N_("ID"), N_("KIND"), N_("TLP"), N_("TYPE"),
    N_("VALUE OR TITLE"), N_("AUTHOR"), N_("CREATED"), NULL};

void
record_out_row(struct output_table *table, const struct record *record, const struct record_id *id,
    const struct names *names)
{
	char author[NAME_BYTES_MAX + 1];

	(void)snprintf(author, sizeof(author), "%s", names_of(names, record->author.bytes));
	output_table_cell(table, "%s", output_id(id->bytes));
	output_table_cell(table, "%s", _(record_kind_name(record_form(record))));
	output_table_cell(table, "%s", output_tlp(table->cli, record->marking.tlp));
	if (record->observables_count == 1)
		output_table_cell(table, "%s", observable_type_name(record->observables[0].type));
	else if (record->observables_count > 1)
		output_table_cell(table, "%u %s", record->observables_count,
		    record->body.combine == RECORD_COMBINE_ALL ? _("together") : _("any of"));
	else
		output_table_cell(table, "-");
	output_table_text(table,
	    record->observables_count == 1 ? record->observables[0].value : record_headline(record),
	    60);
	output_table_text(table, bytes_view_str(author), 24);
	output_table_cell(table, "%s", output_time(record->created_ms));
}

void
record_out_csv_head(FILE *out)
{
	fputs("id,kind,tlp,type,value,title,author,created,confidence,severity,valid_until,"
	      "labels\r\n",
	    out);
}

static void
csv_time(FILE *out, uint64_t time_ms)
{
	char text[CLOCK_TEXT_BYTES] = "";

	if (time_ms != 0)
		clock_format(time_ms, text);
	output_csv(out, bytes_view_str(text), false);
}

static void
csv_labels(FILE *out, const struct record_texts *labels)
{
	char text[4096];
	size_t len = 0;
	uint32_t i;

	for (i = 0; i < labels->count; i++) {
		if (len + labels->at[i].len + 2 > sizeof(text))
			break;
		if (len > 0)
			text[len++] = ';';
		memcpy(text + len, labels->at[i].data, labels->at[i].len);
		len += labels->at[i].len;
	}
	output_csv(out, bytes_view_of(text, len), true);
}

void
record_out_csv(
    FILE *out, const struct record *record, const struct record_id *id, const struct names *names)
{
	uint32_t i, count = record->observables_count > 0 ? record->observables_count : 1;
	char number[16] = "";

	if (record->confidence != CONFIDENCE_UNSTATED)
		(void)snprintf(number, sizeof(number), "%u", record->confidence);
	for (i = 0; i < count; i++) {
		bool has = i < record->observables_count;

		output_csv(out, bytes_view_str(output_full_id(id->bytes)), false);
		output_csv(out, bytes_view_str(record_kind_name(record_form(record))), false);
		output_csv(out, bytes_view_str(tlp_name(record->marking.tlp)), false);
		output_csv(out,
		    bytes_view_str(has ? observable_type_name(record->observables[i].type) : ""),
		    false);
		output_csv(out, has ? record->observables[i].value : bytes_view_of(NULL, 0), false);
		output_csv(out, record->body.title, false);
		output_csv(out, bytes_view_str(names_of(names, record->author.bytes)), false);
		csv_time(out, record->created_ms);
		output_csv(out, bytes_view_str(number), false);
		output_csv(out, bytes_view_str(severity_name(record->severity)), false);
		csv_time(out, record->valid_until_ms);
		csv_labels(out, &record->labels);
	}
}

/* ---------------------------------------------------------------- a page */

static void
print_texts(const char *head, const struct record_texts *texts)
{
	uint32_t i;

	if (texts->count == 0)
		return;
	printf("%-14s", head);
	for (i = 0; i < texts->count; i++) {
		printf("%s", i == 0 ? "" : ", ");
		output_text(stdout, texts->at[i]);
	}
	printf("\n");
}

static void
print_line(const char *head, struct bytes_view text)
{
	if (text.len == 0)
		return;
	printf("%-14s", head);
	output_text(stdout, text);
	printf("\n");
}

static void
print_audience(const struct audience *audience, const struct names *names)
{
	uint32_t i;

	if (audience_is_empty(audience))
		return;
	printf("%-14s", _("for"));
	for (i = 0; i < audience->orgs_count; i++)
		printf("%s%s", i == 0 ? "" : ", ", names_of(names, audience->orgs[i].bytes));
	for (i = 0; i < audience->persons_count; i++)
		printf("; %.*s@%s", (int)audience->persons[i].name.len,
		    (const char *)audience->persons[i].name.data,
		    names_of(names, audience->persons[i].org.bytes));
	if (audience->has_community)
		printf("%s%s %s", audience->orgs_count > 0 ? "; " : "", _("community"),
		    output_id(audience->community.bytes));
	printf("\n");
}

void
record_out_page(struct cli *cli, const struct record *record, const struct record_id *id,
    const struct names *names)
{
	uint32_t i;

	printf("%s  %s  %s\n", output_full_id(id->bytes), _(record_kind_name(record_form(record))),
	    output_tlp(cli, record->marking.tlp));
	print_line(_("title"), record->body.title);
	printf("%-14s%s (%s)\n", _("author"), names_of(names, record->author.bytes),
	    output_id(record->author.bytes));
	printf("%-14s%s\n", _("created"), output_time(record->created_ms));
	print_audience(&record->audience, names);
	print_line(_("purpose"), record->marking.purpose);
	print_line(_("legal basis"), record->marking.basis);
	for (i = 0; i < record->observables_count; i++) {
		printf("%-14s", observable_type_name(record->observables[i].type));
		output_text(stdout, record->observables[i].value);
		printf("\n");
	}
	if (record->body.combine == RECORD_COMBINE_ALL)
		printf("%-14s%s\n", "", _("only all of them together mean anything"));
	print_line(_("pattern"), record->body.pattern);
	if (record->kind == RECORD_SIGHTING)
		printf("%-14s%s %s\n", _("sighting"), _(sighting_name(record->body.outcome)),
		    output_full_id(record->body.target.bytes));
	statement_out_page(record, names);
	if (record->has_derived)
		printf("%-14s%s, %s, %s\n", _("redacted from"), output_id(record->derived.id.bytes),
		    names_of(names, record->derived.author.bytes),
		    tlp_label(record->derived.marking.tlp));
	if (record->confidence != CONFIDENCE_UNSTATED)
		printf("%-14s%u\n", _("confidence"), record->confidence);
	if (record->severity != SEVERITY_UNSTATED)
		printf("%-14s%s\n", _("severity"), _(severity_name(record->severity)));
	if (record->valid_from_ms != 0 || record->valid_until_ms != 0)
		printf("%-14s%s - %s\n", _("valid"), output_time(record->valid_from_ms),
		    output_time(record->valid_until_ms));
	print_texts(_("labels"), &record->labels);
	print_texts(_("links"), &record->links);
	print_texts(_("sectors"), &record->affects.sectors);
	print_line(_("language"), record->language);
	print_line(_("from format"), record->source.format);
	print_line(_("original id"), record->source.id);
	if (record->body.text.len > 0) {
		printf("\n");
		output_text(stdout, record->body.text);
		printf("\n");
	}
}
