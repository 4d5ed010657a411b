/**
 * `npm run fuzz`: sends hostile events to the API and hostile messages to the bus, in memory. The
 * same seed always makes the same events.
 */
import { openMessage } from '../../functions/protocol/messages.ts';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import { decodeEvent, encodeResponse } from '../../functions/session-server/http/exchange.ts';
import { explainUsage, readOptions, refusePositionals, wholeNumber } from '../../local/cli/options.ts';
import { createRandom, type Random } from '../simulation/engine/random.ts';
import { createMemoryDeployment } from '../support/memory/memory-deployment.ts';
import { type Credentials, hostileEvent, hostileMessage, listedOrigin } from './hostile-events.ts';

const usage = `Usage: npm run fuzz -- [options]

Sends hostile events to the API, and a hostile message to the bus with each. Exits with status 1 if
one of them ends in an exception, in a 5xx of the API itself, lets a client in without a token, or is
answered to a page of another origin.

  --events N     the number of events (100000 by default)
  --from SEED    the seed of the first thousand events (1 by default)
  --json         print the result as one line of JSON
  --help         print this text
`;

const countMax = 1_000_000_000;
const eventsPerSeed = 1_000;

const commandLine = readOptions(
	process.argv.slice(2),
	{
		events: { type: 'string', default: '100000' },
		from: { type: 'string', default: '1' },
		json: { type: 'boolean', default: false },
	},
	({ events, from, json }, positionals) => {
		refusePositionals(positionals);
		return {
			events: wholeNumber('--events', events, 1, countMax),
			from: wholeNumber('--from', from, 1, countMax),
			json,
		};
	},
);

const byStatus: Record<string, number> = {};

/** Sends events to a new deployment. Returns what went wrong, if anything did. */
async function fuzz(seed: number, events: number): Promise<string | undefined> {
	const random = createRandom(seed);
	const { api, clock } = createMemoryDeployment(['draft'], {
		carries: true,
		origins: [listedOrigin],
		cookie: { renewalSeconds: 60 },
		randomBytes: (length) => random.bytes(length),
		verifyIdToken: async (text) =>
			text === 'id-token'
				? {
						kind: 'verified',
						identity: { subject: 'iss:ann', scopes: [], assuranceLevel: 1, authenticatedAtMs: clock.now().wallMs },
						timeouts: { usual: timeoutPresets.aal3, persistent: timeoutPresets.aal2 },
					}
				: { kind: 'refused', reason: 'not the ID token' },
	});
	let credentials: Credentials = { token: '', copy: '' };
	for (let index = 0; index < events; index++) {
		// An event may have ended the session.
		if (index % 20 === 0) credentials = await login(api);
		const where = `seed ${seed}, event ${index}`;
		const failure = await send(api, random, credentials).catch((error: unknown) => `threw ${String(error)}`);
		if (failure !== undefined) return `${where}: ${failure}`;
		clock.advance(random.between(0, 400));
		try {
			openMessage(hostileMessage(random));
		} catch (error) {
			return `${where}: the message threw ${String(error)}`;
		}
	}
	return undefined;
}

type Api = ReturnType<typeof createMemoryDeployment>['api'];

async function login(api: Api): Promise<Credentials> {
	const headers = { authorization: 'Bearer id-token' };
	const body = Buffer.from('{"delivery":"bearer"}');
	const request = { method: 'POST', path: '/v1/sessions', query: new URLSearchParams(), headers, cookies: [], body };
	const { body: answer = '', headers: given } = await api(request, 'login');
	const copy = given['leasehold-copy'];
	if (copy === undefined) throw new Error('the login gave no copy to carry');
	return { token: JSON.parse(answer).token, copy };
}

async function send(api: Api, random: Random, credentials: Credentials): Promise<string | undefined> {
	const { event, carriesToken } = hostileEvent(random, credentials);
	const { statusCode = 0, headers = {} } = encodeResponse(await api(decodeEvent(event), 'fuzz'));
	byStatus[statusCode] = (byStatus[statusCode] ?? 0) + 1;
	if (Object.hasOwn(headers, 'access-control-allow-origin')) return `could be read: ${JSON.stringify(event)}`;
	// The service of a forwarded request is unreachable.
	if (statusCode >= 500 && statusCode !== 502) return `was answered ${statusCode}`;
	// A logout without a session only leads to its `return_to`.
	const isOpen =
		/^\/(health|openapi\.json|v1\/logout)$/.test(event.rawPath) || event.headers['authorization'] === 'Bearer id-token';
	return statusCode < 400 && !carriesToken && !isOpen ? `was let in: ${JSON.stringify(event)}` : undefined;
}

if (commandLine.kind === 'run') {
	const { events, from, json } = commandLine;
	const begun = performance.now();
	let failure: string | undefined;
	let sent = 0;
	for (let seed = from; sent < events && failure === undefined; seed++) {
		const now = Math.min(eventsPerSeed, events - sent);
		failure = await fuzz(seed, now);
		sent += now;
	}
	const perSecond = Math.round((sent / (performance.now() - begun)) * 1_000);
	const result = { events: sent, perSecond, byStatus, ...(failure === undefined ? {} : { failure }) };
	process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, '  ')}\n`);
	if (failure !== undefined) process.exitCode = 1;
} else explainUsage(commandLine, usage);
