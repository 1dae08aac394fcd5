/*
 * vectors_records: encoding samples, and records of every kind that has a body.
 */
#ifndef MALLA_TESTS_VECTORS_RECORDS_H
#define MALLA_TESTS_VECTORS_RECORDS_H

#include "tests/vectors/vectors_base.h"
#include "wire/observable.h"
#include "wire/record.h"

/* ---------------------------------------------------------------- encoding */

static void
sample(struct vectors *vectors, const char *form, const char *value, const struct bytes *bytes)
{
	vector_begin(vectors, "value", form);
	put_string(vectors, "value", value);
	put_bytes(vectors, "bytes", bytes);
	vector_end(vectors);
}

static void
sample_uint(struct vectors *vectors, uint64_t value)
{
	struct writer writer;
	struct bytes bytes;
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	bytes_init(&bytes, 16);
	writer_open(&writer, &bytes);
	writer_uint(&writer, value);
	sample(vectors, "uint", text, &bytes);
	bytes_release(&bytes);
}

/* A string, binary or array of `len` equal elements. */
static void
sample_long(struct vectors *vectors, const char *form, uint32_t len)
{
	static const uint8_t letters[300] = {0};
	struct writer writer;
	struct bytes bytes;
	char text[24];
	uint32_t i;

	(void)snprintf(text, sizeof(text), "%u", (unsigned)len);
	assert(len <= sizeof(letters));
	bytes_init(&bytes, 1024);
	writer_open(&writer, &bytes);
	if (form[0] == 'b') {
		writer_bin(&writer, letters, len);
	} else if (form[0] == 'a') {
		writer_array(&writer, len);
		for (i = 0; i < len; i++)
			writer_bool(&writer, i % 2 == 0);
	} else {
		writer_map(&writer, len);
		for (i = 0; i < len; i++) {
			writer_uint(&writer, i);
			writer_uint(&writer, 0);
		}
	}
	sample(vectors, form, text, &bytes);
	bytes_release(&bytes);
}

static void
sample_text(struct vectors *vectors, const char *text)
{
	struct writer writer;
	struct bytes bytes;

	bytes_init(&bytes, 1024);
	writer_open(&writer, &bytes);
	writer_str(&writer, bytes_view_str(text));
	sample(vectors, "str", text, &bytes);
	bytes_release(&bytes);
}

static void
vectors_encoding(struct vectors *vectors)
{
	static const uint64_t numbers[] = {0, 127, 128, 255, 256, 65535, 65536, 0xffffffff,
	    UINT64_C(0x100000000), UINT64_C(0x7fffffffffffffff), UINT64_C(0xffffffffffffffff)};
	static const uint32_t lengths[] = {0, 15, 16, 31, 255, 256};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sample_uint(vectors, numbers[i]);
	sample_text(vectors, "");
	sample_text(vectors, "thirty-one bytes of text: abcde");
	sample_text(vectors, "thirty-two bytes of text: abcdef");
	sample_text(vectors, "cota de malla, \xc3\xb1" "and\xc3\xba, \xe2\x82\xac, \xf0\x9f\x94\x97");
	for (i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		sample_long(vectors, "bin", lengths[i]);
		sample_long(vectors, "array", lengths[i]);
		sample_long(vectors, "map", lengths[i]);
	}
}

/* ---------------------------------------------------------------- records */

/* Large: kept here, and emptied by record_init. */
static struct record vectors_record;

static void
org_of(uint8_t letter, struct org_id *out)
{
	memset(out->bytes, letter, sizeof(out->bytes));
}

/* A record by the organisation of letter 0xa1 with nothing but what it must have. */
static struct record *
start_record(enum record_kind kind, enum tlp tlp, uint64_t stream)
{
	struct record *record = &vectors_record;

	record_init(record, kind, tlp);
	record->is_draft = false;
	org_of(0xa1, &record->author);
	record->created_ms = VECTORS_TIME;
	fill(record->nonce.bytes, sizeof(record->nonce.bytes), stream);
	return record;
}

