#!/bin/sh
# Loads the firewall, then holds the network namespace for the workers.
#
#   PASBAN_RESOLVERS  name servers the workers may ask, separated by blanks
#   PASBAN_STORE      subnet of the database and the evidence store
#
# Runs as nobody: only nft itself carries CAP_NET_ADMIN, as a file capability.
set -eu

resolvers=$(echo "$PASBAN_RESOLVERS" | tr -s ' ,' '\n\n' | paste -sd, -)
nft -D "resolvers={$resolvers}" -D "store=$PASBAN_STORE" -f /etc/pasban/firewall.nft
echo "egress: firewall loaded; names from $resolvers, stores in $PASBAN_STORE"
exec sleep infinity
