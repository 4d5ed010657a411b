/*
 * The parts of the contenders' packages that the benchmark uses. The checks of the project do not
 * install these packages, so they do not read the packages' own types.
 */

declare module 'express' {
	interface Application {
		use(middleware: unknown): void;
		disable(setting: string): void;
		set(setting: string, value: unknown): void;
		get(path: string, ...handlers: readonly unknown[]): void;
		post(path: string, ...handlers: readonly unknown[]): void;
	}
	interface Express {
		(): Application;
		json(): unknown;
	}
	const express: Express;
	export = express;
}

declare module 'express-session' {
	function session(options: Readonly<Record<string, unknown>>): unknown;
	export = session;
}

declare module 'connect-dynamodb' {
	function connect(session: unknown): new (options: Readonly<Record<string, unknown>>) => unknown;
	export = connect;
}

declare module 'connect-redis' {
	export class RedisStore {
		constructor(options: Readonly<Record<string, unknown>>);
	}
}

declare module 'redis' {
	export interface RedisClient {
		connect(): Promise<unknown>;
		on(event: 'error', listener: (error: Error) => void): void;
		get(key: string): Promise<string | null>;
		getDel(key: string): Promise<string | null>;
		incr(key: string): Promise<number>;
		expire(key: string, seconds: number): Promise<unknown>;
		set(key: string, value: string, options?: Readonly<Record<string, unknown>>): Promise<unknown>;
		del(key: string): Promise<unknown>;
	}
	export function createClient(options: Readonly<Record<string, unknown>>): RedisClient;
}

declare module 'serverless-http' {
	function serverless(app: unknown): (event: object, context: object) => Promise<object>;
	export = serverless;
}

declare module 'better-auth' {
	export interface Auth {
		readonly api: {
			getSession(input: {
				headers: Headers;
				returnHeaders: true;
			}): Promise<{ headers: Headers; response: { user: { id: string } } | null }>;
			signInAnonymous(input: { headers: Headers; returnHeaders: true }): Promise<{ headers: Headers }>;
			updateSession(input: {
				headers: Headers;
				body: Readonly<Record<string, string>>;
				returnHeaders: true;
			}): Promise<{ headers: Headers }>;
			signOut(input: { headers: Headers; returnHeaders: true }): Promise<{ headers: Headers }>;
		};
	}
	export function betterAuth(options: Readonly<Record<string, unknown>>): Auth;
}

declare module '@better-auth/memory-adapter' {
	export function memoryAdapter(tables: Readonly<Record<string, readonly unknown[]>>): unknown;
}

declare module 'better-auth/plugins' {
	export function anonymous(): unknown;
}

declare module 'iron-session' {
	export interface Options {
		readonly cookieName: string;
		readonly password: string;
		readonly ttl: number;
	}
	export type IronSession<Data> = Partial<Data> & { save(): Promise<void>; destroy(): void };
	export function getIronSession<Data>(
		request: Request,
		response: Response,
		options: Options,
	): Promise<IronSession<Data>>;
	export function sealData(data: object, options: { password: string; ttl: number }): Promise<string>;
	export function unsealData<Data>(seal: string, options: { password: string; ttl: number }): Promise<Data>;
}

declare module 'fast-jwt' {
	export function createSigner(options: Readonly<Record<string, unknown>>): (payload: object) => string;
	export function createVerifier(
		options: Readonly<Record<string, unknown>>,
	): (token: string) => Readonly<Record<string, unknown>>;
}
