import { busTryMs } from '../../../functions/system/time-budget.ts';
import { allowed, expectKind, tell } from './story.ts';
import { roundTripMs, untilAskedAgainMs } from './waits.ts';

tell(
	'a login outlives the end of all others that met its first try, even if the index is down by then',
	async (story) => {
		const bob = await story.login('B');
		// The first try makes the entry of its session, and stores the session much later.
		const late = [story.hold('merge'), story.hold('merge')];
		const login = story.begin.login('A');
		await story.pass(roundTripMs);
		expectKind(await story.endOthers('B', bob), 'ended');
		story.outage('dynamodb', 'refuses');
		await story.pass(busTryMs);
		const { session, token } = expectKind(await story.finish(login), 'established');
		story.endOutage('dynamodb');
		for (const arrive of late) arrive();
		await story.drainRepairs();
		await story.pass(untilAskedAgainMs);

		// The next login ends what somebody decided to end.
		await story.login('C');
		allowed(await story.authorize('C', { id: session.id, token }, 'vault'));
	},
);
