import { setTimeout as delay } from 'node:timers/promises';
import { createSigner, createVerifier } from 'fast-jwt';
import { sealData, unsealData } from 'iron-session';
import { jwtVerify, SignJWT } from 'jose';
import { readToken, tokenDigest } from '../../functions/access/token.ts';
import { createMemoryCopyKeys } from '../../functions/control-table/memory/copy-keys.ts';
import { withActivity } from '../../functions/session/lifetime.ts';
import { merge } from '../../functions/session/merge.ts';
import type { Authorize } from '../../functions/session-server/operations/authorize.ts';
import { systemTimerClock } from '../../functions/system/timers.ts';
import { jwtAudience, jwtIssuer, jwtSecret } from '../peers/jwt-peer.ts';
import { attributesOf } from '../peers/peer.ts';
import {
	benchKeyring,
	composeBus,
	composeSessionServer,
	createMemoryStores,
	overWire,
	service,
} from '../production/compose.ts';
import { type Figure, figuresOf } from '../results/result.ts';
import { sessionSeconds } from '../session-seconds.ts';
import { inRounds, type Measured } from '../statistics/rounds.ts';
import type { Benchmark } from './benchmark.ts';

/** One operation, called again and again. */
type Operation = () => unknown;

/** Operations that are compared with each other. The first one is Leasehold's. */
interface Workload {
	readonly workload: string;
	readonly operations: Readonly<Record<string, Operation>>;
}

const sizes = { small: { rounds: 5, ms: 30 }, full: { rounds: 15, ms: 300 } } as const;

/** Single steps of a decision, each in a loop in this process. */
export const micro: Benchmark = {
	what: 'single steps: verify a token, decide from memory or a carried copy, merge',
	contenders: ['leasehold', 'iron-session', 'jose', 'fast-jwt'],
	async run({ size, report }) {
		const { rounds, ms } = sizes[size];
		const figures: Figure[] = [];
		for (const { workload, operations } of await createWorkloads()) {
			report(workload);
			for (const operation of Object.values(operations)) await timed(operation, ms / 2);
			const measured = await inRounds(Object.keys(operations), rounds, (name) =>
				timed(operationOf(operations, name), ms),
			);
			figures.push(...figuresOf(workload, { time: 'µs', processor: 'µs' }, measured));
		}
		return { settings: { 'milliseconds of each round': ms }, figures };
	},
};

function operationOf(operations: Workload['operations'], name: string): Operation {
	const operation = operations[name];
	if (operation === undefined) throw new Error(`There is no operation "${name}".`);
	return operation;
}

/** The mean time of one call, in microseconds, and the processor's. */
async function timed(operation: Operation, ms: number): Promise<Measured> {
	let calls = 0;
	const cpuBefore = process.cpuUsage();
	const begun = performance.now();
	let ended = begun;
	while (ended < begun + ms) {
		for (let index = 0; index < callsAtOnce; index++) {
			const result = operation();
			// An operation without a promise must not pay for an `await`.
			if (result instanceof Promise) await result;
		}
		calls += callsAtOnce;
		ended = performance.now();
	}
	const { user, system } = process.cpuUsage(cpuBefore);
	return { time: ((ended - begun) * 1_000) / calls, processor: (user + system) / calls };
}

/** Waits until the instance knows the feed far enough back to use copies that clients carry. */
async function waitUntilCarried(decide: () => ReturnType<Authorize>): Promise<void> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const decision = await decide();
		if (decision.kind === 'allowed' && decision.evidence.source === 'carried') return;
		await delay(10);
	}
	throw new Error('No decision came from a carried copy.');
}

const attemptsMax = 100;
const callsAtOnce = 100;
const users = 1_000;

