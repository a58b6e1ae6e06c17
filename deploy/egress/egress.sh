#!/bin/sh
# Loads the firewall of its argument, worker or serve, then holds the network namespace.
#
#   PASBAN_RESOLVERS  name servers that may be asked, separated by blanks
#   PASBAN_STORE      subnet of the database and the evidence store
#   PASBAN_CANARY     address at which serve shows its canaries
#   PASBAN_ALLOW      what may be reached although it is not public: address:port or
#                     range:port, separated by blanks; default nothing
#
# Runs as nobody: only nft itself carries CAP_NET_ADMIN, as a file capability.
set -eu

rules=${PASBAN_RULES:-/etc/pasban}
listed() { echo "$1" | tr -s ' ,' '\n\n' | sed '/^$/d' | paste -sd, -; }

resolvers=$(listed "$PASBAN_RESOLVERS")
allow=$(listed "${PASBAN_ALLOW:-}")
# In one transaction: there is no moment with half of a firewall.
{
	cat "$rules/$1.nft"
	[ -z "$allow" ] || echo "add element inet pasban allowed { $(echo "$allow" | sed 's/:/ . /g') }"
} | nft -I "$rules" -D "resolvers={$resolvers}" -D "store=$PASBAN_STORE" -D "canary=$PASBAN_CANARY" -f -
echo "egress: firewall of $1 loaded; names from $resolvers, stores in $PASBAN_STORE${allow:+, and $allow}"
exec sleep infinity
