/*
 * The scanner of the privacy gate: meets what might be personal in a folded text, and asks codes,
 * numbers, mailboxes or names whether it is.  It reads forward only, a bounded way ahead.
 */
#include "policy/privacy.h"

#include <assert.h>
#include <string.h>

#include "base/base64.h"
#include "policy/privacy_code.h"
#include "policy/privacy_fold.h"
#include "policy/privacy_mail.h"
#include "policy/privacy_name.h"
#include "policy/privacy_number.h"
#include "policy/privacy_text.h"

#define WINDOW_CHARS 8192u
#define TOKEN_MIN 16u /* letters of base64 that may say something */

static_assert(WINDOW_CHARS > 4 * (PRIVACY_AHEAD + PRIVACY_BEHIND), "a window is mostly its own");

static const char *const kind_names[] = {
#define NAME(symbol, name) name,
    PRIVACY_KIND_TABLE(NAME)};
static const char *const place_names[] = {PRIVACY_PLACE_TABLE(NAME)
#undef NAME
};

const char *
privacy_kind_name(enum privacy_kind kind)
{
	return kind_names[kind];
}

const char *
privacy_place_name(enum privacy_place place)
{
	return place_names[place];
}

/* ------------------------------------------------------------------ codes */

/* What the pattern saw from `start` to `end`; 0: it is none. */
typedef size_t (*code_fn)(struct privacy_text *text, size_t start, size_t end);

static size_t
no_code(struct privacy_text *text, size_t start, size_t end)
{
	(void)text;
	(void)start;
	(void)end;
	return 0;
}

/* An IBAN begins where two letters and two digits do. */
static size_t
iban(struct privacy_text *text, size_t start, size_t end)
{
	(void)end;
	return privacy_code_iban(text, start);
}

/*!re2c
re2c:api = custom;
re2c:api:style = free-form;
re2c:define:YYCTYPE = "uint8_t";
re2c:define:YYPEEK = "privacy_text_at(text, at)";
re2c:define:YYSKIP = "at++;";
re2c:define:YYBACKUP = "marker = at;";
re2c:define:YYRESTORE = "at = marker;";
re2c:yyfill:enable = 0;
re2c:flags:case-ranges = 0;

letter = [A-Za-z\xf1];
digit  = [0-9];
gap    = [ \t\n_.\x02-]{0,2};
blank  = [ \t_-]?;
*/

/* The code of letters and digits that begins with the word at `start`; 0: there is none. */
static size_t
read_code(struct privacy_text *text, size_t start)
{
	code_fn code = no_code, other = no_code;
	size_t at = start, marker = start, end;

	/*!re2c
	* { return 0; }
	(letter gap){4} (digit gap){6} [HhMm] gap (letter gap){5} [A-Za-z0-9] gap digit {
		code = privacy_code_curp;
		goto found;
	}
	(([A-Za-z&\xf1]) gap){3,4} (digit gap){6} ([A-Za-z0-9] gap){2} [A-Za-z0-9] {
		code = privacy_code_rfc;
		other = iban;
		goto found;
	}
	[A-Za-z] gap [A-Za-z] gap digit gap digit {
		code = iban;
		goto found;
	}
	*/
found:
	end = code(text, start, at);
	return end != 0 ? end : other(text, start, at);
}

/* ------------------------------------------------------------------ words that say what follows */

static void
cue(struct privacy_text *text, enum privacy_cue what, size_t end)
{
	text->cue[what] = text->base + end;
}

static size_t
phone_key(struct privacy_text *text, size_t start, size_t end)
{
	privacy_name_column(text, start, end, PRIVACY_COLUMN_PHONE);
	cue(text, PRIVACY_CUE_PHONE, end);
	return end;
}

static size_t
name_key(struct privacy_text *text, size_t start, size_t end, bool is_sure)
{
	size_t value = privacy_name_read(text, end, is_sure);

	privacy_name_column(
	    text, start, end, is_sure ? PRIVACY_COLUMN_NAME : PRIVACY_COLUMN_SOME_NAME);
	return value != 0 ? value : end;
}

static bool
ends_word(const struct privacy_text *text, size_t end)
{
	return !privacy_text_is_word(privacy_text_at(text, end));
}

