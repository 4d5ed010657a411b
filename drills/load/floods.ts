import { randomBytes } from 'node:crypto';
import { generateKeyPair, SignJWT } from 'jose';
import { type Keyring, parseKeyring } from '../../functions/access/keyring.ts';
import { issueToken, secretBytes } from '../../functions/access/token.ts';
import { instanceIdBytes, instanceIdOf, sessionIdBytes } from '../../functions/session/ids.ts';
import type { Stage } from '../stage.ts';
import type { ClientAnswer, ClientSession, TokenHolder } from './clients.ts';
import { profileDecision } from './probes.ts';
import { changeNickname, logOut } from './writes.ts';

/** The keys of a region whose tokens the drill can issue as well. */
export interface DrillKeys {
	/** The variable `LEASEHOLD_TOKEN_KEYS` of the region's session servers. */
	readonly text: string;
	readonly keyring: Keyring;
}

export function createDrillKeys(): DrillKeys {
	const text = JSON.stringify([{ id: 'k001', secret: randomBytes(32).toString('base64') }]);
	return { text, keyring: parseKeyring(text) };
}

/** Tokens that no service lets in, by why. */
export interface BadTokens {
	readonly forged: TokenHolder;
	/** Issued by a session server, for sessions that are over or do not exist. */
	readonly dead: Readonly<Record<'revoked' | 'past its age limit' | 'absent', TokenHolder>>;
}

/** @param live a session that stays alive, whose token is forged */
export async function prepareBadTokens(
	{ clients }: Stage,
	{ keyring }: DrillKeys,
	live: TokenHolder,
): Promise<BadTokens> {
	const revoked = await clients.login('revoked');
	await logOut(clients, revoked);
	return {
		forged: { token: withAnotherEnd(live.token) },
		dead: {
			revoked,
			'past its age limit': { token: issued(keyring, Date.now() - hourMs) },
			absent: { token: issued(keyring, Date.now() + hourMs) },
		},
	};
}

const hourMs = 3_600_000;

/** The token of a session that no repository has. */
function issued(keyring: Keyring, absoluteExpiresAtMs: number): string {
	const owner = instanceIdOf(randomBytes(instanceIdBytes));
	return issueToken(keyring, randomBytes(sessionIdBytes), randomBytes(secretBytes), owner, absoluteExpiresAtMs).text;
}

/** Changes the last character, and with it the MAC or the signature. */
function withAnotherEnd(token: string): string {
	return token.slice(0, -1) + (token.endsWith('A') ? 'Q' : 'A');
}

/** One client that sends the same kind of request again and again. */
export interface Flood {
	readonly name: string;
	send(): Promise<ClientAnswer>;
	/** Called before each round, and before the burst. */
	begin?(): void;
}

/** One flood of each kind. Each has its own subject and sessions. */
export async function prepareFloods(stage: Stage, { forged, dead }: BadTokens): Promise<readonly Flood[]> {
	const { clients, region } = stage;
	const loggedOut = await clients.login('logged-out');
	await logOut(clients, loggedOut);
	const confirming: ClientSession[] = [];
	for (let device = 0; device < logoutsMax; device++) confirming.push(await clients.login('confirming'));
	let logouts = 0;
	const changing = await clients.login('changing');
	await changeNickname(clients, changing, 'the same');
	const several: ClientSession[] = [];
	for (let device = 0; device < devices; device++) several.push(await clients.login('several'));
	const [listing = changing] = several;
	const failedLogins = await failingTokens(stage);
	return [
		{ name: 'forged tokens', send: () => clients.ask(forged, 'GET', profileDecision) },
		{ name: 'dead tokens', send: inTurn(Object.values(dead), (token) => clients.ask(token, 'GET', profileDecision)) },
		{ name: 'repeated logouts', send: () => clients.ask(loggedOut, 'DELETE', '/v1/session') },
		{
			name: 'logouts confirmed everywhere',
			// Each round ends another session. Once there is proof, repetitions would cost nothing.
			begin: () => {
				logouts++;
			},
			send: () => clients.ask(confirming[logouts % logoutsMax] ?? forged, 'DELETE', '/v1/session?confirm=everywhere'),
		},
		{
			name: 'changes that change nothing',
			send: () => clients.ask(changing, 'PATCH', '/v1/session', { body: { attributes: { nickname: 'the same' } } }),
		},
		{ name: 'lists of one subject', send: () => clients.ask(listing, 'GET', '/v1/sessions') },
		{ name: 'ends of the others', send: () => clients.ask(listing, 'DELETE', '/v1/sessions') },
		{
			name: 'failed logins',
			send: inTurn(failedLogins, (idToken) => clients.ask(idToken, 'POST', '/v1/sessions', { body: {} })),
		},
	];

	/** ID tokens with a wrong signature, and some of keys that the issuer does not have. */
	async function failingTokens({ region: { mint } }: Stage): Promise<readonly TokenHolder[]> {
		const good = await mint({ subject: 'failing' });
		const { privateKey } = await generateKeyPair('ES256');
		const unknown = Array.from({ length: unknownKeys }, (_, key) =>
			new SignJWT({})
				.setProtectedHeader({ alg: 'ES256', kid: `unknown-${key}` })
				.setIssuer(region.issuer)
				.setAudience('leasehold-local')
				.setSubject('failing')
				.setIssuedAt()
				.setExpirationTime('1h')
				.sign(privateKey),
		);
		return [`${good.slice(0, -8)}AAAAAAAA`, ...(await Promise.all(unknown))].map((token) => ({ token }));
	}
}

/** More than the rounds of a flood. */
const logoutsMax = 20;
const devices = 5;
const unknownKeys = 20;

function inTurn<Item>(
	items: readonly Item[],
	send: (item: Item) => Promise<ClientAnswer>,
): () => Promise<ClientAnswer> {
	let turn = 0;
	return () => {
		const item = items[turn++ % items.length];
		if (item === undefined) throw new Error('a flood needs something to send');
		return send(item);
	};
}
