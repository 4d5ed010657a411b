import type { Region } from '../region.ts';

/**
 * The text that `npm start` prints when the region is ready. Its commands work unchanged in any
 * POSIX shell and in zsh, pasted at once or step by step. zsh takes no comments at its prompt, so
 * each step is explained by an `echo` without apostrophes.
 *
 * @param ownServices names of the user's own services. @default the demo services
 */
export function welcome(
	{
		url,
		control,
		issuer,
		idToken,
		page,
		freezes,
	}: Pick<Region, 'url' | 'control' | 'issuer' | 'idToken' | 'freezes'> & Page,
	ownServices?: readonly string[],
): string {
	const service = ownServices?.[0] ?? 'billing';
	return `Leasehold is running. Ctrl-C stops it and removes everything that it started.

  HTTP API  ${url}
  control   ${control}
  issuer    ${issuer}

${freezes ? standing : running}
${page === undefined ? '' : openPage(page)}
To try it with curl, paste these commands into another shell:

URL=${url}
CONTROL=${control}
TOKEN=${idToken}

echo '== Log in as "ada", who may read bills. One session server, the owner, now has the session in its memory.'
LOGIN=$(curl -si $URL/v1/sessions -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"delivery":"bearer"}')
SESSION=$(printf '%s' "$LOGIN" | sed -n 's/.*"token":"\\([^"]*\\)".*/\\1/p')
OWNER=$(printf '%s' "$LOGIN" | sed -n 's/^x-local-process: \\([a-z0-9-]*\\).*/\\1/p')
printf '%s\\n' "$LOGIN"

echo '== Kill the owner. When its lease has expired, the session server that gets the next request adopts the session.'
echo '   The evidence says "failover".'
curl -s $CONTROL/instances
curl -s -X POST $CONTROL/instances/$OWNER/kill
sleep 12
curl -si "$URL/v1/authorize?service=${service}" -H "authorization: Bearer $SESSION"

echo '== Show the session, and change an attribute.'
curl -s -w '\\n' $URL/v1/session -H "authorization: Bearer $SESSION"
curl -s -w '\\n' -X PATCH $URL/v1/session -H "authorization: Bearer $SESSION" -H 'content-type: application/json' -d '{"attributes":{"theme":"dark"}}'

${ownServices === undefined ? stepUp : ''}echo '== List all sessions of "ada", and end all but this one.'
curl -s -w '\\n' $URL/v1/sessions -H "authorization: Bearer $SESSION"
curl -s -w '\\n' -X DELETE $URL/v1/sessions -H "authorization: Bearer $SESSION"

echo '== Make the DynamoDB repository fail. S3 stores the next change, and a repair for DynamoDB waits in the queue.'
curl -s -X PUT $CONTROL/services/dynamodb -d '{"fault":"error"}'
curl -s -w '\\n' -X PATCH $URL/v1/session -H "authorization: Bearer $SESSION" -H 'content-type: application/json' -d '{"attributes":{"theme":"light"}}'
curl -s -w '\\n' $URL/health
curl -s $CONTROL/queues

echo '== Make it work again. Within seconds it has caught up, and the queue is empty.'
curl -s -X PUT $CONTROL/services/dynamodb -d '{"fault":"none"}'
until curl -s $CONTROL/queues | grep '"waiting":0,"inFlight":0'; do sleep 1; done
curl -s -w '\\n' $URL/health

echo '== Log out. From now on the session is refused.'
curl -si -X DELETE $URL/v1/session -H "authorization: Bearer $SESSION"
curl -s -w '\\n' $URL/v1/session -H "authorization: Bearer $SESSION"
`;
}

const standing =
	'Between requests, functions stand still and lose idle connections, as in Lambda (--never-freeze lets them run).';
const running = 'Functions run on between requests. Lambda would freeze them.';

interface Page {
	/** Address of the example application. */
	readonly page?: string | undefined;
}

function openPage(page: string): string {
	return `
To try it in a browser, open this page. Log in, unlock the private notes with a second factor, and log out:

  ${page}
`;
}

/** Only the demo services are known to include one that requires two factors. */
const stepUp = `echo '== The service "payments" requires two factors: it answers 403 step_up_required. Log in with two, and it answers 204.'
curl -s -w '\\n' "$URL/v1/authorize?service=payments" -H "authorization: Bearer $SESSION"
STRONG=$(curl -s $CONTROL/id-tokens -d '{"subject":"ada","acr":"aal2"}' | sed 's/.*"idToken":"\\([^"]*\\)".*/\\1/')
LOGIN=$(curl -s $URL/v1/sessions -H "authorization: Bearer $STRONG" -H 'content-type: application/json' -d '{"delivery":"bearer"}')
STRONG=$(printf '%s' "$LOGIN" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
curl -si "$URL/v1/authorize?service=payments" -H "authorization: Bearer $STRONG"

`;