static void
add_observable(struct record *record, enum observable_type type, const char *value)
{
	struct observable observable = {type, bytes_view_str(value)};

	assert(observable_check(type, observable.value) == ERR_NONE);
	assert(record_add_observable(record, &observable) == ERR_NONE);
}

static void
add_text(struct record_texts *texts, const char *text)
{
	assert(record_add_text(texts, bytes_view_str(text)) == ERR_NONE);
}

/* Decodes what was made, and shows it. */
static void
show_record(struct vectors *vectors, const char *name, struct bytes_view bytes, bool is_draft)
{
	struct record_id id;

	assert(record_decode(bytes, is_draft, &vectors_record, NULL) == ERR_NONE);
	record_id_of(bytes, &id);
	vector_begin(vectors, is_draft ? "draft" : "record", name);
	put_string(vectors, "kind", record_kind_name(vectors_record.kind));
	put_string(vectors, "tlp", tlp_name(vectors_record.marking.tlp));
	put_number(vectors, "observables", vectors_record.observables_count);
	put_number(vectors, "unknown", vectors_record.unknown);
	put_hex(vectors, "bytes", bytes.data, bytes.len);
	if (!is_draft)
		put_hex(vectors, "id", id.bytes, sizeof(id.bytes));
	vector_end(vectors);
}

static void
end_record(struct vectors *vectors, const char *name, const struct record *record)
{
	struct bytes bytes;

	bytes_init(&bytes, RECORD_BYTES_MAX);
	assert(record_encode(record, &bytes) == ERR_NONE);
	show_record(vectors, name, bytes_as_view(&bytes), record->is_draft);
	bytes_release(&bytes);
}

/* Every header key but `derived`. */
static struct record *
full_indicator(void)
{
	struct record *record = start_record(RECORD_INDICATOR, TLP_RED, 1);
	struct org_id cert, telco;
	struct record_id reference;

	org_of(0xb2, &cert);
	org_of(0xc3, &telco);
	record->confidence = 85;
	record->severity = SEVERITY_HIGH;
	add_text(&record->affects.sectors, "bank");
	add_text(&record->affects.sectors, "telecom");
	add_text(&record->affects.services, "home banking");
	add_text(&record->affects.products, "example mail server 4.2");
	record->affects.is_it = true;
	record->affects.is_ot = true;
	record->marking.permitted = PERMITTED_INTERNAL;
	record->marking.attribution = OBLIGATION_MUST_NOT;
	record->marking.purpose = bytes_view_str("fraud prevention");
	record->marking.basis = bytes_view_str("legitimate interest");
	record->marking.start_ms = VECTORS_TIME;
	record->marking.end_ms = VECTORS_TIME + 30 * VECTORS_DAY;
	record->marking.notification = OBLIGATION_MAY;
	record->marking.resale = OBLIGATION_MUST_NOT;
	add_text(&record->labels, "phishing");
	add_text(&record->labels, "campaign:example");
	assert(audience_add_person(&record->audience, &cert, bytes_view_str("ana.lopez")) == ERR_NONE);
	assert(audience_add_person(&record->audience, &cert, bytes_view_str("red-desk")) == ERR_NONE);
	assert(audience_add_org(&record->audience, &telco) == ERR_NONE);
	record->audience.has_community = true;
	memset(record->audience.community.bytes, 0xd4, sizeof(record->audience.community.bytes));
	record->language = bytes_view_str("es-MX");
	add_observable(record, OBSERVABLE_DOMAIN, "login.bank.example");
	add_observable(record, OBSERVABLE_IPV4, "192.0.2.17");
	record->valid_from_ms = VECTORS_TIME;
	record->valid_until_ms = VECTORS_TIME + 90 * VECTORS_DAY;
	fill(reference.bytes, sizeof(reference.bytes), 2);
	assert(record_add_reference(record, &reference) == ERR_NONE);
	record->body.combine = RECORD_COMBINE_ALL;
	record->body.title = bytes_view_str("Portal falso de banca en l\xc3\xadnea");
	record->body.text = bytes_view_str("Visto desde el lunes.\n\n* alojado en *192.0.2.17*\n");
	record->body.pattern = bytes_view_str("[domain-name:value = 'login.bank.example']");
	record->body.first_seen_ms = VECTORS_TIME - VECTORS_DAY;
	record->body.last_seen_ms = VECTORS_TIME;
	record->source.format = bytes_view_str("stix-2.1");
	record->source.mapping = bytes_view_str("malla-stix/1");
	record->source.id = bytes_view_str("indicator--00000000-0000-4000-8000-000000000001");
	record->source.original = bytes_view_str("{\"type\":\"indicator\"}");
	add_text(&record->links, "https://cert.example/2026/17");
	add_text(&record->links, "CVE-2026-12345");
	return record;
}

