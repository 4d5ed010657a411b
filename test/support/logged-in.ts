import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { decodeEvent } from '../../functions/session-server/http/exchange.ts';
import { apiRequest, type RequestDifference } from './api-request.ts';
import { createMemoryDeployment } from './memory/memory-deployment.ts';

/**
 * A deployment in memory, with a session of `ada`. Clients may set the attribute `theme`.
 */
export async function loggedIn(options: Parameters<typeof createMemoryDeployment>[1] = {}) {
	const { api, ...deployment } = createMemoryDeployment(['theme'], options);
	const logIn = async (subject: string) => {
		const { body = '' } = await api(
			apiRequest({
				method: 'POST',
				path: '/v1/sessions',
				headers: { authorization: `Bearer ${subject}` },
				body: '{"delivery":"bearer"}',
			}),
			'login',
		);
		return String(JSON.parse(body).token);
	};
	const answered = async (request: Parameters<typeof api>[0]) => {
		const response = await api(request, 'r');
		const json: Record<string, unknown> = response.body?.startsWith('{') ? JSON.parse(response.body) : {};
		return { ...response, json };
	};
	return {
		...deployment,
		token: await logIn('ada'),
		logIn,
		ask: (differing: RequestDifference) => answered(apiRequest(differing)),
		/** Asks as API Gateway or an emulator does. */
		askByEvent: (event: EventDifference) => answered(decodeEvent(gatewayEvent(event))),
	};
}

type EventDifference = Partial<Omit<APIGatewayProxyEventV2, 'requestContext'>> & {
	readonly method?: string;
	readonly stage?: string;
};

function gatewayEvent({ method = 'GET', stage = '$default', ...event }: EventDifference): APIGatewayProxyEventV2 {
	const rawPath = event.rawPath ?? '/v1/session';
	return {
		version: '2.0',
		routeKey: '$default',
		rawPath,
		rawQueryString: '',
		headers: {},
		isBase64Encoded: false,
		...event,
		requestContext: { http: { method, path: rawPath }, stage } as APIGatewayProxyEventV2['requestContext'],
	};
}
