/* Every complaint of the policy language: where, what stands there, what was expected. */
#include <stdio.h>
#include <string.h>

#include "policy/parse.h"
#include "policy/policy.h"
#include "tests/unit/suite.h"

#define HEAD "policy \"p\"\n"
#define OUTBOUND(rules) HEAD "outbound {\n" rules "\n}\n"
#define INBOUND(rules) HEAD "inbound {\n" rules "\n}\n"
#define RETAIN(rules) HEAD "retain {\n" rules "\n}\n"
#define TEST(steps) HEAD "outbound {\n  deny rest\n}\ntest \"t\" {\n" steps "\n}\n"

/* The message as it is shown behind the place; one that ends in an asterisk has more behind it. */
struct spoiled {
	const char *why;
	const char *text;
	const char *place; /* line and column */
	const char *message;
	const char *suggestion;
};

/* clang-format off */
static const struct spoiled conditions[] = {
    {"no word can begin so", "kind = note and ^", "1:17", "found `^`, expected a field such as tlp, kind or value, `not` or `(`", ""},
    {"a character of more than one byte", "kind = \xc2\xabnote\xc2\xbb", "1:8", "found `\xc2\xabnote\xc2\xbb`, expected a kind: indicator, note, advisory, question, sighting, dispute, amendment, retraction, relation, charter", ""},
    {"an open quotation", "label = \"phish", "1:9", "the quotation mark is never closed, expected `\"`", ""},
    {"a text that ends too early", "kind =", "1:7", "the text ends, expected a value or `(`", ""},
    {"nothing at all", "", "1:1", "the text ends, expected a field such as tlp, kind or value, `not` or `(`", ""},
    {"two comparisons without a word between", "kind = note tlp = green", "1:13", "found `tlp`, expected `and`, `or` or the end", ""},
    {"an operator of another language", "kind = note && tlp = green", "1:13", "found `&&`, expected `and`, `or` or the end", "and"},
    {"an operator of another language again", "kind = note | tlp = green", "1:13", "found `|`, expected `and`, `or` or the end", "or"},
    {"a misspelt operator", "kind = note adn tlp = green", "1:13", "found `adn`, expected `and`, `or` or the end", "and"},
    {"an open parenthesis", "(kind = note", "1:13", "the text ends, expected `and`, `or` or `)`", ""},
    {"a parenthesis too many", "kind = note)", "1:12", "found `)`, expected `and`, `or` or the end", ""},
    {"an empty list", "kind in ()", "1:10", "found `)`, expected a value", ""},
    {"a field without a comparison", "kind", "1:5", "the text ends, expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`, `not`, `in` or `under`", ""},
    {"a field, and then a value", "value evil.example", "1:7", "found `evil.example`, expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`, `not`, `in` or `under`", ""},
    {"a misspelt field", "confidnce >= 60", "1:1", "found `confidnce`, expected a field: kind, tlp, author, crea*", "confidence"},
    {"a misspelt field by itself", "not confidnce", "1:5", "found `confidnce`, expected a field: kind, tlp, author, crea*", "confidence"},
    {"a misspelt op behind a field", "value undr evil.example", "1:7", "found `undr`, expected `=`, `!=`, `<`, `<=`, `>`, `>=`, `~`, `!~`, `not`, `in` or `under`", "under"},
    {"no order", "kind < note", "1:6", "this field has no order, expected `=`, `!=` or `in`", ""},
    {"no patterns", "tlp ~ \"g*\"", "1:5", "only texts have patterns, expected `=`, `!=` or `in`", ""},
    {"not a place", "label under evil.example", "1:7", "only value can be under a domain, expected `=`, `!=` or `in`", ""},
    {"not a value to be listed", "label in list(x)", "1:7", "only the value of an observable can be in a list, expected `=`, `!=` or `in`", ""},
    {"a list where one value stands", "confidence >= (10, 20)", "1:12", "a list of values stands here, expected one value", ""},
    {"a list behind an equal sign", "kind = (note, advisory)", "1:6", "a list of values stands here, expected `in`", ""},
    {"nothing is both", "value = a.example and value = b.example", "1:31", "one observable cannot be both, expected `or`, or for two observables (A) and (B)", ""},
    {"a peer outside of a policy", "peer.sector = bank", "1:1", "only a policy can ask about the peer, expected what the record says", ""},
    {"a role outside of a policy", "member(fin-mx)", "1:1", "only a policy can ask about the peer, expected what the record says", ""},
    {"a question that does not exist", "owner(x)", "1:1", "found `owner`, expected a question about the peer: org, sector, country, member", ""},
    {"to, outside of a policy", "to client", "1:1", "only a policy can ask about the peer, expected what the record says", ""},
    {"a misspelt label", "tlp <= ambr", "1:8", "found `ambr`, expected a TLP label: clear, green, amber, amber+strict, red", "amber"},
    {"a misspelt kind", "kind = advisroy", "1:8", "found `advisroy`, expected a kind: indicator, note, advisory, question, sighting, dispute, amendment, retraction, relation, charter", "advisory"},
    {"a misspelt severity", "severity >= hihg", "1:13", "found `hihg`, expected a severity: low, medium, high, critical", "high"},
    {"a misspelt type", "type = domian", "1:8", "found `domian`, expected a type of observable: ipv4, ipv6, cidr, domain, url, email, md5, sha1, sha256, sha512, filename, asn, phone, clabe, iban, card, cve", "domain"},
    {"a misspelt audience", "audience = nobdy", "1:12", "found `nobdy`, expected an audience: nobody", "nobody"},
    {"misspelt permitted actions", "permitted = internaly-visible", "1:13", "found `internaly-visible`, expected permitted actions: none, contact, internal, external-indirect, external-direct", ""},
    {"a misspelt obligation", "attribution = must-nt", "1:15", "found `must-nt`, expected an obligation: may, must, must-not", "must-not"},
    {"another obligation", "notification = must", "1:16", "found `must`, expected an obligation: may, must-not", ""},
    {"a third", "resale = never", "1:10", "found `never`, expected an obligation: may, must-not", ""},
    {"an environment", "affects.environment = ti", "1:23", "found `ti`, expected an environment: it, ot", "it"},
    {"an outcome", "outcome = sen", "1:11", "found `sen`, expected an outcome: seen, false-positive, expired", "seen"},
    {"how observables combine", "combine = al", "1:11", "found `al`, expected how observables combine: any, all", "all"},
    {"the label of an original", "derived.tlp = gren", "1:15", "found `gren`, expected a TLP label: clear, green, amber, amber+strict, red", "green"},
    {"the reason of a dispute", "reason = outdted", "1:10", "found `outdted`, expected a reason: false-positive, outdated, inaccurate, not-permitted, other", "outdated"},
    {"what an amendment amends", "as = noet", "1:6", "found `noet`, expected a kind: indicator, note, advisory, question, sighting", "note"},
    {"a relation", "relation = client", "1:12", "found `client`, expected a relation: client-of, constituent-of, grant, left", "client-of"},
    {"its state", "relation.state = activ", "1:18", "found `activ`, expected a state: active, ended", "active"},
    {"the label of a grant", "grant.tlp = yellow", "1:13", "found `yellow`, expected a TLP label: clear, green, amber, amber+strict, red", ""},
    {"confidence", "confidence = 101", "1:14", "found `101`, expected a number from 0 to 100", ""},
    {"confidence in words", "confidence = high", "1:14", "found `high`, expected a number from 0 to 100", ""},
    {"a count", "count > many", "1:9", "found `many`, expected a number from 0 to 999999999999", ""},
    {"a threshold", "charter.threshold = 17", "1:21", "found `17`, expected a number from 1 to 16", ""},
    {"a serial", "charter.serial = 0", "1:18", "found `0`, expected a number from 1 to 999999999999", ""},
    {"a zero in front", "confidence = 07", "1:14", "found `07`, expected a number from 0 to 100", ""},
    {"a time", "created > yesterday", "1:11", "found `yesterday`, expected a time: 2026-11-01, 2026-11-01T15:00:00Z, now, or now - 7d (w, d, h, m, s)", ""},
    {"a time with a unit that there is not", "created > now - 7y", "1:11", "not a duration from now, expected a time: 2026-11-01, 2026-11-01T15:00:00Z, now, or now - 7d (w, d, h, m, s)", ""},
    {"a time that is none", "created > 2026-13-01", "1:11", "found `2026-13-01`, expected a time: 2026-11-01, 2026-11-01T15:00:00Z, now, or now - 7d (w, d, h, m, s)", ""},
    {"a duration beyond a century", "created > now - 5300w", "1:11", "not a duration from now, expected a time: 2026-11-01, 2026-11-01T15:00:00Z, now, or now - 7d (w, d, h, m, s)", ""},
    {"now, where no time is", "kind = now", "1:8", "`now` is a time and this field has none, expected a value of this field", ""},
    {"an empty text", "label = \"\"", "1:9", "an empty text, expected a character at least", ""},
    {"a text that is no line", "label = \"a\x01" "b\"", "1:9", "not valid UTF-8, or a control character, expected one line of UTF-8 without control characters", ""},
    {"a text in another encoding", "label = \"\xff\"", "1:9", "not valid UTF-8, or a control character, expected one line of UTF-8 without control characters", ""},
    {"the id of a record", "target = 1234", "1:10", "found `1234`, expected a record's id: 64 hexadecimal digits", ""},
    {"no observable", "value = \"\\\\\"", "1:9", "found `\"\\\\\"`, expected the value of an observable", ""},
    {"no value of the type beside it", "type = ipv4 and value = evil.example", "1:25", "found `evil.example`, expected a value of the type named beside it", ""},
    {"a hash that is too short", "type = sha256 and value = d41d8cd98f00b204", "1:27", "found `d41d8cd98f00b204`, expected a value of the type named beside it", ""},
    {"no domain", "value under \"a b\"", "1:13", "found `\"a b\"`, expected a domain", ""},
    {"no domain, but an address", "value under 192.0.2.1", "1:13", "found `192.0.2.1`, expected a domain", ""},
    {"too long a list name", "value in list(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)", "1:15", "too long for a name, expected at most 32 bytes", ""},
    {"nested too deeply", "((((((((((((((((((((((((((((((((((((((((not (kind = note or not (tlp = green and not (kind = note or not (kind = note or not (tlp = green and not (kind = note or not (kind = note or not (tlp = green and not (kind = note or not (kind = note or not (tlp = green and not (kind = note or not (kind = note or not (tlp = green and not (kind = note or ", "1:1", "nested too deeply, expected fewer groups inside one another", ""},
};
static const struct spoiled files[] = {
    {"no statement", HEAD "shre x\n", "2:1", "found `shre`, expected `policy`, `community`, `own`, `define`, `list`, `outbound`, `inbound`, `retain`, `test` or the end", ""},
    {"a policy without a name", "policy x\n", "1:8", "found `x`, expected a text in quotation marks", ""},
    {"a second name", HEAD "policy \"q\"\n", "2:1", "the policy has its name already, expected one name for it", ""},
    {"an empty name", "policy \"\"\n", "1:8", "an empty text, expected a character at least", ""},
    {"a name that is no line", "policy \"a\x01\"\n", "1:8", "not valid UTF-8, or a control character, expected one line of UTF-8 without control characters", ""},
    {"a community twice", HEAD "community a\ncommunity a\n", "3:11", "this community is declared already, expected another name", ""},
    {"the id of a community", HEAD "community a = 1234\n", "2:15", "found `1234`, expected 64 hexadecimal digits", ""},
    {"the id of a community, not hexadecimal", HEAD "community a = gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg\n", "2:15", "found `gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg`, expected 64 hexadecimal digits", ""},
    {"a list twice", HEAD "list a \"a.txt\"\nlist a \"b.txt\"\n", "3:6", "this list is declared already, expected another name", ""},
    {"the hash of a list", HEAD "list a \"a.txt\" = sha256:12\n", "2:18", "found `sha256:12`, expected 64 hexadecimal digits", ""},
    {"a list without a file", HEAD "list a\n", "3:1", "the text ends, expected a text in quotation marks", ""},
    {"a name defined twice", HEAD "define a = client\ndefine a = provider\n", "3:8", "this name is defined already, expected another name", ""},
    {"a definition that is a field", HEAD "define tlp = client\n", "2:8", "this name is a field's, expected another name", ""},
    {"too long a name for a definition", HEAD "define aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = client\n", "2:8", "too long, expected at most 32 bytes", ""},
    {"a definition of something else", HEAD "define a = trusted\n", "2:12", "found `trusted`, expected a comparison, or a name such as: anybody, audience, client, provider, constituent, cert", ""},
    {"a misspelt definition", HEAD "define trusted = client\noutbound {\n  share x to trsted\n}\n", "4:14", "found `trsted`, expected a comparison, or a name such as: anybody, audience, client, provider, constituent, cert, trusted", "trusted"},
    {"a keyword as a value", OUTBOUND("  deny x where label = share"), "3:24", "found `share`, expected a value or `(`", "\"share\""},
    {"not anybody", OUTBOUND("  share x to not anybody"), "3:14", "`not anybody` is nobody, expected a condition on the peer", ""},
    {"own without a value", HEAD "own ()\n", "2:6", "found `)`, expected a value", ""},
    {"own of something else", HEAD "own (bank.example, \"x\")\n", "2:20", "found `\"x\"`, expected an address, a network or a domain", ""},
    {"a section twice", OUTBOUND("  deny x\n}\noutbound {"), "5:1", "this section is there already, and the first rule that matches decides, expected the rules in one section", ""},
    {"an action of the other direction", OUTBOUND("  accept x"), "3:3", "found `accept`, expected share, hold, redact, deny or require", ""},
    {"an action of the other direction, inbound", INBOUND("  share x to anybody"), "3:3", "found `share`, expected accept, quarantine or refuse", ""},
    {"an action of another section", RETAIN("  deny x"), "3:3", "found `deny`, expected erase", ""},
    {"a requirement of what comes in", INBOUND("  require purpose"), "3:3", "found `require`, expected accept, quarantine or refuse", ""},
    {"something else required", OUTBOUND("  require pupose"), "3:11", "found `pupose`, expected what a record can have to state: purpose, basis", "purpose"},
    {"a misspelt action", OUTBOUND("  shre x to anybody"), "3:3", "found `shre`, expected `}`, `share`, `hold`, `redact`, `deny`, `accept`, `quarantine`, `refuse`, `erase` or `require`", "share"},
    {"from, where to belongs", OUTBOUND("  share x from client"), "3:11", "records go `to` a peer here, expected `to`", ""},
    {"to, where from belongs", INBOUND("  accept x to client"), "3:12", "records come `from` a peer here, expected `from`", ""},
    {"to, where nobody is", RETAIN("  erase x where kind = note to client"), "3:29", "what is kept goes to nobody and comes from nobody, expected `where`", ""},
    {"a peer, where nobody is", RETAIN("  erase x where kind = note and peer.sector = bank"), "3:47", "what is kept goes to nobody and comes from nobody, expected what the record says", ""},
    {"a record behind to", OUTBOUND("  share x to kind = note"), "3:14", "behind `to` stands what the peer is; what the record says belongs behind `where`, expected org, sector, country, member, client, provider, constituent, cert, audience or anybody", ""},
    {"a record behind from", INBOUND("  accept x where from (kind = note)"), "3:24", "behind `from` stands what the peer is; what the record says belongs behind `where`, expected org, sector, country, member, client, provider, constituent, cert, audience or anybody", ""},
    {"sharing with nobody in particular", OUTBOUND("  share x where kind = note"), "3:3", "it does not say to whom, expected `to audience`, `to anybody` or a condition behind `to`", ""},
    {"redacting for nobody in particular", OUTBOUND("  redact x (title)"), "3:3", "it does not say to whom, expected `to audience`, `to anybody` or a condition behind `to`", ""},
    {"erasing everything", RETAIN("  erase x"), "3:3", "it does not say what, expected `where` and a condition", ""},
    {"what cannot be redacted", OUTBOUND("  redact x (titel) to anybody"), "3:13", "found `titel`, expected what can be redacted: title, description, pattern, identifier, label, reference, link, affects, source, confidence, severity, seen, personal, ipv4, ipv6, cidr, domain, url, email, md5, sha1, sha256, sha512, filename, asn, phone, clabe, iban, card, cve", "title"},
    {"two rules of one name", OUTBOUND("  deny x where kind = note\n  deny x"), "4:8", "another rule of this section has that name, expected another name", ""},
    {"too long a rule name", OUTBOUND("  deny aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), "3:8", "too long, expected at most 32 bytes", ""},
    {"how many approvers", OUTBOUND("  hold(0) x"), "3:8", "found `0`, expected how many approvers: 1 to 9", ""},
    {"more approvers than there may be", OUTBOUND("  hold(10) x"), "3:8", "found `10`, expected how many approvers: 1 to 9", ""},
    {"a community that is not declared", HEAD "community fin-mx\noutbound {\n  share x to member(fin-xm)\n}\n", "4:21", "found `fin-xm`, expected a community that the policy declares: fin-mx", "fin-mx"},
    {"a list that is not declared", HEAD "list top-sites \"t\"\noutbound {\n  deny x where value in list(top-site)\n}\n", "4:30", "found `top-site`, expected a list that the policy declares: top-sites", "top-sites"},
    {"a country in small letters", OUTBOUND("  share x to country(mx)"), "3:22", "found `mx`, expected a country: two capital letters such as MX", ""},
    {"a sector in capital letters", OUTBOUND("  share x to sector(Bank)"), "3:21", "found `Bank`, expected a sector: a word of a-z, 0-9 and -, such as bank", ""},
    {"a role that does not exist", OUTBOUND("  share x to clients"), "3:14", "found `clients`, expected a comparison, or a name such as: anybody, audience, client, provider, constituent, cert", "client"},
    {"a section without an end", HEAD "outbound {\n  deny x\n", "4:1", "the text ends, expected `}`, `share`, `hold`, `redact`, `deny`, `accept`, `quarantine`, `refuse`, `erase` or `require`", ""},
    {"a test that expects nothing", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note"), "5:1", "this test expects nothing, expected `expect`", ""},
    {"no record", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  to \"x\"\n  expect deny rest"), "7:3", "no record was given yet, expected `record`", ""},
    {"no peer", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  expect deny rest"), "7:3", "it was not said where the record goes, expected `to`, `from` or `retain`", ""},
    {"an outcome of the other direction", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  from \"x\"\n  expect deny rest"), "8:10", "found `deny`, expected accept, quarantine or refuse", ""},
    {"an outcome of the other direction, outbound", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\"\n  expect accept"), "8:10", "found `accept`, expected share, hold, redact or deny", ""},
    {"an outcome of another section", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  retain\n  expect deny rest"), "8:10", "found `deny`, expected erase or keep", ""},
    {"an outcome that does not exist", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\"\n  expect keeep"), "8:10", "found `keeep`, expected what is to happen: share, hold, redact, deny, accept, quarantine, refuse, erase, keep", "keep"},
    {"a rule that does not exist", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\"\n  expect deny rset"), "8:15", "found `rset`, expected a rule of this section: rest", "rest"},
    {"who decides", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\"\n  expect deny rest (ceilng)"), "8:21", "found `ceilng`, expected who decides: ceiling, standing, terms, purpose, approvers, rule, nothing, privacy", "ceiling"},
    {"a field that does not exist", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record knd = note\n  to \"x\"\n  expect deny rest"), "6:10", "found `knd`, expected a field of the record, or a type of ob*", "kind"},
    {"an observable without its type", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record value = evil.example\n  to \"x\"\n  expect deny rest"), "6:10", "say what it is, expected its type, such as domain = evil.example", ""},
    {"the peer, of a record", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record peer.sector = bank\n  to \"x\"\n  expect deny rest"), "6:10", "this is said of the peer, expected it behind `to` or `from`", ""},
    {"what a test cannot say", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record words = a\n  to \"x\"\n  expect deny rest"), "6:10", "a test cannot say this, expected another field of the record", ""},
    {"a fact that does not exist", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\", sectr = bank\n  expect deny rest"), "7:11", "found `sectr`, expected what is known of the peer: sector, country, member, client, provider, constituent, cert, grant", "sector"},
    {"a fact without its value", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\", sector\n  expect deny rest"), "7:11", "found `sector`, expected it with `=` and a value behind it", ""},
    {"a fact with a value", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  record kind = note\n  to \"x\", client = yes\n  expect deny rest"), "7:11", "found `client`, expected it without a value", ""},
    {"at a time that moves", OUTBOUND("  deny rest\n}\ntest \"t\" {\n  at now - 1d\n  record kind = note\n  to \"x\"\n  expect deny rest"), "6:6", "this says when `now` is, expected a time such as 2026-11-01", ""},
};

