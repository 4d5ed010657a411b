/** An answer to an HTTP client. */
export interface GatewayResponse {
	readonly status: number;
	/** An array stands for one header per value. */
	readonly headers: Record<string, string | string[]>;
	readonly body: Buffer;
}

/** A message from API Gateway itself. */
export function gatewayMessage(status: number, message: string): GatewayResponse {
	const body = Buffer.from(JSON.stringify({ message }));
	return { status, headers: { 'content-type': 'application/json' }, body };
}

export const internalServerError = gatewayMessage(500, 'Internal Server Error');

/**
 * Turns a function's answer (payload format 2.0) into a response. API Gateway would also accept a
 * bare value as a body. Here only the full form counts; anything else is malformed, and the client
 * gets API Gateway's internal error.
 */
export function gatewayResponse(payload: unknown): GatewayResponse {
	if (!isRecord(payload)) return internalServerError;
	const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = payload;
	if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599) return internalServerError;
	if (!isRecord(headers) || !Array.isArray(cookies) || typeof body !== 'string') return internalServerError;
	const out: GatewayResponse['headers'] = { 'content-type': 'text/plain;charset=UTF-8' };
	for (const [name, value] of Object.entries(headers)) {
		if (!['string', 'number', 'boolean'].includes(typeof value)) return internalServerError;
		out[name.toLowerCase()] = String(value);
	}
	if (cookies.length > 0) out['set-cookie'] = cookies.map(String);
	if (body === '' && !('content-type' in headers)) delete out['content-type'];
	return {
		status: Number(statusCode),
		headers: out,
		body: Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8'),
	};
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
