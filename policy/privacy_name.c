#include "policy/privacy_name.h"

#include <string.h>

#define WORDS_MAX 6u
#define WORD_BYTES_MAX 24u
#define VALUE_BYTES_MAX 96u
#define LINE_BYTES_MAX (PRIVACY_AHEAD / 2)

/* Names that many people of Mexico and of the English-speaking world have; without marks, in
   small letters, ascending. */
/* clang-format off */
static const char *const given_names[] = {
    "aaron", "abel", "abigail", "abraham", "adalberto", "adam", "adan", "adela", "adolfo",
    "adrian", "adriana", "agustin", "aida", "alan", "alba", "albert", "alberto", "aldo",
    "alejandra", "alejandro", "alex", "alexander", "alexandra", "alexis", "alfonso", "alfredo",
    "alicia", "alma", "alonso", "alvaro", "amalia", "amanda", "amelia", "america", "amy", "ana",
    "anabel", "anahi", "andrea", "andres", "andrew", "angel", "angela", "angelica", "angelina",
    "anna", "anne", "anthony", "antonia", "antonio", "araceli", "ariadna", "ariana", "ariel",
    "armando", "arnulfo", "arthur", "arturo", "ashley", "aurelio", "aurora", "barbara",
    "beatriz", "belen", "benito", "benjamin", "bernardo", "berta", "bertha", "betty", "blanca",
    "brandon", "brenda", "brian", "bruno", "camila", "camilo", "carla", "carlos", "carmen",
    "carol", "carolina", "caroline", "catalina", "catherine", "cecilia", "celia", "cesar",
    "charles", "christian", "christina", "christine", "christopher", "citlali", "clara",
    "claudia", "claudio", "concepcion", "consuelo", "cristian", "cristina", "cristobal",
    "cuauhtemoc", "cynthia", "dalia", "damian", "daniel", "daniela", "danielle", "dario",
    "david", "deborah", "debra", "delia", "denise", "dennis", "diana", "diego", "dolores",
    "domingo", "donald", "donna", "dora", "dorothy", "douglas", "dulce", "edgar", "edith",
    "edmundo", "edna", "eduardo", "edward", "efrain", "elena", "elias", "elisa", "eliseo",
    "elizabeth", "eloisa", "elsa", "elvia", "elvira", "emilia", "emiliano", "emilio", "emily",
    "emma", "emmanuel", "enrique", "eric", "erica", "erick", "erika", "ernesto", "esmeralda",
    "esperanza", "esteban", "estefania", "estela", "esther", "eugenia", "eugenio", "eva",
    "evangelina", "evelyn", "fabian", "fabiola", "fatima", "federico", "felipe", "felix",
    "fermin", "fernanda", "fernando", "fidel", "flor", "florencia", "frances", "francisca",
    "francisco", "frank", "gabriel", "gabriela", "gael", "gary", "genaro", "george", "georgina",
    "gerardo", "german", "gilberto", "gilda", "giovanni", "gloria", "gonzalo", "grace",
    "graciela", "gregorio", "gregory", "griselda", "guadalupe", "guillermina", "guillermo",
    "gustavo", "hannah", "harold", "heather", "hector", "helen", "helena", "henry", "heriberto",
    "hernan", "hilda", "homero", "horacio", "hortensia", "hugo", "humberto", "ignacio",
    "iliana", "ines", "inigo", "irene", "iris", "irma", "isaac", "isabel", "isabela", "isaias",
    "ismael", "israel", "itzel", "ivan", "ivonne", "jacinto", "jack", "jacob", "jacobo",
    "jacqueline", "jaime", "james", "jane", "janet", "janice", "jason", "javier", "jeffrey",
    "jennifer", "jeremy", "jerry", "jessica", "jesus", "jimena", "joan", "joaquin", "joel",
    "john", "johnny", "jonathan", "jorge", "jose", "josefa", "josefina", "joseph", "joshua",
    "josue", "joyce", "juan", "juana", "juanita", "judith", "julia", "julian", "juliana",
    "julie", "julieta", "julio", "justin", "karen", "karina", "karla", "katherine", "kathleen",
    "keith", "kelly", "kenneth", "kevin", "kimberly", "larry", "laura", "lauren", "leobardo",
    "leonardo", "leonel", "leonor", "leopoldo", "leslie", "leticia", "lidia", "lilia",
    "liliana", "lily", "linda", "lisa", "lizbeth", "lorena", "lorenzo", "lourdes", "lucas",
    "lucero", "lucia", "luciano", "lucy", "luis", "luisa", "luz", "lydia", "magdalena",
    "manuel", "manuela", "marcela", "marcelo", "marco", "marcos", "margaret", "margarita",
    "maria", "mariana", "maribel", "maricela", "marie", "mario", "marisol", "mark", "marlene",
    "marta", "martha", "martin", "mary", "mateo", "matthew", "mauricio", "maximiliano",
    "maximo", "mayra", "megan", "melanie", "melissa", "mercedes", "michael", "michelle",
    "miguel", "miriam", "moises", "monica", "monserrat", "nadia", "nancy", "natalia", "nathan",
    "nayeli", "nestor", "nicholas", "nicolas", "nicole", "noe", "noemi", "norma", "octavio",
    "ofelia", "olga", "olivia", "omar", "oralia", "orlando", "oscar", "osvaldo", "pablo",
    "pamela", "paola", "pascual", "patricia", "patrick", "paul", "paula", "paulina", "pedro",
    "perla", "peter", "philip", "pilar", "porfirio", "rachel", "rafael", "ramiro", "ramon",
    "ramona", "raquel", "raul", "raymond", "rebeca", "rebecca", "refugio", "regina", "rene",
    "reyna", "ricardo", "richard", "rigoberto", "robert", "roberto", "rocio", "rodolfo",
    "rodrigo", "rogelio", "roger", "rolando", "roman", "romina", "ronald", "rosa", "rosalba",
    "rosalia", "rosario", "rose", "roxana", "ruben", "ruth", "ryan", "salma", "salvador",
    "samantha", "samuel", "sandra", "santiago", "santos", "sara", "sarah", "saul", "scott",
    "sean", "sebastian", "selene", "sergio", "sharon", "sherry", "silvia", "simon", "sofia",
    "sonia", "sophia", "stephanie", "stephen", "steven", "susan", "susana", "sylvia", "tania",
    "teodoro", "teresa", "theresa", "thomas", "tiffany", "timothy", "tomas", "trinidad",
    "ulises", "valentin", "valentina", "valeria", "vanesa", "vanessa", "veronica", "vicente",
    "victor", "victoria", "virginia", "viridiana", "vivian", "walter", "wendy", "wilfrido",
    "william", "xavier", "ximena", "xochitl", "yadira", "yazmin", "yesenia", "yolanda",
    "zacarias", "zoe",
};

