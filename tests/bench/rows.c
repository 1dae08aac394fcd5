/*
 * rows FIRST COUNT [RATE]: rows FIRST.. of a feed as CSV on standard output, at most RATE a second.
 *
 * Row n is the same text in every run: 40 % domains under about a quarter as many registered
 * names, 30 % addresses of all of IPv4, 20 % URLs, 10 % SHA-256, each with a sentence of words that
 * come back and one of 99,991 case numbers, so that a record has about 450 bytes.
 */
#include "tests/bench/measure.h"

#define WORDS 17u /* a note */
#define CASES 99991u
#define BURST 500u

static const char *const words[] = {"phishing", "campaign", "against", "customers", "of", "banks",
    "seen", "in", "mail", "gateway", "loader", "beacon", "kit", "panel", "credential", "theft",
    "invoice", "lure", "dropper", "command", "server", "reported", "by", "partner", "blocked",
    "confirmed", "sandbox", "sample", "family", "variant", "wallet", "transfer"};

static void
print_value(uint64_t n)
{
	uint64_t a = measure_mix(n), b = measure_mix(a), c = measure_mix(b), d = measure_mix(c);

	switch (n % 10) {
	case 0:
	case 1:
	case 2:
	case 3:
		(void)printf("domain,h%llx.evil%llu.example", (unsigned long long)(a >> 28),
		    (unsigned long long)(b % 1000000));
		break;
	case 4:
	case 5:
	case 6:
		(void)printf("ipv4,%u.%u.%u.%u", (unsigned)(a % 223 + 1), (unsigned)(a >> 16 & 255),
		    (unsigned)(a >> 24 & 255), (unsigned)(a >> 32 & 255));
		break;
	case 7:
	case 8:
		(void)printf("url,https://w%llx.evil%llu.example/p/%llx",
		    (unsigned long long)(a >> 40), (unsigned long long)(b % 1000000),
		    (unsigned long long)(c >> 20));
		break;
	default:
		(void)printf("sha256,%016llx%016llx%016llx%016llx", (unsigned long long)a,
		    (unsigned long long)b, (unsigned long long)c, (unsigned long long)d);
		break;
	}
}

static void
print_row(uint64_t n)
{
	uint64_t bits = measure_mix(n ^ UINT64_C(0x5555555555555555));
	unsigned i;

	print_value(n);
	(void)printf(",%u,", (unsigned)(bits % 101));
	for (i = 0; i < WORDS; i++) {
		if (i % 12 == 0)
			bits = measure_mix(bits);
		(void)printf("%s%s", i == 0 ? "" : " ", words[bits >> 5 * (i % 12) & 31]);
	}
	(void)printf(" case%llu\n", (unsigned long long)(n % CASES));
}

int
main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 0, i;
	uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	double rate = argc > 3 ? strtod(argv[3], NULL) : 0, begin = measure_now();

	if (argc < 3)
		measure_die("rows", "usage: rows FIRST COUNT [RATE]");
	(void)printf("type,value,confidence,note\n");
	for (i = 0; i < count; i++) {
		double ahead = rate > 0 ? (double)i / rate - (measure_now() - begin) : 0;

		if (i % BURST == 0 && ahead > 0) {
			struct timespec nap = {
			    (time_t)ahead, (long)((ahead - (double)(time_t)ahead) * 1e9)};

			(void)fflush(stdout);
			(void)nanosleep(&nap, NULL);
		}
		print_row(first + i);
	}
	measure_need(fflush(stdout) == 0, "standard output");
	return 0;
}
