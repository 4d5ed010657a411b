import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
import { type Region, startRegion } from '../../local/region.ts';
import { checkAnswers } from '../support/api-contract/checked-api.ts';

/** A region for the tests of one file. */
export interface RegionClient {
	readonly region: Region;
	/** Sends a request. A body that is neither text nor bytes is encoded as JSON. */
	call(method: string, path: string, options?: CallOptions): Promise<Called>;
	/** Logs in with an ID token with these claims, and returns the session token. */
	login(claims?: Partial<Parameters<Region['mint']>[0]>): Promise<string>;
	/** The number of invocations of the bus so far. */
	busCalls(): Promise<number>;
	/** Sends a request to the control endpoint of the region, and returns its answer. */
	control(method: string, path: string, body?: unknown): Promise<unknown>;
}

export interface CallOptions {
	readonly token?: string;
	readonly cookie?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
}

export interface Called {
	readonly status: number;
	readonly headers: Headers;
	readonly text: string;
	/** The body, decoded as JSON. An empty object if it is not an object. */
	readonly json: Readonly<Record<string, unknown>>;
	readonly evidence: Evidence | undefined;
}

/** Starts a region whose every answer must be as documented: otherwise a call fails, or the end. */
export async function startRegionClient(options: Parameters<typeof startRegion>[0] = {}): Promise<RegionClient> {
	const { onAnswer, failIfUndocumented } = checkAnswers();
	const started = await startRegion({ instances: 2, busInstances: 2, onAnswer, ...options });
	const region = {
		...started,
		stop: async () => {
			await started.stop();
			failIfUndocumented();
		},
	};

	async function call(
		method: string,
		path: string,
		{ token, cookie, headers, body }: CallOptions = {},
	): Promise<Called> {
		const response = await fetch(region.url + path, {
			method,
			headers: {
				...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
				...(cookie === undefined ? {} : { cookie }),
				...headers,
			},
			...(body === undefined ? {} : { body: isSendable(body) ? body : JSON.stringify(body) }),
		});
		const text = await response.text();
		failIfUndocumented();
		const evidence = response.headers.get('x-session-evidence');
		return {
			status: response.status,
			headers: response.headers,
			text,
			json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
			evidence: evidence === null ? undefined : (JSON.parse(evidence) as Evidence),
		};
	}

	async function control(method: string, path: string, body?: unknown): Promise<unknown> {
		const response = await fetch(region.control + path, {
			method,
			...(body === undefined ? {} : { body: JSON.stringify(body) }),
		});
		return response.json();
	}

	return {
		region,
		call,
		control,
		login: async (claims = {}) => {
			const idToken = await region.mint({ subject: 'grace', scope: 'billing:read', ...claims });
			const { json } = await call('POST', '/v1/sessions', { token: idToken, body: { delivery: 'bearer' } });
			return String(json['token']);
		},
		busCalls: async () => {
			const services = (await control('GET', '/services')) as Record<string, { calls: Record<string, number> }>;
			return Object.values(services['lambda']?.calls ?? {}).reduce((sum, calls) => sum + calls, 0);
		},
	};
}

function isSendable(body: unknown): body is string | Uint8Array<ArrayBuffer> {
	return typeof body === 'string' || body instanceof Uint8Array;
}