/* Of texts that are too long, or have too many of something: `each`, so many times over, where # is
   the number. */
static const struct {
	const char *why;
	bool is_file;
	const char *before, *each;
	unsigned times;
	const char *after;
	const char *place, *message;
} big[] = {
    {"too long a value", false, "value = \"", "a", 5000, "\"", "1:9", "too long, expected at most 4096 bytes"},
    {"too many values", false, "label in (a", ", a#", 256, ")", "1:1434", "the condition is too long, expected at most 64 comparisons and groups, and 128 values"},
    {"too many values of one condition", false, "label in (a", ", a#", 129, ")", "1:1", "the condition is too long, expected at most 64 comparisons and groups, and 128 values"},
    {"too many comparisons", false, "title = a", " or title = a#", 69, "", "1:1", "the condition is too long, expected at most 64 comparisons and groups, and 128 values"},
    {"far too many comparisons", false, "tlp = green", " or tlp = green and confidence = 50", 99, "", "1:1", "the condition is too long, expected at most 64 comparisons and groups, and 128 values"},
    {"nested too deeply", false, "kind = note", " and not (kind = note or not (tlp = red", 10, "))))))))))))))))))))", "1:1", "nested too deeply, expected fewer groups inside one another"},
    {"nested beyond the parser", false, "", "(", 200, "kind = note", "1:1", "nested too deeply, expected fewer groups inside one another"},
    {"too long a condition", false, "#", "a", 70000, "", "1:1", "the text is too long, expected at most 65536 bytes"},
    {"too many communities", true, HEAD, "community c#\n", 33, "", "34:11", "too many communities, expected at most 32"},
    {"too many lists", true, HEAD, "list l# \"l\"\n", 17, "", "18:6", "too many lists, expected at most 16"},
    {"too many definitions", true, HEAD, "define d# = client\n", 65, "", "66:8", "too many definitions, expected at most 64"},
    {"too long a definition where it is used", true, HEAD "define a = title = a", " or title = a#", 59, "\noutbound {\n  deny x where a and not (a or a or a or a or a)\n}\n", "4:32", "the condition is too long, expected at most 64 comparisons and groups, and 128 values"},
    {"too many own networks", true, HEAD "own (10.1.0.0/16)\n", "own (10.1.0.0/16)\n", 256, "", "258:6", "too many networks, expected at most 256"},
    {"too many own domains", true, HEAD "own (a.example)\n", "own (d#.example)\n", 256, "", "258:6", "too many domains, expected at most 256"},
    {"too long a policy", true, "#", "a", 131072, "", "1:1", "the text is too long, expected at most 131072 bytes"},
    {"too many rules", true, HEAD "inbound {\n", "  accept\n", 65, "}\n", "67:3", "too many rules, expected at most 64"},
    {"too many requirements", true, HEAD "outbound {\n", "  require basis\n", 17, "}\n", "19:3", "too many requirements, expected at most 16"},
    {"a record that has too many labels", true, HEAD "test \"t\" {\n  record label = a", ", label = a#", 69, "\n  to \"x\"\n  expect deny\n}\n", "3:838", "larger than the limit, expected no more of this field than a record has"},
    {"too many steps", true, HEAD "test \"t\" {\n", "  to \"x\"\n", 257, "}\n", "259:3", "the test is too long, expected at most 256"},
    {"too many tests", true, HEAD, "test \"t#\" {\n  record kind = note\n  to \"x\"\n  expect deny\n}\n", 129, "", "642:1", "too many tests, expected at most 128"},
    {"too long a name", true, "policy \"", "a", 129, "\"\n", "1:8", "too long, expected at most 128 bytes"},
    {"too long a name of an author", false, "author = ", "a", 300, "", "1:10", "too long for a name, expected at most 128 bytes"},
    {"too long a label", false, "label = ", "a", 129, "", "1:9", "too long, expected at most 128 bytes"},
    {"too long a pattern", false, "label ~ ", "a", 257, "", "1:9", "too long, expected at most 256 bytes"},
};
/* clang-format on */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct policy_errors errors;

