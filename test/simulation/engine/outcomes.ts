/** Which calls have failed lately, by the node that called. */
export interface Outcomes {
	begun(node: string, service: string, what: () => string): void;
	ended(node: string, service: string, what: () => string, hasFailed: boolean): void;
	/** Whether a call from the node to the service has just failed, or none has succeeded since. */
	hasJustFailed(node: string, service: string): boolean;
	/** Whether such a call from the node has failed since then, or has no answer yet. */
	isUnanswered(node: string, what: string, sinceMs: number): boolean;
}

/** A bus that met a failure during a message may answer it this much later. */
const justMs = 3_500;

export function createOutcomes(now: () => number): Outcomes {
	const failedAt = new Map<string, number>();
	const failing = new Set<string>();
	const unanswered = new Map<string, number>();

	/** Only looks are told from other calls to the control table. */
	function keyOf(node: string, service: string, what: () => string): string | undefined {
		if (service === 'dynamodb' || service === 's3') return `${node} ${service}`;
		const isLook = service === 'control' && what().startsWith('look ');
		return isLook ? `${node} ${what()}` : undefined;
	}

	function count(key: string, by: number): void {
		unanswered.set(key, (unanswered.get(key) ?? 0) + by);
	}

	function failedSince(key: string, sinceMs: number): boolean {
		return (failedAt.get(key) ?? Number.NEGATIVE_INFINITY) >= sinceMs;
	}

	return {
		begun: (...call) => {
			const key = keyOf(...call);
			if (key !== undefined) count(key, 1);
		},
		ended: (node, service, what, hasFailed) => {
			const key = keyOf(node, service, what);
			if (key === undefined) return;
			count(key, -1);
			if (hasFailed) {
				failing.add(key);
				failedAt.set(key, now());
			} else failing.delete(key);
		},
		hasJustFailed: (node, service) => {
			const key = `${node} ${service}`;
			return failing.has(key) || failedSince(key, now() - justMs);
		},
		isUnanswered: (node, what, sinceMs) => {
			const key = `${node} ${what}`;
			return (unanswered.get(key) ?? 0) > 0 || failedSince(key, sinceMs);
		},
	};
}