static const char *const family_names[] = {
    "acosta", "aguilar", "aguirre", "alvarado", "alvarez", "anderson", "arellano", "arias",
    "avila", "ayala", "baker", "barrera", "bautista", "becerra", "beltran", "benitez", "bernal",
    "blanco", "bravo", "brown", "cabrera", "calderon", "camacho", "campbell", "campos",
    "cardenas", "carrillo", "castaneda", "castillo", "castro", "cervantes", "cisneros", "clark",
    "contreras", "cordova", "corona", "coronado", "corral", "cortes", "cortez", "cruz",
    "cuevas", "davis", "delgado", "diaz", "dominguez", "duran", "edwards", "elizondo",
    "enriquez", "escobar", "escobedo", "espinosa", "espinoza", "estrada", "evans", "fernandez",
    "figueroa", "flores", "franco", "fuentes", "galindo", "gallegos", "galvan", "garcia",
    "garza", "gomez", "gonzales", "gonzalez", "green", "guerra", "guerrero", "gutierrez",
    "guzman", "hall", "harris", "hernandez", "herrera", "hill", "hinojosa", "huerta", "ibanez",
    "ibarra", "jackson", "jimenez", "johnson", "jones", "juarez", "king", "lara", "leon",
    "lewis", "lopez", "lozano", "lucero", "lugo", "luna", "macias", "maldonado", "marin",
    "marquez", "martinez", "medina", "mejia", "mendez", "mendoza", "mercado", "meza", "miller",
    "mitchell", "molina", "montes", "montoya", "mora", "morales", "moran", "moreno", "morris",
    "munoz", "murillo", "murphy", "najera", "nava", "navarro", "nelson", "nunez", "ocampo",
    "ochoa", "oconnor", "ojeda", "orozco", "ortega", "ortiz", "osorio", "pacheco", "padilla",
    "palacios", "paredes", "parker", "parra", "pena", "peralta", "perez", "phillips", "pineda",
    "ponce", "portilla", "quintero", "ramirez", "ramos", "rangel", "reyes", "rios", "rivas",
    "rivera", "robinson", "robles", "rocha", "rodriguez", "rojas", "romero", "rosales", "rosas",
    "rubio", "ruiz", "salas", "salazar", "salgado", "salinas", "sanchez", "sandoval", "santana",
    "santiago", "saucedo", "sepulveda", "serrano", "sierra", "silva", "smith", "solis", "sosa",
    "soto", "stewart", "suarez", "tapia", "taylor", "thompson", "torre", "torres", "trejo",
    "trevino", "trujillo", "turner", "valdes", "valdez", "valencia", "valenzuela", "vargas",
    "vasquez", "vazquez", "vega", "velasco", "velazquez", "velez", "vera", "villa",
    "villalobos", "villanueva", "villarreal", "villegas", "walker", "white", "williams",
    "wilson", "wright", "yanez", "young", "zamora", "zapata", "zarate", "zavala", "zuniga",
};
/* clang-format on */

