#!/bin/bash
# Loads one of our firewalls into a network namespace of its own, beside another that
# answers for every address of the world, and tells what becomes of connections.
#
#   unshare -Urn bash firewall.sh RULES worker|serve ALLOWED
#
# Reads lines "out ADDRESS PORT" and "in FROM PORT" and repeats each, in any order, with
# "passed", "refused" or, if nothing came back to one who knocks for three seconds,
# "silence". Nobody listens anywhere: a connection that passes is reset by who is at its
# end, one that the firewall refuses comes to another error.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
rules=$1 role=$2 allowed=$3
here=172.30.77.10
asked=()

unshare -n sleep infinity & far=$!
sh_far() { nsenter -t "$far" -n "$@"; }
trap 'kill "$far" "${firewall:-$far}" 2>/dev/null || true' EXIT
until [[ $(readlink /proc/$far/ns/net) != $(readlink /proc/self/ns/net) ]]; do :; done

ip link add near type veth peer name far
ip link set far netns "$far"
ip link set lo up
ip address add $here/24 dev near
ip link set near up
sh_far ip link set lo up
sh_far ip address add 172.30.77.1/24 dev far
for store in 172.30.77.130 172.30.77.131; do sh_far ip address add $store/24 dev far; done
sh_far ip address add 9.9.9.9/32 dev lo # somebody who comes from outside
sh_far ip link set far up
sh_far ip route add local default dev lo table main
ip route add default via 172.30.77.1

coproc egress { exec env PASBAN_RULES="$rules" PASBAN_RESOLVERS="1.1.1.1" PASBAN_STORE=172.30.77.0/24 \
	PASBAN_CANARY=$here PASBAN_ALLOW="$allowed" sh "$rules/egress.sh" "$role" 2>&1; }
firewall=$egress_PID
read -r said <&"${egress[0]}" || said=nothing
[[ $said == *loaded* ]] || { echo "the firewall was not loaded: $said" >&2; exit 1; }

attempt() { # ADDRESS PORT SECONDS
	local said
	said=$(timeout "$3" bash -c "exec 3<>/dev/tcp/$1/$2" 2>&1) && { echo passed; return; }
	case $said in
	*"Connection refused"*) echo passed ;;
	"") echo silence ;;
	*) echo refused ;;
	esac
}
export -f attempt

while read -r way address port; do
	case $way in
	out) echo "$way $address $port $(attempt "$address" "$port" 20)" & asked+=($!) ;;
	in)
		sh_far ip route replace $here/32 dev far src "$address"
		echo "$way $address $port $(sh_far bash -c "attempt $here $port 1")"
		;;
	esac
	done
[[ ${#asked[@]} == 0 ]] || wait "${asked[@]}"
