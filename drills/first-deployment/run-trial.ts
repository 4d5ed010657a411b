import type { Finding, NotPossible, Outcome, Result, Step, Trial } from './step.ts';

export interface Deployment {
	/** Deploys its own stack. */
	deploy(): Promise<Trial>;
	/** Destroys the stack with its data, also one that was deployed in part. */
	destroy(): Promise<void>;
}

export interface TrialResults {
	readonly deployed: Outcome;
	readonly steps: readonly Result[];
	readonly destroyed: Outcome;
}

/**
 * Deploys, takes all steps and destroys. It destroys whatever failed before. A step that fails does
 * not keep the next ones from being taken. After `stop` is aborted, no further step begins.
 */
export async function runTrial(
	deployment: Deployment,
	steps: readonly Step[],
	stop: AbortSignal,
): Promise<TrialResults> {
	let trial: Trial | undefined;
	const results: Result[] = [];
	const deployed = await outcomeOf(async () => {
		trial = await deployment.deploy();
		return { holds: true, seen: 'deployed' };
	});
	for (const step of steps) results.push({ claim: step.claim, outcome: await taken(step, trial, stop) });
	const destroyed = await outcomeOf(async () => {
		await deployment.destroy();
		return { holds: true, seen: 'destroyed' };
	});
	return { deployed, steps: results, destroyed };
}

async function taken(step: Step, trial: Trial | undefined, stop: AbortSignal): Promise<Outcome> {
	if (trial === undefined) return { kind: 'not-reached', why: 'the stack was not deployed' };
	if (stop.aborted) return { kind: 'not-reached', why: 'the run was interrupted' };
	if (trial.emulated && step.notOnEmulators !== undefined)
		return { kind: 'not-possible-here', why: step.notOnEmulators };
	const reached = trial;
	return outcomeOf(() => step.check(reached));
}

/** A failure is a result here: the stack must be destroyed and the report written all the same. */
async function outcomeOf(check: () => Promise<Finding | NotPossible>): Promise<Outcome> {
	try {
		const found = await check();
		if ('notPossible' in found) return { kind: 'not-possible-here', why: found.notPossible };
		return { kind: found.holds ? 'holds' : 'differs', seen: found.seen };
	} catch (error) {
		return { kind: 'failed', why: String(error) };
	}
}
