import { join } from 'node:path';
import { demoServices } from '../../local/demo.ts';
import { bundleFunctions, functionEntries } from '../../local/lambda/function-bundles.ts';
import { makeRunFolder, removeRunFolder } from '../../local/system/run-folder.ts';
import { type ClientSession, sessionOf } from '../load/clients.ts';
import { countStillAllowed } from '../load/probes.ts';
import { isAcknowledged, logOut } from '../load/writes.ts';
import { recordsOf } from '../measures/compare-repositories.ts';
import { createOutage } from '../measures/outage.ts';
import { converged } from '../measures/repairs.ts';
import { moreField } from '../releases/more-fields.ts';
import { nextRelease } from '../releases/next-release.ts';
import { previousReleaseFile, type ReleaseBundles, readRelease, unpackRelease } from '../releases/release-file.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** How long both releases run side by side, and how long each then runs alone. */
const mixedMs = 1_500;
const aloneMs = 500;
/**
 * How long S3 is down while both run, so that each release repairs what the other has queued. It is
 * the same repository each time: until what one has missed is repaired, the other must answer (A3).
 */
const outageMs = 500;
/** Sessions that log in while both run, and those of them that log out. */
const loginsEach = 4;
const logoutsEach = 2;
/** As many buses as session servers. Every one of them is replaced four times. */
const instances = 4;
/** A failover has two messages under way, and half of these instances are replaced at once. */
const busInstances = 3 * instances;
/** All requests of the load, and those that each release must answer while both run. */
const requestsMin = 1_500;
const answersMin = 20;

/**
 * Rolls back to the previous release, upgrades to this one and to the next one, and rolls back to
 * this one. Each time, both releases run side by side for a while. The next release adds a field to
 * everything that it sends and stores.
 */
export async function rollingUpgrade(): Promise<Report> {
	const folder = await makeRunFolder('releases');
	try {
		const previous = await unpackRelease(
			await readRelease(previousReleaseFile),
			join(folder, 'previous'),
			demoServices,
		);
		const next = await bundleFunctions(join(folder, 'next'), functionEntries, demoServices, [nextRelease]);
		return await onStage({ requestsMin, region: { busInstances } }, (stage) => play(stage, { previous, next }));
	} finally {
		await removeRunFolder(folder);
	}
}

async function play(
	stage: Stage,
	{ previous, next }: { readonly previous: ReleaseBundles; readonly next: ReleaseBundles },
): Promise<Report> {
	const { clients, region, sessions } = stage;
	const current = region.bundles;
	const users: ClientSession[] = [];
	const ended: ClientSession[] = [];
	const answers: number[] = [];
	let refusedWrites = 0;

	await stage.wait(aloneMs);
	await replaceAll(previous, 'rolled-back');
	await replaceAll(current, 'upgraded');
	await replaceAll(next, 'upgraded-again');
	const ofNext = await logInOn(await clients.instanceNames('session-server'), 'of-next');
	await replaceAll(current, 'rolled-back-again');
	// This release writes every record and index item that the next one has made.
	for (const session of ofNext.slice(0, logoutsEach)) await end(session);
	await stage.wait(aloneMs);
	const stillAllowed = await countStillAllowed(clients, ended);
	return stage.finish('rolling-upgrade', async () => [
		atMost('writes that were not acknowledged', 0, refusedWrites),
		atLeast('requests that each release answered beside the other', answersMin, Math.min(...answers)),
		atMost('ended sessions that an instance still allows', 0, stillAllowed),
		...(await converged(stage, sessions.length)),
		...(await keptFields(stage, ofNext)),
	]);

	/** Replaces every instance by one of this release, first half of them, then the others. */
	async function replaceAll(release: ReleaseBundles, name: string): Promise<void> {
		region.deploy(release);
		const old = await clients.instanceNames();
		const first = old.filter((_, index) => index % 2 === 0);
		await replace(first);
		const counts = { old: 0, new: 0 };
		stage.load.onAnswer = ({ process = '' }) => counts[old.includes(process) ? 'old' : 'new']++;
		const outage = createOutage(['s3']);
		await outage.begin(clients, 'error');
		users.push(...(await logInOn(anyInstance(loginsEach), name)));
		await stage.wait(outageMs);
		await outage.end(clients);
		for (const session of users.splice(0, logoutsEach)) await end(session);
		await stage.wait(mixedMs);
		stage.load.onAnswer = undefined;
		answers.push(counts.old, counts.new);
		await replace(old.filter((instance) => !first.includes(instance)));
		await stage.wait(aloneMs);
	}

	async function replace(instances: readonly string[]): Promise<void> {
		for (const instance of instances) await clients.control('POST', `/instances/${instance}/kill`, {});
	}

	async function logInOn(targets: readonly (string | undefined)[], name: string): Promise<readonly ClientSession[]> {
		const made: ClientSession[] = [];
		for (const [index, target] of targets.entries()) {
			const answer = await clients.tryLogin(`${name}-${index}`, target === undefined ? {} : { target });
			if (answer.status === 201) made.push(sessionOf(answer));
			else refusedWrites++;
		}
		sessions.push(...made);
		return made;
	}

	async function end(session: ClientSession): Promise<void> {
		if (!isAcknowledged(await logOut(clients, session))) refusedWrites++;
		ended.push(session);
	}
}

function anyInstance(count: number): readonly undefined[] {
	return Array.from({ length: count }, () => undefined);
}

/** Whether the records that the next release has made still have what it added. */
async function keptFields({ region }: Stage, made: readonly ClientSession[]) {
	const records = await recordsOf(region);
	const kept = made.filter(({ handle }) =>
		records.every((of) => {
			const record = of.get(handle);
			return record !== undefined && moreField in record && moreField in record.credential;
		}),
	);
	return [atLeast('sessions of the next release that kept its fields in both repositories', made.length, kept.length)];
}
