import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { measurable } from './measurable.ts';

/** The routes that every peer answers, so that one client can talk to all of them. */
export interface Peer {
	/** `POST /login`: begins a session for the user. */
	login(user: string): Promise<PeerAnswer>;
	/** `GET /decide`: 204 with the user, or 401. */
	decide(request: PeerRequest): Promise<PeerAnswer>;
	/** `POST /change`: changes the nickname in the session. */
	change(request: PeerRequest, nickname: string): Promise<PeerAnswer>;
	/** `POST /logout`: ends the session as far as the peer can. */
	logout(request: PeerRequest): Promise<PeerAnswer>;
}

export interface PeerRequest {
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly cookies: readonly string[];
}

export interface PeerAnswer {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string>>;
	/** Values of `Set-Cookie`. */
	readonly cookies?: readonly string[];
	/** The token of a login, for a client that sends it as a bearer token. */
	readonly token?: string;
}

export const refused: PeerAnswer = { status: 401 };

/** The user's attributes in every contender's session. */
export const attributesOf = (user: string) => ({ user, scope: 'billing:read', assurance: 1, nickname: '' });

export type Attributes = ReturnType<typeof attributesOf>;

/** A peer as a Lambda function behind an HTTP API. */
export function peerFunction(peer: Peer) {
	return measurable(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
		const { status, headers = {}, cookies = [], token } = await answerOf(peer, event);
		return {
			statusCode: status,
			headers: token === undefined ? headers : { ...headers, 'content-type': 'application/json' },
			cookies: [...cookies],
			body: token === undefined ? '' : JSON.stringify({ token }),
		};
	});
}

function answerOf(peer: Peer, event: APIGatewayProxyEventV2): Promise<PeerAnswer> | PeerAnswer {
	const request = { headers: event.headers, cookies: event.cookies ?? [] };
	const body = () => JSON.parse(event.body ?? '{}') as { user: string; nickname: string };
	switch (`${event.requestContext.http.method} ${event.rawPath}`) {
		case 'GET /decide':
			return peer.decide(request);
		case 'POST /login':
			return peer.login(body().user);
		case 'POST /change':
			return peer.change(request, body().nickname);
		case 'POST /logout':
			return peer.logout(request);
		default:
			return { status: 404 };
	}
}

/** The bearer token of a request. */
export function bearerOf({ headers }: PeerRequest): string {
	return headers['authorization']?.slice('Bearer '.length) ?? '';
}