/* What stands in a field of a name and is none; ascending. */
static const char *const no_names[] = {"a", "admin", "administrator", "all", "an", "and",
    "anonymous", "any", "array", "boolean", "char", "de", "default", "desconocido", "disabled",
    "el", "empty", "en", "enabled", "example", "false", "field", "first", "generic", "group",
    "guest", "hidden", "integer", "invalid", "is", "la", "last", "missing", "n", "nan", "ninguno",
    "no", "none", "not", "null", "of", "optional", "para", "pendiente", "por", "redacted",
    "required", "root", "service", "sin", "string", "system", "test", "text", "the", "true",
    "undefined", "unknown", "user", "vacio", "value", "varchar", "varios", "with", "withheld"};

static bool
is_among(const char *const *table, size_t count, const char *word)
{
	size_t low = 0, high = count, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = strcmp(word, table[middle]);
		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}
#define IS_AMONG(table, word) is_among(table, sizeof(table) / sizeof(*(table)), word)

/* ------------------------------------------------------------------ values */

struct value {
	size_t start;
	size_t end;
	size_t words;
	bool is_known; /* a word of it is a name that many people have, */
	bool is_given; /* the first one a given name */
	bool is_stopped;
};

/* A letter of a name, or a sign between two of them. */
static bool
is_name_letter(const struct privacy_text *text, size_t at)
{
	uint8_t letter = privacy_text_at(text, at);

	if (privacy_text_is_letter(letter))
		return true;
	return (letter == '\'' || letter == '-') && at > 0 &&
	       privacy_text_is_letter(text->text[at - 1]) &&
	       privacy_text_is_letter(privacy_text_at(text, at + 1));
}

static size_t
read_word(const struct privacy_text *text, size_t at, char *word)
{
	size_t len = 0;
	uint8_t letter;

	for (; is_name_letter(text, at); at++) {
		letter = privacy_text_lower(text->text[at]);
		if (letter == PRIVACY_FOLD_ENE)
			letter = 'n';
		if (privacy_text_is_letter(letter) && len < WORD_BYTES_MAX)
			word[len++] = (char)letter;
	}
	word[len] = '\0';
	return at;
}

static bool
is_blank(uint8_t letter)
{
	return letter == ' ' || letter == '+' || letter == PRIVACY_FOLD_SOFT;
}

/* Whether the word there is a given name: "Luna, Juan", and not "Luna, tel." */
static bool
is_given_at(const struct privacy_text *text, size_t at)
{
	char word[WORD_BYTES_MAX + 1];

	return privacy_text_at(text, at - 1) == ' ' && read_word(text, at, word) > at &&
	       IS_AMONG(given_names, word);
}

/* The words from `at` on.  False: there is none, or they go on as something else. */
static bool
read_value(const struct privacy_text *text, size_t at, struct value *out)
{
	char word[WORD_BYTES_MAX + 1];
	bool is_family;
	uint8_t behind;
	size_t end;

	*out = (struct value){.start = at, .end = at};
	while (out->words < WORDS_MAX && at - out->start < VALUE_BYTES_MAX) {
		end = read_word(text, at, word);
		if (end == at)
			break;
		is_family = IS_AMONG(family_names, word);
		if (out->words == 0) {
			out->is_given = IS_AMONG(given_names, word);
			out->is_stopped = end - at < 2 || IS_AMONG(no_names, word);
		}
		out->is_known = out->is_known || is_family || IS_AMONG(given_names, word);
		out->words++;
		out->end = end;
		/* an initial, "Juan P. Luna", or a comma, "Luna, Juan" */
		behind = privacy_text_at(text, end);
		if (behind == '.' && privacy_text_at(text, end + 1) == ' ')
			end++;
		else if (behind == ',' && is_given_at(text, end + 2))
			end++;
		if (!is_blank(privacy_text_at(text, end)))
			break;
		at = end + 1;
	}
	behind = privacy_text_at(text, out->end);
	if (privacy_text_is_digit(behind) || behind == '_' || behind == '@' || behind == '\\' ||
	    behind == '/')
		return false;
	/* a file or a host */
	if ((behind == '.' || behind == '-' || behind == ':') &&
	    privacy_text_is_word(privacy_text_at(text, out->end + 1)))
		return false;
	return out->words > 0 && !out->is_stopped;
}