/* One value of each type, canonical. */
static void
add_every_observable(struct record *record)
{
	add_observable(record, OBSERVABLE_IPV4, "198.51.100.7");
	add_observable(record, OBSERVABLE_IPV6, "2001:db8::7:0:0:1");
	add_observable(record, OBSERVABLE_IPV6, "::ffff:192.0.2.1");
	add_observable(record, OBSERVABLE_CIDR, "203.0.113.0/24");
	add_observable(record, OBSERVABLE_CIDR, "2001:db8::/32");
	add_observable(record, OBSERVABLE_DOMAIN, "xn--bcher-kva.example");
	add_observable(record, OBSERVABLE_URL, "https://bank.example/login?next=%2F#top");
	add_observable(record, OBSERVABLE_URL, "http://[2001:db8::1]:8080/a/b");
	add_observable(record, OBSERVABLE_EMAIL, "alerts+x@bank.example");
	add_observable(record, OBSERVABLE_MD5, "d41d8cd98f00b204e9800998ecf8427e");
	add_observable(record, OBSERVABLE_SHA1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
	add_observable(record, OBSERVABLE_SHA256,
	    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	add_observable(record, OBSERVABLE_SHA512,
	    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e");
	add_observable(record, OBSERVABLE_FILENAME, "factura 2026.pdf.exe");
	add_observable(record, OBSERVABLE_ASN, "AS64496");
	add_observable(record, OBSERVABLE_PHONE, "+525555550100");
	add_observable(record, OBSERVABLE_CLABE, "032180000118359719");
	add_observable(record, OBSERVABLE_IBAN, "DE89370400440532013000");
	add_observable(record, OBSERVABLE_CARD, "4111111111111111");
	add_observable(record, OBSERVABLE_CVE, "CVE-2026-12345");
}

static void
vectors_indicators(struct vectors *vectors)
{
	struct record *record;
	struct bytes bytes, edited;

	end_record(vectors, "a RED indicator with persons, a community and every key but derived",
	    full_indicator());
	record = start_record(RECORD_INDICATOR, TLP_CLEAR, 3);
	add_observable(record, OBSERVABLE_IPV4, "192.0.2.1");
	end_record(vectors, "the smallest indicator", record);
	record = start_record(RECORD_INDICATOR, TLP_AMBER, 4);
	record->marking.purpose = bytes_view_str("fraud prevention");
	record->marking.basis = bytes_view_str("legitimate interest");
	add_every_observable(record);
	record->body.combine = RECORD_COMBINE_ANY;
	end_record(vectors, "an observable of every type", record);
	record = start_record(RECORD_INDICATOR, TLP_GREEN, 5);
	record->body.pattern = bytes_view_str("[process:name = 'example.exe']");
	end_record(vectors, "a pattern and no observable", record);
	record = start_record(RECORD_INDICATOR, TLP_GREEN, 6);
	add_observable(record, OBSERVABLE_DOMAIN, "evil.example");
	bytes_init(&bytes, RECORD_BYTES_MAX);
	bytes_init(&edited, RECORD_BYTES_MAX);
	assert(record_encode(record, &bytes) == ERR_NONE);
	edit_map(bytes_as_view(&bytes), 0, 1001, bytes_view_of("\x82\x01\xa1" "a\x02\x91\xc3", 7),
	    &edited);
	show_record(vectors, "an unknown odd key", bytes_as_view(&edited), false);
	bytes_release(&bytes);
	bytes_release(&edited);
	record = full_indicator();
	record->is_draft = true;
	end_record(vectors, "a draft", record);
}

/* Ascending, as letters are. */
static const struct org_id *
some_orgs(uint32_t count)
{
	static struct org_id orgs[8];
	uint32_t i;

	assert(count <= 8);
	for (i = 0; i < count; i++)
		org_of((uint8_t)(0xa1 + i), &orgs[i]);
	return orgs;
}

static struct record *
start_relation(enum relation_type type, enum relation_state state, uint64_t stream)
{
	struct record *record = start_record(RECORD_RELATION, TLP_AMBER, stream);
	struct relation *relation = &record->body.relation;

	relation->type = type;
	relation->state = state;
	if (type == RELATION_LEFT) {
		relation->has_community = true;
		fill(relation->community.bytes, sizeof(relation->community.bytes), 90);
	} else if (type == RELATION_GRANT) {
		relation->has_subject = true;
		org_of(0xb2, &relation->subject);
		record->valid_until_ms = VECTORS_TIME + 90 * VECTORS_DAY;
	} else {
		relation->has_subject = relation->has_object = true;
		org_of(0xa1, &relation->subject);
		org_of(0xb2, &relation->object);
	}
	return record;
}

static void
vectors_relations(struct vectors *vectors)
{
	struct record *record = start_relation(RELATION_CLIENT_OF, RELATION_ACTIVE, 20);

	end_record(vectors, "client of", record);
	record = start_relation(RELATION_CONSTITUENT_OF, RELATION_ENDED, 21);
	end_record(vectors, "no longer a constituent", record);
	record = start_relation(RELATION_GRANT, RELATION_ACTIVE, 22);
	record->body.relation.to_orgs = org_list_of(some_orgs(3), 3);
	record->body.relation.to_sector = bytes_view_str("telecom");
	record->body.relation.has_tlp = true;
	record->body.relation.tlp = TLP_GREEN;
	end_record(vectors, "a grant to three and to a sector", record);
	record = start_relation(RELATION_GRANT, RELATION_ACTIVE, 23);
	record->body.relation.has_subject = false;
	record->body.relation.has_community = record->body.relation.has_to_community = true;
	fill(record->body.relation.community.bytes, 32, 90);
	fill(record->body.relation.to_community.bytes, 32, 91);
	record->body.relation.has_target = true;
	fill(record->body.relation.target.bytes, 32, 92);
	record->body.relation.has_tlp = true;
	record->body.relation.tlp = TLP_CLEAR;
	end_record(vectors, "a grant of one record, from a community to another", record);
	record = start_relation(RELATION_GRANT, RELATION_ENDED, 24);
	end_record(vectors, "a grant that was ended", record);
	record = start_relation(RELATION_LEFT, RELATION_ACTIVE, 25);
	end_record(vectors, "a community that was left", record);
}

static void
vectors_charters(struct vectors *vectors)
{
	struct record *record = start_record(RECORD_CHARTER, TLP_AMBER_STRICT, 26);
	struct charter *charter = &record->body.charter;
	uint32_t i;

	for (i = 0; i < 4; i++)
		assert(audience_add_org(&record->audience, &some_orgs(4)[i]) == ERR_NONE);
	record->body.title = bytes_view_str("fin-mx");
	charter->serial = 1;
	charter->stewards = org_list_of(some_orgs(2), 2);
	charter->threshold = 2;
	charter->members = org_list_of(some_orgs(4), 4);
	fill(charter->nonce.bytes, sizeof(charter->nonce.bytes), 27);
	end_record(vectors, "the first charter of a community", record);
	record = start_record(RECORD_CHARTER, TLP_AMBER_STRICT, 28);
	charter = &record->body.charter;
	assert(audience_add_org(&record->audience, &some_orgs(1)[0]) == ERR_NONE);
	record->body.title = bytes_view_str("fin-mx");
	charter->serial = 2;
	charter->has_community = charter->has_previous = true;
	fill(charter->community.bytes, sizeof(charter->community.bytes), 90);
	fill(charter->previous.bytes, sizeof(charter->previous.bytes), 90);
	charter->stewards = org_list_of(some_orgs(1), 1);
	charter->threshold = 1;
	charter->members = org_list_of(some_orgs(3), 3);
	fill(charter->nonce.bytes, sizeof(charter->nonce.bytes), 27);
	end_record(vectors, "its second charter", record);
}

static void
vectors_answers(struct vectors *vectors)
{
	struct record *record = start_record(RECORD_DISPUTE, TLP_GREEN, 29);

	fill(record->body.target.bytes, sizeof(record->body.target.bytes), 10);
	record->body.dispute = DISPUTE_FALSE_POSITIVE;
	record->body.text = bytes_view_str("A content network.");
	end_record(vectors, "a dispute", record);
	record = start_record(RECORD_AMENDMENT, TLP_GREEN, 30);
	fill(record->body.target.bytes, sizeof(record->body.target.bytes), 10);
	record->body.as = RECORD_INDICATOR;
	add_observable(record, OBSERVABLE_DOMAIN, "evil.example");
	record->confidence = 20;
	end_record(vectors, "an amendment of an indicator", record);
	record = start_record(RECORD_AMENDMENT, TLP_GREEN, 31);
	fill(record->body.target.bytes, sizeof(record->body.target.bytes), 10);
	record->body.as = RECORD_SIGHTING;
	record->body.outcome = SIGHTING_EXPIRED;
	end_record(vectors, "an amendment of a sighting", record);
}

static void
vectors_records(struct vectors *vectors)
{
	struct record *record;
	struct org_id org;

	vectors_indicators(vectors);
	record = start_record(RECORD_NOTE, TLP_GREEN, 7);
	record->body.title = bytes_view_str("Doble control en transferencias");
	record->body.text = bytes_view_str("# Pr\xc3\xa1" "ctica\n\n1. Dos personas.\n2. Dos canales.\n");
	end_record(vectors, "a note", record);
	record = start_record(RECORD_ADVISORY, TLP_CLEAR, 8);
	record->severity = SEVERITY_CRITICAL;
	record->body.title = bytes_view_str("Example mail server: update now");
	record->body.text = bytes_view_str("Versions before 4.3 are affected.");
	record->body.identifier = bytes_view_str("NORTE-2026-003");
	end_record(vectors, "an advisory", record);
	record = start_record(RECORD_SIGHTING, TLP_AMBER_STRICT, 9);
	org_of(0xb2, &org);
	assert(audience_add_org(&record->audience, &org) == ERR_NONE);
	fill(record->body.target.bytes, sizeof(record->body.target.bytes), 10);
	record->body.outcome = SIGHTING_SEEN;
	record->body.first_seen_ms = VECTORS_TIME - 3600000;
	record->body.last_seen_ms = VECTORS_TIME - 60000;
	record->body.count = 412;
	end_record(vectors, "a sighting", record);
	record = start_record(RECORD_NOTE, TLP_GREEN, 11);
	record->body.title = bytes_view_str("Redacted");
	record->body.text = bytes_view_str("Names were taken out.");
	record->has_derived = true;
	fill(record->derived.id.bytes, sizeof(record->derived.id.bytes), 12);
	org_of(0xb2, &record->derived.author);
	audience_init(&record->derived.audience);
	assert(audience_add_org(&record->derived.audience, &record->author) == ERR_NONE);
	marking_init(&record->derived.marking, TLP_GREEN);
	end_record(vectors, "a redaction", record);
	vectors_relations(vectors);
	vectors_charters(vectors);
	vectors_answers(vectors);
}

#endif
