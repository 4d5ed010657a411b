import type { Region } from './region.ts';

/** What `npm start` prints when the region is ready: commands for bash that work as they stand. */
export function welcome({ url, control, issuer, idToken }: Region): string {
	return `Leasehold runs. Ctrl-C stops it and leaves nothing behind.

  HTTP API  ${url}
  control   ${control}
  issuer    ${issuer}

To try it, paste into another shell:

URL=${url}
CONTROL=${control}
# Logs in "ada", who may read bills, for twelve hours.
TOKEN=${idToken}

# Log in. The session is now in the memory of one session server, its owner.
LOGIN=$(curl -si $URL/v1/sessions -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"delivery":"bearer"}')
SESSION=$(sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p' <<<"$LOGIN")
OWNER=$(sed -n 's/^x-local-process: \\([a-z0-9-]*\\).*/\\1/p' <<<"$LOGIN")

# Kill the owner. When its lease has run out, the session server that gets the next request takes the session over:
# the evidence says "failover".
curl -s $CONTROL/instances
curl -s -X POST $CONTROL/instances/$OWNER/kill
sleep 12
curl -si "$URL/v1/authorize?service=billing" -H "authorization: Bearer $SESSION"

# Look at the session, and change an attribute.
curl -s $URL/v1/session -H "authorization: Bearer $SESSION"
curl -s -X PATCH $URL/v1/session -H "authorization: Bearer $SESSION" -H 'content-type: application/json' -d '{"attributes":{"theme":"dark"}}'

# List all of ada's sessions, and end the others.
curl -s $URL/v1/sessions -H "authorization: Bearer $SESSION"
curl -s -X DELETE $URL/v1/sessions -H "authorization: Bearer $SESSION"

# Take a repository away, and give it back.
curl -s -X PUT $CONTROL/services/dynamodb -d '{"fault":"error"}'
curl -si "$URL/v1/authorize?service=billing" -H "authorization: Bearer $SESSION"
curl -s -X PUT $CONTROL/services/dynamodb -d '{"fault":"none"}'

# Log out.
curl -si -X DELETE $URL/v1/session -H "authorization: Bearer $SESSION"
`;
}
