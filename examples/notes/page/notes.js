/* The page talks to its own origin only. The browser sends the session cookie, which no script can read. */

const element = (id) => document.getElementById(id);

/** Sends a request. A body is sent as JSON. */
async function call(method, path, body) {
	const json =
		body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
	const response = await fetch(path, { method, ...json });
	const isJson = /json/.test(response.headers.get('content-type') ?? '');
	return { status: response.status, json: isJson ? await response.json() : {} };
}

function say(text) {
	element('status').textContent = text;
}

/** A problem says in its title what happened and what to do. */
function explain({ status, json }) {
	say(json.title ?? json.error ?? `The server answered ${status}. Try again later.`);
}

async function show() {
	const session = await call('GET', '/v1/session');
	const isLoggedIn = session.status === 200;
	for (const id of ['who', 'logout', 'inside']) element(id).hidden = !isLoggedIn;
	element('welcome').hidden = session.status !== 401;
	say('');
	if (!isLoggedIn && session.status !== 401) explain(session);
	if (!isLoggedIn) return;
	element('subject').textContent = session.json.subject;
	element('level').textContent = session.json.assuranceLevel;
	await Promise.all([showNotes('notes'), showPrivateNotes(), showSessions()]);
}

async function showNotes(service) {
	const answer = await call('GET', `/services/${service}/notes`);
	if (answer.status === 200) element(service).replaceChildren(...notesIn(service, answer.json.notes));
	return answer;
}

function notesIn(service, notes) {
	if (notes.length === 0) return [item('No notes yet.', 'empty')];
	return notes.map(({ id, text }) => {
		const remove = button('Delete', `Delete the note “${text}”`, () =>
			change('DELETE', `/services/${service}/notes/${id}`),
		);
		const note = item(text);
		note.append(remove);
		return note;
	});
}

/** 403 with this code: the session is good, but its login was too weak for this service. */
async function showPrivateNotes() {
	const answer = await showNotes('private');
	element('unlocked').hidden = answer.status !== 200;
	element('locked').hidden = answer.json.code !== 'step_up_required';
	if (answer.status !== 200 && answer.json.code !== 'step_up_required') explain(answer);
}

async function showSessions() {
	const answer = await call('GET', '/v1/sessions');
	if (answer.status !== 200) return explain(answer);
	element('sessions').replaceChildren(
		...answer.json.sessions.map((session) => {
			const row = document.createElement('tr');
			const last = session.current ? 'This session' : endButton(session);
			for (const content of [time(session.createdAt), time(session.lastSeenAt), session.assuranceLevel, last]) {
				const cell = document.createElement('td');
				cell.append(content);
				row.append(cell);
			}
			return row;
		}),
	);
}

function endButton({ handle, createdAt }) {
	return button('End', `End the session since ${time(createdAt)}`, () => change('DELETE', `/v1/sessions/${handle}`));
}

async function change(method, path, body) {
	const answer = await call(method, path, body);
	if (answer.status >= 400) explain(answer);
	else await show();
}

function item(text, className = '') {
	const li = document.createElement('li');
	const span = document.createElement('span');
	span.textContent = text;
	span.className = className;
	li.append(span);
	return li;
}

function button(text, label, onClick) {
	const created = document.createElement('button');
	created.type = 'button';
	created.textContent = text;
	created.setAttribute('aria-label', label);
	created.addEventListener('click', onClick);
	return created;
}

function time(text) {
	return new Date(text).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

for (const [form, service] of [
	['add', 'notes'],
	['add-private', 'private'],
]) {
	element(form).addEventListener('submit', async (event) => {
		event.preventDefault();
		const { text } = event.target.elements;
		await change('POST', `/services/${service}/notes`, { text: text.value });
		text.value = '';
	});
}

await show();
