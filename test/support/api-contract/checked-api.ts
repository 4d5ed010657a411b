import type { Api } from '../../../functions/session-server/http/api.ts';
import type { GatewayAnswer } from '../../../local/gateway/http-front.ts';
import { undocumented } from './undocumented.ts';

/** The same API. A request fails if its answer is not as documented. */
export function checkedApi(api: Api): Api {
	return async (request, requestId) => {
		const response = await api(request, requestId);
		const { method, path } = request;
		const { status, headers, cookies = [], body = '' } = response;
		const faults = undocumented({
			method,
			path,
			status,
			headers: { ...headers, 'set-cookie': cookies },
			// API Gateway sends no body to `HEAD`.
			body: method === 'HEAD' ? '' : body,
		});
		if (faults.length > 0) throw new Error(`docs/openapi.json does not document this:\n${faults.join('\n')}`);
		return response;
	};
}

/** `fetch` from a region in another process. It fails if the answer is not as documented. */
export async function checkedFetch(url: string, options: RequestInit = {}): Promise<Response> {
	const response = await fetch(url, options);
	const { onAnswer, failIfUndocumented } = checkAnswers();
	const answer = {
		status: response.status,
		headers: { ...Object.fromEntries(response.headers), 'set-cookie': response.headers.getSetCookie() },
		body: Buffer.from(await response.clone().arrayBuffer()),
	};
	onAnswer({ method: options.method ?? 'GET', path: new URL(url).pathname, answer });
	failIfUndocumented();
	return response;
}

/** Compares the answers of a region with the contract. */
export interface AnswerCheck {
	/** An option of the region. */
	readonly onAnswer: (answer: GatewayAnswer) => void;
	/** @throws if an answer since the last call was not as documented */
	failIfUndocumented(): void;
}

export function checkAnswers(): AnswerCheck {
	const faults = new Set<string>();
	return {
		onAnswer: ({ method, path, answer }) => {
			const { status, headers, body } = answer;
			const sent = method === 'HEAD' ? '' : body.toString();
			for (const fault of undocumented({ method, path, status, headers, body: sent })) faults.add(fault);
		},
		failIfUndocumented: () => {
			const found = [...faults];
			faults.clear();
			if (found.length > 0) throw new Error(`docs/openapi.json does not document this:\n${found.join('\n')}`);
		},
	};
}