/* How many complaints; the first POLICY_ERRORS_MAX are in `errors`. */
static uint32_t
spoil(bool is_file, struct bytes_view text)
{
	static struct predicate predicate;
	struct policy *policy = NULL;

	if (!is_file) {
		errors.count = 1;
		ck_assert(parse_predicate(text, &predicate, &errors.at[0]) != ERR_NONE);
		return 1;
	}
	ck_assert(policy_open(text, NULL, &policy, &errors) != ERR_NONE);
	return errors.count;
}

/* "3:12: found `ambr`, expected ..." of the first complaint. */
static void
check_first(const char *why, const char *place, const char *message, const char *suggestion)
{
	const struct parse_error *error = &errors.at[0];
	struct bytes shown;
	char wanted[512];
	size_t len;

	bytes_init(&shown, 4096);
	parse_error_write(error, NULL, &shown);
	(void)snprintf(wanted, sizeof(wanted), "%s: %s", place, message);
	len = strlen(wanted);
	if (wanted[len - 1] == '*')
		len--;
	else
		wanted[len++] = '\n';
	ck_assert_msg(shown.len >= len && memcmp(shown.data, wanted, len) == 0,
	    "%s: wanted %s\n%.*s", why, wanted, (int)shown.len, (const char *)shown.data);
	ck_assert_msg(strcmp(error->suggestion, suggestion) == 0, "%s: meant `%s`", why,
	    error->suggestion);
	ck_assert_msg(error->expected[0] != '\0', "%s: expects nothing", why);
	bytes_release(&shown);
}

