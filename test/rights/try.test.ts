import { IAMClient } from '@aws-sdk/client-iam';
import { test } from 'vitest';
import { denialsSince, probe, restartFunctions, settings } from './probes.ts';
import { rightsOf } from './roles.ts';

test('try', { timeout: 1_500_000 }, async () => {
	console.log('baseline', JSON.stringify(await probe(true)));
	console.log(JSON.stringify(await denialsSince(0)).slice(0, 500));
	const rights = await rightsOf(new IAMClient(settings), [
		'SessionServer',
		'Authorizer',
		'Bus',
		'Repair',
		'RotateKeys',
	]);
	for (const r of rights) {
		if (/^(kms|logs|xray):/.test(r.action)) continue;
		const back = await r.takeAway();
		await restartFunctions();
		const begun = Date.now();
		const o = await probe(r.resource === 'ControlTable').catch((e) => ({ error: String(e) }));
		const d = await denialsSince(begun);
		console.log(
			'RIGHT',
			r.role,
			r.action,
			r.resource,
			JSON.stringify(o),
			d.length,
			(d.find((l) => l.includes(r.action)) ?? d[0] ?? '').slice(0, 300),
		);
		await back();
		await restartFunctions();
	}
});
