import type { Session } from '../../../functions/session/session.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { epochMs, type Schedule } from '../engine/schedule.ts';
import type { Cluster, Slot } from '../world/cluster.ts';
import { timeouts, timing } from '../world/settings.ts';
import type { Invariant } from './observer.ts';
import type { Witness } from './witness.ts';

/*
 * Faults have ended and repairs have drained. So nothing excuses a server any more: every live
 * session must be let in, owned, changed, kept while it is used, and ended. A protocol that lets
 * nobody in would keep all other promises.
 */

/** A session of the exam. */
interface Candidate {
	readonly session: Session;
	readonly token: string;
	/** Where it was established. */
	readonly home: Slot<SessionServer>;
}

/** As long as a request may take if nothing is at fault. */
const answeredWithinMs = 8_000;
/** Past the moment when a lease can be sealed, by the slowest clock. */
const sealableMs = timing.leaseDurationMs + 2 * timing.skewMs + 100;
/** Longer than it takes to store a new owner. */
const storedMs = 500;
/** Too soon after a report for another one. */
const unreportedMs = 0.8 * timing.touchIntervalMs;
/** Past the idle life that the repositories know, and within the one after the last use. */
const beforeIdleMs = 0.3 * timing.touchIntervalMs;

export async function examine(cluster: Cluster, schedule: Schedule, witness: Witness): Promise<void> {
	const { servers } = cluster;
	const violated = (what: string, invariant: Invariant = 'liveness') => witness.violated(invariant, what);

	/** Runs virtual time until every server has answered. */
	async function ask<Answer extends { readonly kind: string }>(
		requests: readonly (readonly [Slot<SessionServer>, (server: SessionServer) => Promise<Answer>])[],
	): Promise<readonly (Answer | { readonly kind: 'no answer' })[]> {
		const answers: (Answer | { readonly kind: 'no answer' })[] = requests.map(() => ({ kind: 'no answer' }));
		let open = requests.length;
		for (const [index, [{ node, instance }, request]] of requests.entries())
			schedule.at(index, () =>
				node.deliver(() => {
					void request(instance).then((answer) => {
						answers[index] = answer;
						open--;
					});
				}),
			);
		const deadline = schedule.now() + answeredWithinMs;
		await schedule.run(() => open === 0 || schedule.now() > deadline);
		return answers;
	}

	async function pass(ms: number): Promise<void> {
		let over = false;
		schedule.at(ms, () => {
			over = true;
		});
		await schedule.run(() => over);
	}

	const authorize = ({ token }: Candidate, service = 'drafts') => {
		return (server: SessionServer) => server.authorize(token, service);
	};

	async function logIn(): Promise<Candidate[]> {
		const logins = servers.map((home, index) => {
			const identity = {
				subject: `sim:exam-${index}`,
				scopes: ['read'],
				assuranceLevel: 1,
				authenticatedAtMs: Math.floor(epochMs + schedule.now()),
			};
			return [home, (server: SessionServer) => server.login({ ...identity, assuranceLevel: 1 })] as const;
		});
		const candidates: Candidate[] = [];
		for (const [index, answer] of (await ask(logins)).entries()) {
			const home = servers[index];
			if (answer.kind === 'established' && home !== undefined) candidates.push({ ...answer, home });
			else violated(`nobody could log in at server ${index + 1}: ${answer.kind}`);
		}
		return candidates;
	}

	/** Every server lets the session in, from the bus at first and then from its memory. */
	async function letsIn(candidate: Candidate, service?: string): Promise<void> {
		const { id } = candidate.session;
		for (const source of ['any', 'memory'] as const)
			for (const slot of servers) {
				const [answer] = await ask([[slot, authorize(candidate, service)]]);
				if (answer?.kind !== 'allowed') violated(`${slot.node.name} did not let ${id} in: ${describe(answer)}`);
				else if (source === 'memory' && service !== 'vault' && answer.evidence.source !== 'memory')
					violated(`${slot.node.name} has no copy of ${id}, which it has just let in`);
			}
	}

	/** A session whose owner died has another owner after use at a server without a copy. */
	async function survives(candidate: Candidate): Promise<void> {
		const { home, session } = candidate;
		home.kill();
		home.restart();
		await pass(sealableMs);
		// The server at home has lost its memory. Others may decide from theirs for some time.
		await letsIn(candidate);
		// The client did not wait until the new owner was stored.
		await pass(storedMs);
		const record = witness.truth.states('dynamodb', session.id).at(-1);
		if (
			record === undefined ||
			witness.truth.isSealed(record.owner.instanceId) ||
			record.owner.epoch === session.owner.epoch
		)
			violated(`${session.id} still belongs to its dead owner`);
	}

	/**
	 * Each session is last used in another way, and then not until shortly before it would have been
	 * idle for too long.
	 */
	async function staysInUse([reported, unreported, changed]: readonly Candidate[]): Promise<void> {
		if (reported === undefined || unreported === undefined || changed === undefined) return;
		for (let round = 0; round < 4; round++) {
			await pass(timing.touchIntervalMs + 100);
			await ask([reported, unreported].map((each) => [each.home, authorize(each)] as const));
		}
		await pass(unreportedMs);
		const lastUse = schedule.now();
		const updated = await ask([[changed.home, (server) => server.update(changed.token, { draft: 'v0' })]]);
		if (updated[0]?.kind !== 'updated') violated(`${changed.session.id} could not be changed: ${describe(updated[0])}`);
		await ask([[unreported.home, authorize(unreported)]]);
		await pass(
			lastUse + timeouts.idleMs - timing.touchIntervalMs - timing.skewMs - 500 - unreportedMs - schedule.now(),
		);
		const elsewhere = servers.find((slot) => slot !== reported.home);
		if (elsewhere !== undefined) await keeps(reported, elsewhere, 'reported');
		await pass(lastUse + timeouts.idleMs - beforeIdleMs - schedule.now());
		await keeps(unreported, unreported.home, 'used');
		await keeps(changed, changed.home, 'changed');
	}

	async function keeps(candidate: Candidate, slot: Slot<SessionServer>, how: string): Promise<void> {
		const [answer] = await ask([[slot, authorize(candidate)]]);
		if (answer?.kind === 'allowed') return;
		const code = describe(answer);
		const invariant = code === 'session_expired_idle' ? 'I13' : 'liveness';
		violated(`${candidate.session.id} was ${how} within its idle life, and ${slot.node.name} said ${code}`, invariant);
	}

	async function ends(candidate: Candidate): Promise<void> {
		const [slot] = servers;
		if (slot === undefined) return;
		const [ended] = await ask([[slot, (server) => server.logout(candidate.token)]]);
		if (ended?.kind !== 'ended') violated(`${candidate.session.id} could not be ended: ${describe(ended)}`);
	}

	const candidates = await logIn();
	for (const candidate of candidates) await letsIn(candidate);
	const [first, ...others] = candidates;
	if (first === undefined) return;
	await letsIn(first, 'vault');
	await survives(first);
	await staysInUse(others.length < 3 ? [...others, first] : others);
	for (const candidate of candidates) await ends(candidate);
}

function describe(
	answer: { readonly kind: string; readonly code?: string; readonly reason?: string } | undefined,
): string {
	return answer?.code ?? answer?.reason ?? answer?.kind ?? 'nothing';
}