/* The caret stands under what was found, and is as wide. */
static void
check_caret(const char *why)
{
	const struct parse_error *error = &errors.at[0];
	uint32_t at = 0, skip = error->caret;

	ck_assert_msg(error->caret <= error->column - 1, "%s: the caret", why);
	for (; skip > 0; skip--) {
		for (at++; (error->source[at] & 0xc0) == 0x80;)
			at++;
	}
	ck_assert_msg(strncmp(error->source + at, error->found, strlen(error->found)) == 0,
	    "%s: %s does not begin with %s", why, error->source + at, error->found);
}

START_TEST(tells_what_is_wrong_with_a_condition)
{
	size_t i;

	for (i = 0; i < COUNT(conditions); i++) {
		const struct spoiled *row = &conditions[i];

		ck_assert_uint_eq(spoil(false, bytes_view_str(row->text)), 1);
		check_first(row->why, row->place, row->message, row->suggestion);
		check_caret(row->why);
	}
	ck_assert_uint_ge(COUNT(conditions) + COUNT(files), 60);
}
END_TEST

START_TEST(tells_what_is_wrong_with_a_file_once)
{
	size_t i;

	for (i = 0; i < COUNT(files); i++) {
		const struct spoiled *row = &files[i];
		uint32_t count = spoil(true, bytes_view_str(row->text));

		check_first(row->why, row->place, row->message, row->suggestion);
		check_caret(row->why);
		ck_assert_msg(count == 1, "%s: %u complaints", row->why, count);
	}
}
END_TEST

