import { setTimeout as delay } from 'node:timers/promises';
import type { ClientAnswer } from './clients.ts';

/** Requests beyond this many without an answer are not sent. A client has as few connections. */
const openMax = 50;

export interface Steadily {
	readonly perSecond: number;
	readonly forMs: number;
	/** Ends it before. @default never */
	isEnough?(): boolean;
}

/**
 * Sends requests at a rate, whether or not the ones before have been answered, as a flood does.
 *
 * @param onAnswer called for each answer
 * @returns when all have been answered
 */
export async function sendSteadily(
	send: () => Promise<ClientAnswer>,
	{ perSecond, forMs, isEnough = () => false }: Steadily,
	onAnswer: (answer: ClientAnswer) => void = () => undefined,
): Promise<void> {
	const open = new Set<Promise<void>>();
	const begun = performance.now();
	for (let sent = 0; ; sent++) {
		const waitMs = begun + (sent * 1_000) / perSecond - performance.now();
		if (waitMs > 0) await delay(waitMs);
		if (performance.now() - begun >= forMs || isEnough()) break;
		if (open.size >= openMax) continue;
		const answered = send().then((answer) => {
			onAnswer(answer);
			open.delete(answered);
		});
		open.add(answered);
	}
	await Promise.all(open);
}
