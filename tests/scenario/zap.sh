#!/usr/bin/env bash
# A node whose ZAP handler is switched off exchanges nothing: it does not even start, and a
# server that enforces its domain without a handler lets nobody in (a regression of libzmq's trap).
# shellcheck source=tests/scenario/lib.sh
. "$(dirname "$0")/lib.sh"
cat >"$work/nozap.c" <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
int zmq_bind(void *socket, const char *endpoint)
{
	int (*real)(void *, const char *) = (int (*)(void *, const char *))dlsym(RTLD_NEXT, "zmq_bind");
	return strcmp(endpoint, "inproc://zeromq.zap.01") == 0 ? 0 : real(socket, endpoint);
}
C
gcc -shared -fPIC -o "$work/nozap.so" "$work/nozap.c" -ldl
cat >"$work/trap.c" <<'C'
#include <stdio.h>
#include <string.h>
#include <zmq.h>
/* got(enforce): does a server without a ZAP handler hear a client whose key it never saw? */
static int got(int enforce)
{
	char public_key[41], secret_key[41], client_public[41], client_secret[41], endpoint[256], word[8];
	size_t len = sizeof(endpoint);
	void *context = zmq_ctx_new(), *server = zmq_socket(context, ZMQ_ROUTER), *client = zmq_socket(context, ZMQ_DEALER);
	int one = 1, zero = 0, wait = 1500, heard;
	zmq_curve_keypair(public_key, secret_key);
	zmq_curve_keypair(client_public, client_secret);
	zmq_setsockopt(server, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(client, ZMQ_LINGER, &zero, sizeof(zero));
	zmq_setsockopt(server, ZMQ_CURVE_SERVER, &one, sizeof(one));
	zmq_setsockopt(server, ZMQ_CURVE_SECRETKEY, secret_key, 40);
	zmq_setsockopt(server, ZMQ_ZAP_DOMAIN, "malla", 5);
	zmq_setsockopt(server, ZMQ_RCVTIMEO, &wait, sizeof(wait));
	if (enforce && zmq_setsockopt(server, 93, &one, sizeof(one)) != 0)
		return -1;
	zmq_bind(server, "tcp://127.0.0.1:*");
	zmq_getsockopt(server, ZMQ_LAST_ENDPOINT, endpoint, &len);
	zmq_setsockopt(client, ZMQ_CURVE_SERVERKEY, public_key, 40);
	zmq_setsockopt(client, ZMQ_CURVE_PUBLICKEY, client_public, 40);
	zmq_setsockopt(client, ZMQ_CURVE_SECRETKEY, client_secret, 40);
	zmq_connect(client, endpoint);
	zmq_send(client, "x", 1, 0);
	heard = zmq_recv(server, word, sizeof(word), 0) >= 0;
	zmq_close(server); zmq_close(client); zmq_ctx_term(context);
	return heard;
}
int main(void)
{
	int open = got(0), enforced = got(1);
	printf("without option 93: %d, with it: %d\n", open, enforced);
	return !(open == 1 && enforced == 0);
}
C
gcc -o "$work/trap" "$work/trap.c" -lzmq
"$work/trap" || fail "libzmq no longer does what the trap says: look at the options again"

found bank "Banco Uno" bank; found telco "Telco Dos" telecom
start bank; start telco; befriend bank telco
m bank share indicator domain before.example --tlp green -q >/dev/null
wait_for telco 'value = before.example' 1
stop telco
m bank share indicator domain after.example --tlp green -q >/dev/null
code=0
LD_PRELOAD="$work/nozap.so" timeout 30 "$bin/mallad" --home "$work/telco" >"$work/nozap.log" 2>&1 || code=$?
[ $code != 0 ] && [ $code != 124 ] || { cat "$work/nozap.log"; fail "it runs without a ZAP handler (exit code $code)"; }
grep "does not answer" "$work/nozap.log" >/dev/null || { cat "$work/nozap.log"; fail "it does not say why"; }
[ "$(field bank 's["peers"][0]["state"]')" != open ] || fail "a session with it"
start telco
wait_for telco 'value = after.example' 1 60
echo "no handler, no node"
