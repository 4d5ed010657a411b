import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../session/stub.ts';
import type { Merged, Propose, Repository } from './repository.ts';

/** One merge in one repository. */
export interface Attempt {
	readonly repository: Repository;
	readonly merged: Merged;
}

/** The outcome of a merge in several repositories. */
export interface Spread {
	/** In the order in which they were made. */
	readonly attempts: readonly Attempt[];
	/**
	 * The join that every holder has. `undefined`: none of them had the session, and nothing was
	 * proposed.
	 */
	readonly join: Session | undefined;
	/** The join with what other writers have stored meanwhile, which some holders may lack. */
	readonly met: Session | undefined;
	/**
	 * The repositories that hold the join or a stub of it.
	 *
	 *     holders ⊆ repositories
	 */
	readonly holders: readonly Repository[];
	/** The first holder with the whole join. Without one, nothing may be acknowledged. */
	readonly whole: Repository | undefined;
}

/**
 * Rounds after the first one. Two are needed without other writers: one gives the join to the
 * repositories that are behind, and one leaves a stub where the join does not fit. A writer that
 * comes between can make both necessary again, and one more. Repair does the rest.
 */
const roundsMax = 5;

/**
 * Merges in every repository at once. If they then hold different records, those that are behind
 * get the join. A repository in which the join does not fit comes after the others have it. So
 * attributes leave a repository only when another one has them (I2). If the process dies at any
 * point, at worst a repository is behind.
 *
 * @param mayChange whether the join may be changed. If not, nothing more is written.
 * @param isNew whether hardly any repository has a record of the session
 */
export async function spread(
	repositories: readonly Repository[],
	id: SessionId,
	propose: Propose,
	mayChange: (join: Session) => boolean = () => true,
	isNew = false,
): Promise<Spread> {
	const outcomes = new Map<Repository, Merged>();
	const attempts: Attempt[] = [];

	async function mergeIn(some: readonly Repository[], proposal: Propose, asNew = false): Promise<void> {
		const made = await Promise.all(
			some.map(async (repository) => ({
				repository,
				merged: await repository.merge(id, proposal, heldBeside(repository, outcomes), asNew),
			})),
		);
		for (const { repository, merged } of made) outcomes.set(repository, merged);
		attempts.push(...made);
	}

	await mergeIn(repositories, propose, isNew);
	let join = joinOf(undefined, [...outcomes.values()]);
	const findHolders = () => repositories.filter((repository) => holds(outcomes.get(repository), join));
	let holders = findHolders();
	for (let round = 0; round < roundsMax && join !== undefined && mayChange(join); round++) {
		const known = join;
		const due = repositories.filter(
			(repository) => !holders.includes(repository) && isDue(repository, outcomes, known),
		);
		if (due.length === 0) break;
		await mergeIn(due, () => known);
		// A repository may have met a record of another writer, which spreads that record itself.
		// But if the join with that record does not fit, the other repositories must have it first.
		const tooLarge = [...outcomes.values()].filter(({ kind }) => kind === 'too-large');
		join = joinOf(known, tooLarge);
		holders = findHolders();
	}
	const whole = holders.find((repository) => hasWhole(outcomes.get(repository)));
	return { attempts, join, met: joinOf(join, [...outcomes.values()]), holders, whole };
}

function joinOf(from: Session | undefined, outcomes: readonly Merged[]): Session | undefined {
	let join = from;
	for (const outcome of outcomes) {
		if (outcome.kind === 'failed' || outcome.session === undefined) continue;
		join = join === undefined ? outcome.session : merge(join, outcome.session);
	}
	return join;
}

/** The join of the whole records that the other repositories have acknowledged. */
function heldBeside(repository: Repository, outcomes: ReadonlyMap<Repository, Merged>): Session | undefined {
	if (outcomes.size === 0) return undefined;
	const others = [...outcomes].filter(([other, outcome]) => other !== repository && hasWhole(outcome));
	return joinOf(
		undefined,
		others.map(([, outcome]) => outcome),
	);
}

/**
 * Whether a repository that is behind gets the join in this round. One that failed is left to
 * repair.
 */
function isDue(repository: Repository, outcomes: ReadonlyMap<Repository, Merged>, join: Session): boolean {
	const outcome = outcomes.get(repository);
	if (outcome?.kind === 'too-large') return holdsAttributesOf(heldBeside(repository, outcomes), join);
	return outcome?.kind === 'stored';
}

/** Whether the repository holds the join, or a stub that lacks only its attributes. */
function holds(outcome: Merged | undefined, join: Session | undefined): boolean {
	if (outcome?.kind !== 'stored') return false;
	const { session } = outcome;
	if (session === undefined || join === undefined) return session === join;
	return merge(session, isWhole(session) ? join : stubOf(join)) === session;
}

function hasWhole(outcome: Merged | undefined): boolean {
	return outcome?.kind === 'stored' && outcome.session !== undefined && isWhole(outcome.session);
}