async function createWorkloads(): Promise<readonly Workload[]> {
	const stores = { ...createMemoryStores(), copyKeys: createMemoryCopyKeys(systemTimerClock) };
	const invokeBus = overWire(composeBus(stores, systemTimerClock));
	const { server } = composeSessionServer(stores, invokeBus, systemTimerClock);
	// It has room for a few copies, so it has forgotten a session before it is asked for it again.
	const { server: forgetful } = composeSessionServer(stores, invokeBus, systemTimerClock, 8 * 1_024);
	const sessions: Extract<Awaited<ReturnType<typeof server.login>>, { kind: 'established' }>[] = [];
	for (let user = 0; user < users; user++) {
		const established = await server.login({
			subject: `user-${user}`,
			scopes: ['billing:read'],
			assuranceLevel: 1,
			authenticatedAtMs: Date.now(),
		});
		if (established.kind !== 'established')
			throw new Error(`A login of the benchmark was answered ${established.kind}.`);
		sessions.push(established);
	}
	const tokens = sessions.map(({ token }) => token);
	const [first] = sessions;
	if (first === undefined) throw new Error('The benchmark has no session.');
	const later = withActivity(first.session, first.session.lastSeenAtMs + 1_000);

	const password = 'a-password-of-the-benchmark-with-32-characters';
	const someUsers = Array.from({ length: 100 }, (_, user) => attributesOf(`user-${user}`));
	const seals = await Promise.all(someUsers.map((claims) => sealData(claims, { password, ttl: sessionSeconds })));
	const sign = createSigner({
		key: jwtSecret,
		algorithm: 'HS256',
		iss: jwtIssuer,
		aud: jwtAudience,
		expiresIn: sessionSeconds * 1_000,
	});
	const limits = { key: jwtSecret, algorithms: ['HS256'], allowedIss: jwtIssuer, allowedAud: jwtAudience };
	const jwts = Array.from({ length: users }, (_, user) => sign(attributesOf(`user-${user}`)));
	const verify = createVerifier(limits);
	const verifyKnown = createVerifier({ ...limits, cache: 10_000 });
	const key = await crypto.subtle.importKey('raw', jwtSecret, { name: 'HMAC', hash: 'SHA-256' }, false, [
		'sign',
		'verify',
	]);
	const signWithJose = (claims: object) =>
		new SignJWT({ ...claims })
			.setProtectedHeader({ alg: 'HS256' })
			.setIssuer(jwtIssuer)
			.setAudience(jwtAudience)
			.setExpirationTime('12h')
			.sign(key);
	const joseTokens = await Promise.all(someUsers.map(signWithJose));
	const joseLimits = { issuer: jwtIssuer, audience: jwtAudience, algorithms: ['HS256'] };

	const inTurn = <Value>(values: readonly Value[]) => {
		let next = 0;
		return () => values[next++ % values.length] as Value;
	};
	const token = inTurn(tokens);
	const knownToken = inTurn(tokens);
	const jwt = inTurn(jwts);
	const knownJwt = inTurn(jwts);
	const decidedToken = inTurn(tokens);
	const carrying = inTurn(sessions.filter(({ carried }) => carried !== undefined));
	const decideFromCarried = () => {
		const { token, carried } = carrying();
		return forgetful.authorize(token, service, carried);
	};
	await waitUntilCarried(decideFromCarried);
	const joseToken = inTurn(joseTokens);
	const seal = inTurn(seals);
	return [
		{
			workload: 'verify what a client presents for the first time',
			operations: {
				leasehold: () => readToken(benchKeyring, token()),
				'fast-jwt': () => verify(jwt()),
				jose: () => jwtVerify(joseToken(), key, joseLimits),
				'iron-session': () => unsealData(seal(), { password, ttl: sessionSeconds }),
			},
		},
		{
			workload: 'recognise what a client presented before',
			operations: {
				leasehold: () => tokenDigest(knownToken()),
				'fast-jwt': () => verifyKnown(knownJwt()),
			},
		},
		{ workload: 'decide from memory', operations: { leasehold: () => server.authorize(decidedToken(), service) } },
		{
			workload: 'decide from a carried copy, the first time at an instance',
			operations: { leasehold: decideFromCarried },
		},
		{ workload: 'merge two records of a session', operations: { leasehold: () => merge(first.session, later) } },
	];
}