static bool
is_name(const struct value *value, bool is_sure)
{
	if (is_sure)
		return value->end - value->start >= 2;
	return value->words >= 2 && value->words <= 5 && value->is_known;
}

static void
report(struct privacy_text *text, const struct value *value)
{
	privacy_text_report(text, PRIVACY_NAME, PRIVACY_LIKELY, value->start, value->end,
	    bytes_view_of(text->text + value->start, value->end - value->start));
}

/* ------------------------------------------------------------------ fields */

static bool
is_one_of(uint8_t letter, const char *signs)
{
	return letter != 0 && letter < 0x80 && strchr(signs, letter) != NULL;
}

/* Behind what stands between a key and its value: `": "`, `=`, `>`, ` | `; 0: nothing such. */
static size_t
skip_separator(const struct privacy_text *text, size_t at)
{
	size_t steps = 0;
	uint8_t letter;

	while (steps++ < 6 && is_one_of(privacy_text_at(text, at), "\"'*_ \t)]`"))
		at++;
	letter = privacy_text_at(text, at);
	if (letter == '(' && privacy_text_lower(privacy_text_at(text, at + 1)) == 's' &&
	    privacy_text_at(text, at + 2) == ')') { /* Nombre(s) */
		at += 3;
		letter = privacy_text_at(text, at);
	}
	if (!is_one_of(letter, ":=>|"))
		return 0;
	for (at++, steps = 0; steps < 8; at++, steps++) {
		if (!is_one_of(privacy_text_at(text, at), " \t\n\"'*_>|[({`="))
			break;
	}
	return at;
}

size_t
privacy_name_read(struct privacy_text *text, size_t end, bool is_sure)
{
	size_t at = skip_separator(text, end);
	struct value value;

	if (at == 0 || !read_value(text, at, &value) || !is_name(&value, is_sure))
		return 0;
	report(text, &value);
	return value.end;
}

/* ------------------------------------------------------------------ columns */

/* How many separators stand in the first line before `start`. */
static uint32_t
column_of(const struct privacy_text *text, size_t start)
{
	uint32_t column = 0;
	size_t at;

	for (at = 0; at < start; at++)
		column += text->text[at] == text->separator;
	return column;
}

void
privacy_name_column(struct privacy_text *text, size_t start, size_t end, enum privacy_column what)
{
	uint8_t before = start > 0 ? text->text[start - 1] : 0, sign;

	if (text->base > 0 || start > LINE_BYTES_MAX ||
	    text->columns_count == PRIVACY_COLUMNS_MAX || memchr(text->text, '\n', start) != NULL)
		return;
	if (before == '"' || before == '\'')
		before = start > 1 ? text->text[start - 2] : 0;
	sign = privacy_text_at(text, end);
	if (sign == '"' || sign == '\'')
		sign = privacy_text_at(text, end + 1);
	if (!is_one_of(sign, ",;\t|\n") || (before != 0 && !is_one_of(before, ",;\t|")))
		return;
	if (text->separator == 0)
		text->separator = sign == '\n' ? before : sign;
	if (text->separator == 0)
		text->separator = ',';
	text->columns[text->columns_count].at = column_of(text, start);
	text->columns[text->columns_count++].what = what;
}

static void
look_into_field(struct privacy_text *text, size_t start, enum privacy_column what)
{
	struct value value;

	while (is_one_of(privacy_text_at(text, start), " \"'"))
		start++;
	if (what == PRIVACY_COLUMN_PHONE)
		text->cue[PRIVACY_CUE_PHONE] = text->base + start;
	else if (read_value(text, start, &value) && is_name(&value, what == PRIVACY_COLUMN_NAME))
		report(text, &value);
}

void
privacy_name_line(struct privacy_text *text, size_t start)
{
	uint32_t column = 0, i;
	bool is_quoted = false;
	size_t at, field = start;

	if (text->columns_count == 0)
		return;
	for (at = start; at <= text->len && at - start < LINE_BYTES_MAX; at++) {
		uint8_t sign = privacy_text_at(text, at);

		is_quoted ^= sign == '"';
		if (sign != 0 && sign != '\n' && (sign != text->separator || is_quoted))
			continue;
		for (i = 0; i < text->columns_count; i++) {
			if (text->columns[i].at == column)
				look_into_field(text, field, text->columns[i].what);
		}
		if (sign != text->separator)
			return;
		column++;
		field = at + 1;
	}
}
