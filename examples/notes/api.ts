import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

interface Note {
	readonly id: string;
	readonly text: string;
}

/**
 * An API that keeps notes in memory, for each user. It knows nothing about logins: Leasehold
 * decides about each request, and tells the API in a header who sends it. So nothing but Leasehold
 * may reach it.
 *
 * | request | effect |
 * |---|---|
 * | `GET /{list}/notes` | answers `{ notes: [{ id, text }] }` |
 * | `POST /{list}/notes` | adds the note `{ text }` |
 * | `DELETE /{list}/notes/{id}` | removes a note |
 *
 * Each user has several lists. Leasehold may guard each of them with another rule.
 */
export function createNotesApi(): Server {
	const lists = new Map<string, Note[]>();

	return createServer(async (request, response) => {
		const subject = request.headers['x-session-subject'];
		if (typeof subject !== 'string') return send(response, 401, { error: 'no session' });
		const [, list = '', , id = ''] = String(request.url).split('/');
		const key = `${subject} ${list}`;
		const notes = lists.get(key) ?? [];
		switch (request.method) {
			case 'GET':
				return send(response, 200, { notes });
			case 'POST': {
				const text = await textIn(request);
				if (text === undefined) return send(response, 400, { error: `text must have 1 to ${textMax} characters` });
				if (notes.length >= notesMax) return send(response, 409, { error: `a list has at most ${notesMax} notes` });
				const note = { id: randomUUID(), text };
				lists.set(key, [...notes, note]);
				return send(response, 201, note);
			}
			case 'DELETE':
				lists.set(
					key,
					notes.filter((note) => note.id !== id),
				);
				return send(response, 200, {});
			default:
				return send(response, 405, { error: 'unknown method' });
		}
	});
}

const notesMax = 100;
const textMax = 1_000;

async function textIn(request: IncomingMessage): Promise<string | undefined> {
	let body = '';
	for await (const chunk of request.setEncoding('utf8')) {
		body += chunk;
		if (body.length > 10 * textMax) return undefined;
	}
	try {
		const { text } = JSON.parse(body) as { text?: unknown };
		return typeof text === 'string' && text !== '' && text.length <= textMax ? text : undefined;
	} catch {
		return undefined;
	}
}

function send(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
