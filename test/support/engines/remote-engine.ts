import { randomBytes } from 'node:crypto';
import type { ServiceConditions } from '../../../local/services/faults.ts';
import type { Listener } from '../../../local/system/listen.ts';
import type { EngineAccess } from './engine-access.ts';
import { throughProxy } from './fault-proxy.ts';
import { clientLimits, nobodysEndpoint, type TestedService, testedService } from './tested-service.ts';

/*
 * Services of an engine outside of the test's process. The program that started the run removes the
 * tables, buckets and queues.
 */

/**
 * The network may be slow, and so are engines for development when they are busy: moto takes
 * seconds to read a full feed. It is less than a test may take.
 */
const patientMs = 40_000;

/** The step of a client's middleware after the request was signed, closest to the connection. */
export const lastStep = { step: 'deserialize', priority: 'low', name: 'throughProxy' } as const;

type Settings = ReturnType<typeof engineSettings>;
type Via = <Request>(request: Request) => Request;

/**
 * A service behind a proxy that causes faults. `create` makes a client, which goes `via` the proxy.
 */
export function remoteService<Client extends { destroy(): void }>(
	engine: EngineAccess,
	conditions: ServiceConditions,
	proxy: Listener,
	create: (settings: Settings, via: Via | undefined) => Client,
): TestedService<Client> {
	const via: Via = (request) => throughProxy(request, proxy.url);
	return testedService(conditions, {
		service: (timeoutMs) => create(engineSettings(engine, timeoutMs), via),
		nobody: () =>
			create({ ...engineSettings(engine), endpoint: nobodysEndpoint, credentials: strangersCredentials }, undefined),
		// Only AWS checks credentials.
		...(engine.endpoint === undefined
			? { stranger: () => create({ ...engineSettings(engine), credentials: strangersCredentials }, via) }
			: {}),
		patientMs,
		close: proxy.close,
	});
}

const strangersCredentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'nothing' };

export function engineSettings(engine: EngineAccess, timeoutMs = patientMs) {
	return {
		region: engine.region,
		...(engine.endpoint === undefined ? {} : { endpoint: engine.endpoint }),
		...(engine.credentials === undefined ? {} : { credentials: engine.credentials }),
		...clientLimits(timeoutMs),
	};
}

/** A name for a resource that no other test has. */
export function freshName(engine: EngineAccess, what: string): string {
	return `${engine.namePrefix}-${what}-${randomBytes(4).toString('hex')}`;
}

export function disposable<Client extends { destroy(): void }>(client: Client) {
	return { client, [Symbol.dispose]: () => client.destroy() };
}
