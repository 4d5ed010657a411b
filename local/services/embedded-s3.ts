import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buildApp } from 'fauxqs';
import { type Listener, listen } from '../system/listen.ts';
import { forOwnMachine } from '../system/own-machine.ts';
import { readBody, replayed } from '../system/request-body.ts';
import { admitCall, type FaultAnswers, type ServiceConditions, send } from './faults.ts';
import { createKeyLock } from './key-lock.ts';
import { pageOf } from './s3-list.ts';
import { hasPrecondition, refusalByPrecondition, s3Error } from './s3-preconditions.ts';

/**
 * Starts S3 in this process, in memory, with one bucket and the condition of the service `s3`.
 *
 * fauxqs ignores the preconditions of writes, but conditional merges depend on them. So writes to
 * one object are queued here: no other write can come between the check of its ETag and the write.
 */
export async function startEmbeddedS3(bucket: string, conditions: ServiceConditions): Promise<Listener> {
	const app = buildApp({ logger: false });
	await app.ready();
	await app.inject({ method: 'PUT', url: `/${bucket}` });
	const oneWriterPerObject = createKeyLock();

	async function write(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
		const read = await readBody(request, requestBytesMax);
		if (read.kind === 'aborted') return;
		if (read.kind === 'too-large') return send(response, tooLarge);
		await oneWriterPerObject(path, async () => {
			// For any other bucket, fauxqs itself answers that it does not exist.
			if (hasPrecondition(request.headers) && path.startsWith(`/${bucket}/`)) {
				const refusal = refusalByPrecondition(request.headers, await etagOf(path));
				if (refusal) return send(response, refusal);
			}
			if (response.destroyed) return;
			app.routing(replayed(request, read.body), response);
			await once(response, 'close');
		});
	}

	async function etagOf(path: string): Promise<string | undefined> {
		const { statusCode, headers } = await app.inject({ method: 'HEAD', url: path });
		return statusCode === 200 ? String(headers.etag) : undefined;
	}

	/** Reads the whole list, because fauxqs cannot continue one. */
	async function list(query: URLSearchParams, response: ServerResponse): Promise<void> {
		const [after, keysMax] = [query.get('start-after') ?? '', Number(query.get('max-keys') ?? 1_000)];
		query.delete('start-after');
		query.set('max-keys', String(Number.MAX_SAFE_INTEGER));
		const { statusCode, body } = await app.inject({ method: 'GET', url: `/${bucket}?${query}` });
		response.writeHead(statusCode, { 'content-type': 'application/xml' });
		response.end(statusCode === 200 ? pageOf(body, after, keysMax) : body);
	}

	const server = createServer(async (request, response) => {
		const method = String(request.method);
		const [path = '/', query = ''] = String(request.url).split('?', 2);
		if (!(await admitCall(conditions.called('s3', method), response, s3FaultAnswers))) return;
		if (method === 'PUT' || method === 'DELETE') await write(request, response, path);
		else if (method === 'POST') send(response, notEmbedded);
		else if (path.replace(/\/$/, '') === `/${bucket}` && query.includes('list-type=2'))
			await list(new URLSearchParams(query), response);
		else app.routing(request, response);
	});
	const listener = await listen(conditions.connections.watch(forOwnMachine(server)));
	return {
		url: listener.url,
		close: async () => {
			await listener.close();
			await app.close();
		},
	};
}

/** The limit of fauxqs. Sessions are far smaller. */
const requestBytesMax = 11 * 1024 * 1024;
const tooLarge = s3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');

/** Multipart uploads and bulk deletes would bypass the preconditions. */
const notEmbedded = s3Error(501, 'NotImplemented', 'The local region does not embed this operation');

export const s3FaultAnswers: FaultAnswers = {
	error: s3Error(500, 'InternalError', 'We encountered an internal error. Please try again.'),
	throttle: s3Error(503, 'SlowDown', 'Please reduce your request rate.'),
};
