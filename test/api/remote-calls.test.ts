import { readFileSync } from 'node:fs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../functions/protocol/messages.ts';
import type { Session } from '../../functions/session/session.ts';
import { makeStamp } from '../../functions/session/stamp.ts';
import { createLambdaBus } from '../../functions/session-server/lambda-bus.ts';
import { busName } from '../../local/lambda/function-variables.ts';
import type { ServiceName } from '../../local/services/faults.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { exampleInstanceId, exampleProof, exampleSession } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import { askerOf } from '../support/subject-client.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

/*
 * The calls that the bus makes to AWS for each operation. They are counted at the services, and
 * must be those in the table in docs/operate/repositories.md.
 */

const columns = ['dynamodb', 's3', 'control', 'queue'] as const satisfies readonly ServiceName[];
type Calls = Readonly<Record<(typeof columns)[number], Readonly<Record<string, number>>>>;

let client: RegionClient;
let lambda: LambdaClient;
beforeAll(async () => {
	// There is no session server, because its syncs would count as well.
	// With equal latencies, the bus may choose S3 after an answer of DynamoDB that happened to be
	// slow.
	client = await startRegionClient({ instancesAtStart: 0, busInstances: 1, latencies: { s3: 60 } });
	lambda = new LambdaClient({ endpoint: client.region.endpoints.lambda, ...localAccount });
});
afterAll(async () => {
	lambda.destroy();
	await client.region.stop();
});

async function callsSoFar(): Promise<Calls> {
	const services = (await client.control('GET', '/services')) as Record<string, { calls: Record<string, number> }>;
	// The repair function's poller receives, not the bus.
	const of = (name: ServiceName) => {
		const { ReceiveMessage: _, ...calls } = { ...services[name]?.calls };
		return calls;
	};
	return { dynamodb: of('dynamodb'), s3: of('s3'), control: of('control'), queue: of('queue') };
}

/**
 * The bus looks at the tallies every five seconds of use, and counts them up every quarter of a
 * minute. After this read, it does neither for a while.
 */
async function checkTallies(): Promise<void> {
	await createLambdaBus(
		lambda,
		busName,
		() => undefined,
	)({ operation: 'read', sessionId: freshSessionId(), ...exampleProof, demand: 'strict' });
}

async function count(message: Message): Promise<readonly string[]> {
	const before = await callsSoFar();
	const answer = await createLambdaBus(lambda, busName, () => undefined)(message);
	expect(answer.kind).not.toBe('unavailable');
	await new Promise((resolve) => setTimeout(resolve, 300)); // For calls in the background.
	const after = await callsSoFar();
	return columns.map((service) => describeCalls(before[service], after[service]));
}

function describeCalls(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): string {
	const more = Object.entries(after)
		.map(([operation, calls]) => [operation, calls - (before[operation] ?? 0)] as const)
		.filter(([, calls]) => calls > 0)
		.sort(([a], [b]) => (a < b ? -1 : 1));
	return more.length === 0 ? '–' : more.map(([operation, calls]) => `${calls} ${operation}`).join(', ');
}

/** The rows of the table that are about an operation, by their first cell. */
function documented(): ReadonlyMap<string, readonly string[]> {
	const text = readFileSync(new URL('../../docs/operate/repositories.md', import.meta.url), 'utf8');
	const rows = [...text.matchAll(/^\| `([a-zA-Z]+)`([^|]*)\|(.*)\|$/gm)];
	return new Map(
		rows.map(([, name = '', more = '', cells = '']) => [
			`${name}${more.replaceAll('`', '').trimEnd()}`,
			cells.split('|').map((cell) => cell.trim()),
		]),
	);
}

const subject = 'local:counted';
const quota = { max: 100, action: 'deny' } as const;

function fresh(ofSubject = subject): Session {
	const nowMs = Date.now();
	const times = {
		createdAtMs: nowMs,
		lastSeenAtMs: nowMs,
		absoluteExpiresAtMs: nowMs + 3_600_000,
		idleTimeoutMs: 3_600_000,
	};
	const credential = { ...exampleSession().credential, authenticatedAtMs: nowMs };
	return exampleSession({ id: freshSessionId(), subject: ofSubject, credential, ...times });
}

const create = (session: Session): Message => ({ operation: 'create', session, quota });

/**
 * The message for each row of the table. Every message has its own session, so it can be repeated.
 */
const messages: Readonly<Record<string, (ask: (message: Message) => Promise<unknown>) => Promise<Message>>> = {
	create: async () => create(fresh(`local:${freshSessionId()}`)),
	read: async (ask) => {
		const session = fresh();
		await ask(create(session));
		return { operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' };
	},
	recover: async (ask) => {
		const session = fresh();
		await ask(create(session));
		return {
			operation: 'recover',
			sessionId: session.id,
			...exampleProof,
			demand: 'bounded',
			adopter: exampleInstanceId(7),
		};
	},
	'recover with sealedOwner': async (ask) => {
		const session = fresh();
		await ask(create(session));
		return {
			operation: 'recover',
			sessionId: session.id,
			...exampleProof,
			demand: 'bounded',
			adopter: exampleInstanceId(7),
			sealedOwner: session.owner.instanceId,
		};
	},
	update: async (ask) => {
		const session = fresh();
		await ask(create(session));
		return {
			operation: 'update',
			sessionId: session.id,
			...exampleProof,
			changes: { theme: 'dark' },
			stamp: makeStamp(Date.now(), 0, 'node'),
		};
	},
	touch: async (ask) => {
		const session = fresh();
		await ask(create(session));
		return { operation: 'touch', sessionId: session.id, ...exampleProof, seenAtMs: session.lastSeenAtMs + 1 };
	},
	revoke: async (ask) => {
		const session = fresh();
		await ask(create(session));
		const revocation = { atMs: Date.now(), reason: 'logout' } as const;
		const about = { sessionId: session.id, asker: askerOf(session) };
		return { operation: 'revoke', ...about, revocation, changeId: session.id, proofWanted: false };
	},
	'list of two sessions': async (ask) => {
		const ofTwo = `local:${freshSessionId()}`;
		const [asker, other] = [fresh(ofTwo), fresh(ofTwo)];
		for (const session of [asker, other]) await ask(create(session));
		return { operation: 'list', asker: askerOf(asker) };
	},
};

/** On a busy machine, a read is sometimes hedged. */
const attempts = 6;

test.each(Object.keys(messages))(
	'the calls for %s are those in docs/operate/repositories.md',
	{ timeout: 60_000 },
	async (row) => {
		const ask = createLambdaBus(lambda, busName, () => undefined);
		const expected = documented().get(row);
		let counted: readonly string[] = [];
		for (let attempt = 0; attempt < attempts; attempt++) {
			await checkTallies();
			const message = await messages[row]?.(ask);
			if (message === undefined) break;
			counted = await count(message);
			if (expected !== undefined && counted.join() === expected.join()) break;
		}
		expect(counted).toEqual(expected);
	},
);