/* Behind the key or cue that begins at `start`, or behind the value that it has; 0: it is none. */
static size_t
read_key(struct privacy_text *text, size_t start)
{
	size_t at = start, marker = start;

	/*!re2c
	* { return 0; }
	('telefono' 's'? | 'tel' 's'? | 'telephone' | 'phone' | 'cel' | 'celular' | 'movil' | 'mobile'
	    | 'fax' | 'whatsapp' | 'msisdn' | 'marcar' | 'llame al' | 'llamar al' | 'call' | 'numero' blank
	    ('de telefono' | 'celular' | 'movil') | 'sms') {
		return ends_word(text, at) ? phone_key(text, start, at) : 0;
	}
	('tarjeta' 's'? | 'card' 's'? | 'pan' | 'cc' | 'visa' | 'mastercard' | 'amex' | 'debito' | 'credito') {
		if (ends_word(text, at))
			cue(text, PRIVACY_CUE_CARD, at);
		return 0;
	}
	('clabe' | 'cuenta' 's'? | 'account' 's'? | 'spei' | 'interbancaria' | 'depositar' | 'transferir') {
		if (!ends_word(text, at))
			return 0;
		cue(text, PRIVACY_CUE_ACCOUNT, at);
		return 0;
	}
	('rfc' | 'r.f.c.' | 'r.f.c' | 'registro federal' (' de contribuyentes')? | 'tax' blank 'id' (' (rfc)')?) {
		if (ends_word(text, at))
			cue(text, PRIVACY_CUE_RFC, at);
		return 0;
	}
	('full' blank 'name' | 'card' blank 'holder' (blank 'name')? | 'account' blank 'holder'
	    (blank 'name')? | 'nombre' blank ('completo' | 'del titular' | 'del cliente' | 'titular'
	    | 'cliente' | 'beneficiario') | 'titular' | 'beneficiari' [oa] | 'tarjetahabiente'
	    | 'cuentahabiente' | 'apellido' 's'? | 'apellido' blank ('paterno' | 'materno')
	    | 'primer' blank 'apellido' | 'segundo' blank 'apellido' | ('first' | 'last' | 'given' | 'middle'
	    | 'family') blank 'name' | 'surname' | 'persona' blank 'afectada' | 'customer' blank 'name'
	    | 'victim' blank 'name' | 'employee' blank 'name' | 'nombre' blank ('de la victima' | 'de la persona'
	    | 'de pila')) {
		return ends_word(text, at) ? name_key(text, start, at, true) : 0;
	}
	('nombre' 's'? | 'name' | 'fn' | 'n' | 'display' blank 'name' | 'contacto' | 'contact' | 'persona'
	    | 'victima' | 'victim' | 'cliente' | 'customer' | 'client' | 'empleado' | 'employee' | 'usuario'
	    | 'atencion' | 'attn' | 'responsable' | 'propietari' [oa] | 'owner' | 'holder' | 'firmante'
	    | 'representante' (blank 'legal')? | 'author' | 'autor' | 'remitente' | 'destinatario'
	    | 'patient' | 'paciente' | 'signed' blank 'by' | 'firma' | 'person' | 'payee' | 'cn' | 'alumn' [oa]
	    | 'student' | 'denunciante' | 'afectad' [oa]) {
		return ends_word(text, at) ? name_key(text, start, at, false) : 0;
	}
	*/
}

/* ------------------------------------------------------------------ mailboxes */

/* An @, or what people write for it, from `start` on.  Behind the mailbox, or 0. */
static size_t
read_at_sign(struct privacy_text *text, size_t start)
{
	size_t at = start, marker = start, end;
	bool are_dots_words = false;

	/*!re2c
	* { return 0; }
	' '? '@' ' '? { goto found; }
	' '? [[({<] ('at' | 'arroba' | '@') ("]" | ")" | "}" | ">") ' '? { goto found; }
	' ' ('at' | 'arroba') ' ' {
		are_dots_words = true;
		goto found;
	}
	*/
found:
	/* "a@b": a blank on one side alone belongs to what is around it */
	if (text->text[start] == ' ' && text->text[start + 1] == '@' && text->text[at - 1] != ' ')
		return 0;
	end = privacy_mail_read(text, start, at, are_dots_words);
	if (end == 0 && text->text[start] == '@' && text->text[at - 1] == ' ')
		return 0;
	return end;
}

/* ------------------------------------------------------------------ base64 */

static bool
is_token_letter(uint8_t letter)
{
	return privacy_text_is_digit(letter) || ((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z') ||
	       letter == '+' || letter == '/';
}

/* A text that says something: letters and signs alone. */
static bool
is_prose(const uint8_t *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] < ' ' && text[i] != '\n' && text[i] != '\r' && text[i] != '\t')
			return false;
		if (text[i] == 0x7f)
			return false;
	}
	return len > 0;
}

static void scan_decoded(const struct privacy_text *outer);

/* What a token of base64 that begins at `start` says is read, too. */
static void
read_token(struct privacy_text *text, size_t start)
{
	struct bytes out = {text->decoded, 0, sizeof(text->decoded), sizeof(text->decoded), ERR_NONE};
	size_t end = start;

	while (is_token_letter(privacy_text_at(text, end)) && end - start < PRIVACY_AHEAD)
		end++;
	if (end - start < TOKEN_MIN || text->is_decoded)
		return;
	while ((end - start) % 4 != 0 && privacy_text_at(text, end) == '=')
		end++;
	end -= (end - start) % 4;
	if (base64_decode(bytes_view_of(text->text + start, end - start), &out) != ERR_NONE ||
	    !is_prose(out.data, out.len))
		return;
	text->decoded_len = out.len;
	text->decoded_from = start;
	text->decoded_span = end - start;
	scan_decoded(text);
}

