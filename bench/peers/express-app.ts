import type { Context } from 'aws-lambda';
import express from 'express';
import session from 'express-session';
import serverless from 'serverless-http';
import { sessionSeconds } from '../session-seconds.ts';
import { measurable } from './measurable.ts';
import { attributesOf } from './peer.ts';

/** The parts of Express' objects that are used here. */
interface Request {
	readonly body: { readonly user: string; readonly nickname: string };
	readonly session: {
		attributes?: ReturnType<typeof attributesOf>;
		destroy(done: (error?: Error) => void): void;
	};
}
interface Response {
	setHeader(name: string, value: string): void;
	sendStatus(status: number): void;
	status(status: number): { end(): void };
}

/**
 * An Express app with express-session, as its documentation recommends: no save of an unchanged
 * session, none of an empty one, and no `X-Powered-By`.
 *
 * @param store by default, express-session keeps sessions in memory
 */
export function expressFunction(store?: unknown) {
	const app = express();
	app.disable('x-powered-by');
	app.disable('etag');
	app.use(
		session({
			...(store === undefined ? {} : { store }),
			secret: 'a-secret-of-the-benchmark',
			resave: false,
			saveUninitialized: false,
			cookie: { maxAge: sessionSeconds * 1_000, httpOnly: true, sameSite: 'lax' },
		}),
	);
	const json = express.json();
	app.get('/decide', ({ session: { attributes } }: Request, response: Response) => {
		if (attributes === undefined) return response.status(401).end();
		response.setHeader('x-user', attributes.user);
		response.status(204).end();
	});
	app.post('/login', json, ({ session, body }: Request, response: Response) => {
		session.attributes = attributesOf(body.user);
		response.status(204).end();
	});
	app.post('/change', json, ({ session, body }: Request, response: Response) => {
		if (session.attributes === undefined) return response.status(401).end();
		session.attributes.nickname = body.nickname;
		response.status(204).end();
	});
	app.post('/logout', ({ session }: Request, response: Response, next: (error: Error) => void) => {
		session.destroy((error) => (error ? next(error) : response.status(204).end()));
	});
	const run = serverless(app);
	return measurable((event: { readonly rawPath: string }, context: Context) => run(event, context));
}
