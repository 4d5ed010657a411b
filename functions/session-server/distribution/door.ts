import { createHash, timingSafeEqual } from 'node:crypto';
import { hostHeader, secretHeader, viewerHeader } from '../deployment/distribution-headers.ts';
import type { ApiRequest } from '../http/exchange.ts';
import type { DistributionSecret } from './secret.ts';

/**
 * A request as the distribution's client sent it: with its host and its address. `refused`: it did
 * not come through the distribution. Only then may the client itself have written these headers.
 */
export async function throughDistribution<Request extends Pick<ApiRequest, 'headers' | 'sourceAddress'>>(
	request: Request,
	secret: DistributionSecret,
): Promise<Request | 'refused' | 'unavailable'> {
	const { [secretHeader]: presented, [viewerHeader]: viewer, [hostHeader]: host, ...headers } = request.headers;
	if (presented === undefined) return 'refused';
	const isGenuine = await secret.accepts((text) => isSame(presented, text));
	if (isGenuine !== true) return isGenuine === false ? 'refused' : 'unavailable';
	return {
		...request,
		headers: { ...headers, ...(host === undefined ? {} : { host }) },
		...(viewer === undefined ? {} : { sourceAddress: viewer }),
	};
}

/** Takes the same time wherever the texts differ. The digests have the same length. */
function isSame(presented: string, text: string): boolean {
	return timingSafeEqual(digest(presented), digest(text));
}

function digest(text: string): Buffer {
	return createHash('sha256').update(text).digest();
}
