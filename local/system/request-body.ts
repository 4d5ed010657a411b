import { IncomingMessage } from 'node:http';

export type RequestBody =
	| { readonly kind: 'read'; readonly body: Buffer }
	| { readonly kind: 'too-large' }
	/** The client cut the connection before it had sent the whole body. */
	| { readonly kind: 'aborted' };

/** Reads a request's body and keeps at most `bytesMax` of it. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<RequestBody> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of request as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			// Read the rest and discard it: a client that is cut off while it sends never gets the
			// answer.
			if (bytes <= bytesMax) chunks.push(chunk);
			else chunks.length = 0;
		}
	} catch {
		return { kind: 'aborted' };
	}
	return bytes <= bytesMax ? { kind: 'read', body: Buffer.concat(chunks) } : { kind: 'too-large' };
}

/**
 * Returns a copy of the request whose body is still unread. So the region can look at a body first
 * and then call the embedded service's own listener, without a second hop over the network.
 */
export function replayed(request: IncomingMessage, body: Buffer): IncomingMessage {
	const replay = new IncomingMessage(request.socket);
	replay.method = request.method;
	replay.url = request.url;
	replay.httpVersion = request.httpVersion;
	replay.headers = request.headers;
	replay.rawHeaders = request.rawHeaders;
	replay.complete = true;
	replay.push(body);
	replay.push(null);
	return replay;
}