static void
append_each(struct bytes *text, const char *each, unsigned number)
{
	char digits[16];

	(void)snprintf(digits, sizeof(digits), "%u", number);
	for (; *each != '\0'; each++) {
		if (*each == '#')
			bytes_append(text, digits, strlen(digits));
		else
			bytes_append_u8(text, (uint8_t)*each);
	}
}

START_TEST(tells_how_much_there_may_be)
{
	struct bytes text;
	unsigned n;
	size_t i;

	bytes_init(&text, 1000000);
	for (i = 0; i < COUNT(big); i++) {
		bytes_clear(&text);
		bytes_append(&text, big[i].before, strlen(big[i].before));
		for (n = 0; n < big[i].times; n++)
			append_each(&text, big[i].each, n);
		bytes_append(&text, big[i].after, strlen(big[i].after));
		(void)spoil(big[i].is_file, bytes_as_view(&text));
		check_first(big[i].why, big[i].place, big[i].message, "");
	}
	bytes_release(&text);
}
END_TEST

/* ------------------------------------------------------------------ several at once */

START_TEST(goes_on_behind_an_error)
{
	static const char text[] = "policy \"p\"\n"
				   "comunity a\n"
				   "define d = tlp <= gren\n"
				   "outbound {\n"
				   "  shre x to anybody\n"
				   "  share y to d\n"
				   "  hold(0) z where confidence > 200 and\n"
				   "    severity = hihg\n"
				   "}\n"
				   "test \"t\" {\n"
				   "  record knd = note\n"
				   "  to \"x\"\n"
				   "  expect allow\n"
				   "}\n";
	/* what `d` lacks was said where it is defined; the rest of a rule that has failed is not read */
	static const char *const places[] = {"2:1", "3:19", "5:3", "7:8", "11:10", "13:10"};
	char place[16];
	size_t i;

	ck_assert_uint_eq(spoil(true, bytes_view_str(text)), COUNT(places));
	for (i = 0; i < COUNT(places); i++) {
		(void)snprintf(place, sizeof(place), "%u:%u", (unsigned)errors.at[i].line,
		    (unsigned)errors.at[i].column);
		ck_assert_str_eq(place, places[i]);
		ck_assert(errors.at[i].expected[0] != '\0');
	}
}
END_TEST