/* ------------------------------------------------------------------ the whole */

static size_t
behind_word(const struct privacy_text *text, size_t at)
{
	while (privacy_text_is_word(privacy_text_at(text, at)))
		at++;
	return at;
}

/* The digits of a card's track follow a letter that belongs to none. */
static bool
is_track(const struct privacy_text *text, size_t at)
{
	return at > 0 && text->text[at - 1] == '%' && (text->text[at] | 0x20) == 'b' &&
	       privacy_text_is_digit(privacy_text_at(text, at + 1));
}

static size_t
read_word(struct privacy_text *text, size_t at)
{
	size_t end;

	if (is_track(text, at))
		return at + 1;
	if (text->own->ranges_count > 0 || text->own->domains_count > 0)
		privacy_mail_own(text, at);
	if (privacy_text_is_digit(text->text[at]))
		return privacy_number_read(text, at);
	end = read_code(text, at);
	if (end == 0)
		end = read_key(text, at);
	if (end != 0)
		return end;
	read_token(text, at);
	return behind_word(text, at);
}

/* What begins at `at`; gives where reading goes on, behind it. */
static size_t
step(struct privacy_text *text, size_t at)
{
	uint8_t letter = text->text[at], before = at > 0 ? text->text[at - 1] : 0;
	size_t end = 0;

	if (before == '\n')
		privacy_name_line(text, at);
	if (privacy_text_is_word(letter) || letter == '&')
		end = privacy_text_is_word(letter) ? read_word(text, at) : read_code(text, at);
	else if (letter == '@' || letter == ' ' || letter == '[' || letter == '(' || letter == '{' ||
		 letter == '<')
		end = read_at_sign(text, at);
	return end > at ? end : at + 1;
}

static void
read_window(struct privacy_text *text, size_t *at, size_t until)
{
	while (*at < until)
		*at = step(text, *at);
}

/* A text that is as it is read: no copy is made. */
static void
scan_plain(struct privacy_text *text, struct bytes_view raw)
{
	size_t at = 0;

	text->text = raw.data;
	text->len = raw.len;
	text->raw_end = raw.len;
	read_window(text, &at, raw.len);
}

/* Window by window: the last part of one is the first of the next. */
static void
scan_folded(struct privacy_text *text, struct bytes_view raw)
{
	uint8_t folded[WINDOW_CHARS];
	uint32_t from[WINDOW_CHARS];
	size_t raw_at = 0, at = 0, gone;

	text->text = folded;
	text->from = from;
	for (;;) {
		text->len += privacy_fold(raw, &raw_at, folded + text->len, from + text->len,
		    WINDOW_CHARS - text->len);
		text->raw_end = raw_at;
		if (raw_at == raw.len)
			break;
		read_window(text, &at, text->len - PRIVACY_AHEAD);
		gone = at > PRIVACY_BEHIND ? at - PRIVACY_BEHIND : 0;
		text->len -= gone;
		memmove(folded, folded + gone, text->len);
		memmove(from, from + gone, text->len * sizeof(*from));
		text->base += gone;
		at -= gone;
	}
	read_window(text, &at, text->len);
}

static void
scan(struct privacy_text *text, struct bytes_view raw)
{
	if (privacy_fold_is_plain(raw))
		scan_plain(text, raw);
	else
		scan_folded(text, raw);
}

static size_t
raw_offset(const struct privacy_text *text, size_t at)
{
	return text->from == NULL ? at : text->from[at] & ~PRIVACY_FOLD_ALIKE;
}

static void
scan_decoded(const struct privacy_text *outer)
{
	struct privacy_text text = {.place = outer->place,
	    .index = outer->index,
	    .own = outer->own,
	    .record = outer->record,
	    .report = outer->report,
	    .is_decoded = true,
	    .decoded_from = raw_offset(outer, outer->decoded_from),
	    .decoded_span = outer->decoded_span};

	scan(&text, bytes_view_of(outer->decoded, outer->decoded_len));
}

void
privacy_scan_declared(struct bytes_view raw, enum privacy_place place, uint32_t index,
    const struct privacy_own *own, const struct record *record, struct privacy_report *report)
{
	struct privacy_text text = {
	    .place = place, .index = index, .own = own, .record = record, .report = report};

	assert(own->ranges_count <= PRIVACY_OWN_MAX && own->domains_count <= PRIVACY_OWN_MAX);
	scan(&text, raw);
}

void
privacy_scan(struct bytes_view text, enum privacy_place place, uint32_t index,
    const struct privacy_own *own, struct privacy_report *report)
{
	privacy_scan_declared(text, place, index, own, NULL, report);
}
