import type { TrialResults } from './run-trial.ts';
import type { Outcome, Result } from './step.ts';

const words: Readonly<Record<Outcome['kind'], string>> = {
	holds: 'holds',
	differs: '**differs**',
	failed: '**failed**',
	'not-possible-here': 'not possible here',
	'not-reached': '**not reached**',
};

/** The gaps of this command. A reader must not take its absence for a success. */
const notCovered = [
	'Rights are simulated by IAM. The policies of keys, buckets and queues are not part of that.',
	'The contents of a restored table. Only its items are counted.',
	'Your own domain, its certificate, and the topic of alarms.',
];

/** Whether nothing needs attention. A step that was not possible is no success and no failure. */
export function isWell({ deployed, steps, destroyed }: TrialResults): boolean {
	return (
		deployed.kind === 'holds' &&
		destroyed.kind === 'holds' &&
		steps.every(({ outcome }) => outcome.kind === 'holds' || outcome.kind === 'not-possible-here')
	);
}

/** The report in Markdown, to paste into an issue. It has no address, account or token. */
export function reportOf(results: TrialResults, stage: { readonly where: string; readonly version: string }): string {
	const rows: readonly Result[] = [
		{ claim: 'The stack is deployed.', outcome: results.deployed },
		...results.steps,
		{ claim: 'The stack is destroyed.', outcome: results.destroyed },
	];
	return [
		`## First deployment of Leasehold ${stage.version} on ${stage.where}`,
		'',
		'| claim | outcome | seen |',
		'| --- | --- | --- |',
		...rows.map(({ claim, outcome }) => `| ${claim} | ${words[outcome.kind]} | ${cell(outcome)} |`),
		'',
		'Not covered by this command:',
		'',
		...notCovered.map((text) => `- ${text}`),
		'',
	].join('\n');
}

/** Text of errors is longer than anybody reads in a table. */
const cellCharactersMax = 300;

/** Errors name these, and a report is for everybody. ARNs have names of users. */
const secrets: readonly (readonly [RegExp, string])[] = [
	[/\beyJ[\w-]+\.[\w.-]+/g, 'TOKEN'],
	[/https?:\/\/[^\s|]+/g, 'URL'],
	[/\barn:[\w-]*:([\w-]*):[^\s,"'|]+/g, 'ARN of $1'],
	[/\b(?:[\w-]+\.)+(?:amazonaws\.com(?:\.cn)?|api\.aws|on\.aws)\b/g, 'HOST'],
	[/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, 'ADDRESS'],
	[/(?<!\d)\d{12}(?!\d)/g, 'ACCOUNT'],
];

function cell(outcome: Outcome): string {
	const text = 'seen' in outcome ? outcome.seen : outcome.why;
	return secrets
		.reduce((left, [pattern, name]) => left.replaceAll(pattern, name), text)
		.replaceAll(/\s+/g, ' ')
		.replaceAll('|', '\\|')
		.slice(0, cellCharactersMax);
}