START_TEST(says_once_what_a_rule_lacks_that_is_cut_short)
{
	/* whom it is for may stand behind the word that cannot be read */
	ck_assert_uint_eq(
	    spoil(true, bytes_view_str(OUTBOUND("  share x where kind = note a = 20 to client"))), 1);
	check_first("cut short", "3:29",
	    "found `a`, expected `}`, `share`, `hold`, `redact`, `deny`, `accept`, `quarantine`, "
	    "`refuse`, `erase` or `require`",
	    "");
}
END_TEST

START_TEST(stops_counting_at_the_limit)
{
	struct bytes text;
	uint32_t i;

	bytes_init(&text, 100000);
	for (i = 0; i < POLICY_ERRORS_MAX + 5; i++)
		bytes_append(&text, "shre x\n", 7);
	ck_assert_uint_eq(spoil(true, bytes_as_view(&text)), 1); /* nothing begins a statement */
	bytes_clear(&text);
	for (i = 0; i < POLICY_ERRORS_MAX + 5; i++)
		bytes_append(&text, "define tlp = client\n", 20);
	ck_assert_uint_eq(spoil(true, bytes_as_view(&text)), POLICY_ERRORS_MAX);
	ck_assert(errors.has_more);
	bytes_release(&text);
}
END_TEST

/* A name that is no text is refused, and nobody is told it as something to write. */
START_TEST(suggests_no_name_that_is_no_text)
{
	ck_assert_uint_eq(
	    spoil(true, bytes_view_str("define \xfftrusted = client\ndefine b = trusted\n")), 2);
	ck_assert_str_eq(errors.at[1].suggestion, "");
	ck_assert(strstr(errors.at[1].expected, "\xff") == NULL);
}
END_TEST

SUITE_MAIN("policy/errors", tells_what_is_wrong_with_a_condition,
    tells_what_is_wrong_with_a_file_once, tells_how_much_there_may_be, goes_on_behind_an_error,
    says_once_what_a_rule_lacks_that_is_cut_short, stops_counting_at_the_limit,
    suggests_no_name_that_is_no_text)
