import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../session/stub.ts';
import type { Merged, Propose, Repository } from './repository.ts';

/** One merge in one repository. */
export interface Attempt {
	readonly repository: Repository;
	readonly merged: Merged;
}

/** What became of a merge in several repositories. */
export interface Spread {
	/** In the order in which they were made. */
	readonly attempts: readonly Attempt[];
	/** What all holders hold; `undefined` when none of them had the session and nothing was proposed. */
	readonly join: Session | undefined;
	/** Those that hold the join, or a stub of it. */
	readonly holders: readonly Repository[];
	/** The first of them that has the whole join. Without one, nothing may be acknowledged. */
	readonly whole: Repository | undefined;
}

/**
 * Rounds after the first: one that gives the join to who is behind, one that leaves a stub where it does not fit, and as many
 * again, and once more, for a writer that comes between. What is missing then is left to repair.
 */
const roundsMax = 5;

/**
 * Merges in every repository at once. Where they turn out to hold different records, those behind get the join; one in which
 * it does not fit comes after the others have it. So attributes leave a repository only once another one has them (I2), and a
 * crash at any point leaves nothing worse than a repository that is behind.
 */
export async function spread(repositories: readonly Repository[], id: SessionId, propose: Propose): Promise<Spread> {
	const outcomes = new Map<Repository, Merged>();
	const attempts: Attempt[] = [];

	async function mergeIn(some: readonly Repository[], proposal: Propose): Promise<void> {
		const made = await Promise.all(
			some.map(async (repository) => ({
				repository,
				merged: await repository.merge(id, proposal, heldBeside(repository, outcomes)),
			})),
		);
		for (const { repository, merged } of made) outcomes.set(repository, merged);
		attempts.push(...made);
	}

	await mergeIn(repositories, propose);
	let join = joinOf(undefined, [...outcomes.values()]);
	const findHolders = () => repositories.filter((repository) => holds(outcomes.get(repository), join));
	let holders = findHolders();
	for (let round = 0; round < roundsMax && join !== undefined; round++) {
		const known = join;
		const due = repositories.filter(
			(repository) => !holders.includes(repository) && isDue(repository, outcomes, known),
		);
		if (due.length === 0) break;
		await mergeIn(due, () => known);
		// What a second write met in one repository, the others may not have; but what has no place there they must have.
		const tooLarge = [...outcomes.values()].filter(({ kind }) => kind === 'too-large');
		join = joinOf(known, tooLarge);
		holders = findHolders();
	}
	const whole = holders.find((repository) => hasWhole(outcomes.get(repository)));
	return { attempts, join, holders, whole };
}

function joinOf(from: Session | undefined, outcomes: readonly Merged[]): Session | undefined {
	let join = from;
	for (const outcome of outcomes) {
		if (outcome.kind === 'failed' || outcome.session === undefined) continue;
		join = join === undefined ? outcome.session : merge(join, outcome.session);
	}
	return join;
}

/** What other repositories than this one have acknowledged, whole. */
function heldBeside(repository: Repository, outcomes: ReadonlyMap<Repository, Merged>): Session | undefined {
	if (outcomes.size === 0) return undefined;
	const others = [...outcomes].filter(([other, outcome]) => other !== repository && hasWhole(outcome));
	return joinOf(
		undefined,
		others.map(([, outcome]) => outcome),
	);
}

/** Whether a repository that is behind is to be given the join now. One that failed is not asked again: repair comes back to it. */
function isDue(repository: Repository, outcomes: ReadonlyMap<Repository, Merged>, join: Session): boolean {
	const outcome = outcomes.get(repository);
	if (outcome?.kind === 'too-large') return holdsAttributesOf(heldBeside(repository, outcomes), join);
	return outcome?.kind === 'stored';
}

/** A stub that differs from the join in nothing but attributes has nothing to be given. */
function holds(outcome: Merged | undefined, join: Session | undefined): boolean {
	if (outcome?.kind !== 'stored') return false;
	const { session } = outcome;
	if (session === undefined || join === undefined) return session === join;
	return merge(session, isWhole(session) ? join : stubOf(join)) === session;
}

function hasWhole(outcome: Merged | undefined): boolean {
	return outcome?.kind === 'stored' && outcome.session !== undefined && isWhole(outcome.session);
}
