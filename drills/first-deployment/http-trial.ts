import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { text as bodyOf } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { runEndToEnd } from './end-to-end.ts';
import type { Account, Trial } from './step.ts';

export interface HttpTrialOptions {
	readonly emulated: boolean;
	readonly url: string;
	readonly idToken: string;
	readonly service: string;
	readonly account: Account;
	readonly rotation: Pick<Trial, 'beginRotation' | 'rotated'>;
	readonly environment: NodeJS.ProcessEnv;
	/** Ends a pause early. */
	readonly stop: AbortSignal;
}

/** More than API Gateway's own limit, after which it answers 503. */
const answerMsMax = 35_000;

/** A deployment that is tried over HTTP. */
export function createHttpTrial({
	emulated,
	url,
	idToken,
	service,
	account,
	rotation,
	environment,
	stop,
}: HttpTrialOptions): Trial {
	const call = async (method: string, path: string, token?: string, body?: unknown) => {
		const target = new URL(url.replace(/\/$/, '') + path);
		const sent = (target.protocol === 'https:' ? httpsRequest : httpRequest)(target, {
			method,
			signal: AbortSignal.timeout(answerMsMax),
			...(isLoopback(target.hostname) ? { lookup: lookupLoopback } : {}),
			headers: {
				...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
			},
		});
		sent.end(body === undefined ? undefined : JSON.stringify(body));
		const [response] = (await once(sent, 'response')) as [IncomingMessage];
		const text = await bodyOf(response);
		return {
			status: response.statusCode ?? 0,
			headers: new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
			body: text.startsWith('{') ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {},
		};
	};
	return {
		emulated,
		service,
		account,
		...rotation,
		call: (method, path, token) => call(method, path, token),
		login: async () => {
			const { status, body } = await call('POST', '/v1/sessions', idToken, { delivery: 'bearer' });
			if (status !== 201) throw new Error(`the login was answered ${status}: ${JSON.stringify(body)}`);
			return String(body['token']);
		},
		wait: async (ms) => {
			await wait(ms, undefined, { signal: stop });
		},
		now: () => performance.now(),
		endToEnd: () => runEndToEnd(url, idToken, environment),
	};
}

/** An emulator's API has a name below `localhost`, which Node.js may not resolve. */
function isLoopback(hostname: string): boolean {
	return hostname.endsWith('.localhost');
}

const lookupLoopback: LookupFunction = (_, { all }, callback) => {
	if (all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
	else callback(null, '127.0.0.1', 4);
};
