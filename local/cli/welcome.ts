import type { Region } from '../region.ts';

/**
 * What `npm start` prints when the region is ready: commands that work as they stand, pasted at once or step by step, into any
 * POSIX shell and zsh, which takes no comments at its prompt. So what a step is about is echoed, without an apostrophe.
 *
 * @param ownServices names of the services, where they are not the region's own
 */
export function welcome(
	{ url, control, issuer, idToken }: Pick<Region, 'url' | 'control' | 'issuer' | 'idToken'>,
	ownServices?: readonly string[],
): string {
	const service = ownServices?.[0] ?? 'billing';
	return `Leasehold runs. Ctrl-C stops it and leaves nothing behind.

  HTTP API  ${url}
  control   ${control}
  issuer    ${issuer}

To try it, paste into another shell:

URL=${url}
CONTROL=${control}
TOKEN=${idToken}

echo '== Log in "ada", who may read bills. The session is now in the memory of one session server, its owner.'
LOGIN=$(curl -si $URL/v1/sessions -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"delivery":"bearer"}')
SESSION=$(printf '%s' "$LOGIN" | sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p')
OWNER=$(printf '%s' "$LOGIN" | sed -n 's/^x-local-process: \\([a-z0-9-]*\\).*/\\1/p')
printf '%s\\n' "$LOGIN"

echo '== Kill the owner. When its lease has run out, the session server that gets the next request takes the session over:'
echo '   the evidence says "failover".'
curl -s $CONTROL/instances
curl -s -X POST $CONTROL/instances/$OWNER/kill
sleep 12
curl -si "$URL/v1/authorize?service=${service}" -H "authorization: Bearer $SESSION"

echo '== Look at the session, and change an attribute.'
curl -s -w '\\n' $URL/v1/session -H "authorization: Bearer $SESSION"
curl -s -w '\\n' -X PATCH $URL/v1/session -H "authorization: Bearer $SESSION" -H 'content-type: application/json' -d '{"attributes":{"theme":"dark"}}'

${ownServices === undefined ? stepUp : ''}echo '== List all sessions of "ada", and end the others.'
curl -s -w '\\n' $URL/v1/sessions -H "authorization: Bearer $SESSION"
curl -s -w '\\n' -X DELETE $URL/v1/sessions -H "authorization: Bearer $SESSION"

echo '== Take a repository away. What is changed meanwhile is there, and waits in the queue for the other one.'
curl -s -X PUT $CONTROL/services/dynamodb -d '{"fault":"error"}'
curl -s -w '\\n' -X PATCH $URL/v1/session -H "authorization: Bearer $SESSION" -H 'content-type: application/json' -d '{"attributes":{"theme":"light"}}'
curl -s -w '\\n' $URL/health
curl -s $CONTROL/queues

echo '== Give it back. It catches up, and within seconds nothing waits any more.'
curl -s -X PUT $CONTROL/services/dynamodb -d '{"fault":"none"}'
until curl -s $CONTROL/queues | grep '"waiting":0,"inFlight":0'; do sleep 1; done
curl -s -w '\\n' $URL/health

echo '== Log out. The session is of no more use.'
curl -si -X DELETE $URL/v1/session -H "authorization: Bearer $SESSION"
curl -s -w '\\n' $URL/v1/session -H "authorization: Bearer $SESSION"
`;
}

/** Only the region's own services are known to have one that asks for more. */
const stepUp = `echo '== The service "payments" asks for two factors: 403 step_up_required. Log in with two, and it is 204.'
curl -s -w '\\n' "$URL/v1/authorize?service=payments" -H "authorization: Bearer $SESSION"
STRONG=$(curl -s $CONTROL/id-tokens -d '{"subject":"ada","acr":"aal2"}' | sed 's/.*"idToken":"\\([^"]*\\)".*/\\1/')
LOGIN=$(curl -s $URL/v1/sessions -H "authorization: Bearer $STRONG" -H 'content-type: application/json' -d '{"delivery":"bearer"}')
STRONG=$(printf '%s' "$LOGIN" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -si "$URL/v1/authorize?service=payments" -H "authorization: Bearer $STRONG"

`;
