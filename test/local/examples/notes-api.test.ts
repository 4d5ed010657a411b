import { expect, onTestFinished, test } from 'vitest';
import { createNotesApi } from '../../../examples/notes/api.ts';
import { listen } from '../../../local/system/listen.ts';

async function notesApi() {
	const { url, close } = await listen(createNotesApi());
	onTestFinished(close);
	return async (subject: string, method: string, path: string, body?: unknown) => {
		const response = await fetch(url + path, {
			method,
			headers: subject === '' ? {} : { 'x-session-subject': subject },
			...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
		});
		return { status: response.status, json: (await response.json()) as { id: string; notes: unknown } };
	};
}

test('each user has notes in each list', async () => {
	const call = await notesApi();
	const { status, json: note } = await call('ada', 'POST', '/open/notes', { text: 'milk' });
	expect(status).toBe(201);
	expect((await call('ada', 'GET', '/open/notes')).json.notes).toEqual([{ id: note.id, text: 'milk' }]);
	expect((await call('ada', 'GET', '/private/notes')).json.notes).toEqual([]);
	expect((await call('grace', 'GET', '/open/notes')).json.notes).toEqual([]);
	await call('grace', 'DELETE', `/open/notes/${note.id}`);
	expect((await call('ada', 'GET', '/open/notes')).json.notes).toHaveLength(1);
	await call('ada', 'DELETE', `/open/notes/${note.id}`);
	expect((await call('ada', 'GET', '/open/notes')).json.notes).toEqual([]);
});

test('a wrong request is refused', async () => {
	const call = await notesApi();
	expect((await call('', 'GET', '/open/notes')).status).toBe(401);
	expect((await call('ada', 'PUT', '/open/notes')).status).toBe(405);
	for (const body of ['{', '{}', { text: '' }, { text: 5 }, { text: 'x'.repeat(1_001) }, 'x'.repeat(50_000)])
		expect((await call('ada', 'POST', '/open/notes', body)).status).toBe(400);
});

test('a list has at most a hundred notes', async () => {
	const call = await notesApi();
	for (let count = 0; count < 100; count++) await call('ada', 'POST', '/open/notes', { text: String(count) });
	expect((await call('ada', 'POST', '/open/notes', { text: 'more' })).status).toBe(409);
});
