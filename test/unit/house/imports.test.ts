import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseConfig from 'dependency-cruiser/config-utl/extract-depcruise-config';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** An import: the file that has it, and the file or the package that it names. */
type Import = readonly [from: string, to: string];

/** At least one import for each rule that this rule refuses. */
const refused: Readonly<Record<string, readonly Import[]>> = {
	'no-cycles': [
		['functions/system/clock.ts', 'functions/system/timers.ts'],
		['functions/system/timers.ts', 'functions/system/clock.ts'],
	],
	'session-servers-know-no-repository': [
		['functions/session-server/compose.ts', 'functions/repositories/repository.ts'],
		['functions/session-server/memory/copies.ts', 'functions/bus/receipts.ts'],
		['functions/session-server/handler.ts', 'functions/repair/repair-message.ts'],
	],
	'functions/session-imports': [['functions/session/merge.ts', 'functions/system/random.ts']],
	'functions/access-imports': [['functions/access/token.ts', 'functions/protocol/read.ts']],
	'functions/protocol-imports': [['functions/protocol/read.ts', 'functions/system/log.ts']],
	'functions/carried-imports': [['functions/carried/carried-copy.ts', 'functions/bus/carry.ts']],
	'functions/control-table-imports': [['functions/control-table/lease.ts', 'functions/access/secret.ts']],
	'functions/repositories-imports': [['functions/repositories/spread.ts', 'functions/control-table/feed.ts']],
	'functions/session-server-imports': [['functions/session-server/stamper.ts', 'functions/rotate-keys/step.ts']],
	'functions/bus-imports': [
		['functions/bus/context.ts', 'functions/session-server/request.ts'],
		['functions/bus/bus.ts', 'functions/repair/repair-session.ts'],
		['functions/bus/bus.ts', 'functions/repair/repair-messages.ts'],
	],
	'functions/repair-imports': [['functions/repair/settle-notes.ts', 'functions/protocol/read.ts']],
	'functions/rotate-keys-imports': [
		['functions/rotate-keys/rotation-step.ts', 'functions/session-server/request.ts'],
		['functions/rotate-keys/handler.ts', 'local/region.ts'],
	],
	'functions/system-imports': [['functions/system/log.ts', 'functions/session/ids.ts']],
	'functions/session-is-pure': [['functions/session/stamp.ts', 'node:timers']],
	'functions/access-is-pure': [['functions/access/decision.ts', 'node:fs/promises']],
	'functions/protocol-is-pure': [['functions/protocol/envelope.ts', 'node:crypto']],
	'functions-aws-client-dynamodb': [['functions/repositories/s3/ledger.ts', '@aws-sdk/client-dynamodb']],
	'functions-aws-client-lambda': [['functions/session-server/handler.ts', '@aws-sdk/client-lambda']],
	'functions-aws-client-s3': [['functions/repositories/placement.ts', '@aws-sdk/client-s3']],
	'functions-aws-client-secrets-manager': [['functions/bus/handler.ts', '@aws-sdk/client-secrets-manager']],
	'functions-aws-credential-provider-env': [
		['functions/session-server/lambda-bus.ts', '@aws-sdk/credential-provider-env'],
	],
	'functions-aws-client-sqs': [['functions/bus/writing/repair-queue.ts', '@aws-sdk/client-sqs']],
	'functions-aws-others': [['functions/system/aws/kms-client.ts', '@aws-sdk/client-kms']],
	'ports-without-aws': [['functions/repositories/subject-index.ts', 'functions/system/aws/s3-client.ts']],
	'infra-from-functions': [
		['infra/constructs/bus.ts', 'functions/bus/handler.ts'],
		['infra/constructs/lease.ts', 'functions/control-table/lease.ts'],
	],
	'infra-without-aws-sdk': [['infra/app.ts', '@aws-sdk/client-s3']],
	'construct-library-in-infra': [
		['local/main.ts', 'aws-cdk-lib'],
		['drills/main.ts', 'constructs'],
	],
	'nothing-from-tests': [
		['local/region.ts', 'test/support/memory.ts'],
		['drills/stage.ts', 'test/simulation/judge.ts'],
		['infra/stack.ts', 'house/rooms.ts'],
	],
	'examples-stand-alone': [['examples/notes/api.ts', 'local/system/listen.ts']],
	'benchmark-stands-alone': [['drills/report.ts', 'bench/results/result.ts']],
	'drills-are-last': [['local/cli/options.ts', 'drills/report.ts']],
};

const allowed: readonly Import[] = [
	['functions/session/version.ts', 'node:crypto'],
	['functions/session/version.ts', 'functions/session/ids.ts'],
	['functions/access/quota.ts', 'functions/session/ids.ts'],
	['functions/control-table/dynamodb/feed.ts', '@aws-sdk/client-dynamodb'],
	['functions/repositories/s3/repository.ts', '@aws-sdk/client-s3'],
	['functions/repositories/s3/repository.ts', 'functions/repositories/repository.ts'],
	['functions/session-server/lambda-bus.ts', '@aws-sdk/client-lambda'],
	['functions/session-server/lambda-bus.ts', 'functions/protocol/answers.ts'],
	['functions/session-server/operations/health.ts', 'functions/control-table/lease.ts'],
	['functions/bus/writing/sqs-repair-queue.ts', '@aws-sdk/client-sqs'],
	['functions/bus/writing/sqs-repair-queue.ts', 'functions/repair/repair-message.ts'],
	['functions/system/aws/sqs-client.ts', '@aws-sdk/client-sqs'],
	['infra/settings/times.ts', 'functions/bus/deployment/environment.ts'],
	['infra/settings/request-time.ts', 'functions/system/time-budget.ts'],
	['infra/settings/times.ts', 'aws-cdk-lib'],
	['local/lambda/event-source.ts', '@aws-sdk/client-sqs'],
	['drills/load/clients.ts', 'local/gateway/routes.ts'],
	['local/demo-app.ts', 'examples/notes/api.ts'],
];

const packages = [
	'aws-cdk-lib',
	'constructs',
	'@aws-sdk/credential-provider-env',
	...['dynamodb', 'kms', 'lambda', 's3', 'secrets-manager', 'sqs'].map((client) => `@aws-sdk/client-${client}`),
];

const config = await extractDepcruiseConfig(join(import.meta.dirname, '../../../.dependency-cruiser.mjs'));
const violations = new Map<string, string[]>();
let tree: string;

beforeAll(async () => {
	tree = await mkdtemp(join(tmpdir(), 'leasehold-imports-'));
	await plant([...Object.values(refused).flat(), ...allowed]);
	const { forbidden = [], options = {} } = config;
	const { output } = await cruise(['functions', 'infra', 'local', 'drills', 'examples'], {
		...options,
		baseDir: tree,
		ruleSet: { forbidden },
		validate: true,
	});
	if (typeof output === 'string') throw new Error(output);
	for (const { source, dependencies } of output.modules)
		for (const { resolved, rules = [] } of dependencies)
			for (const { name } of rules) violations.set(name, [...(violations.get(name) ?? []), `${source} -> ${resolved}`]);
});

afterAll(() => rm(tree, { recursive: true }));

test('every rule has an import here that it refuses', () => {
	expect(Object.keys(refused)).toEqual(config.forbidden?.map(({ name }) => name));
});

test.each(Object.entries(refused))('%s refuses each planted import, type-only imports included', (rule, imports) => {
	const found = violations.get(rule) ?? [];
	for (const [from, to] of imports) expect(found).toContainEqual(expect.stringMatching(`^${from} -> .*${bare(to)}`));
});

test.each(allowed)('%s may import %s', (from, to) => {
	for (const found of violations.values())
		expect(found).not.toContainEqual(expect.stringMatching(`^${from} -> .*${bare(to)}`));
});

test('every rule tells the contributor in a sentence what is allowed', () => {
	for (const { comment } of config.forbidden ?? []) expect(comment).toMatch(/^\S.*\.$/);
});

/** Writes a tree with these imports. The first of each file is an import of a type alone. */
async function plant(imports: readonly Import[]): Promise<void> {
	const sources = new Map<string, string>();
	for (const [from, to] of imports) {
		const specifier = to.includes('.ts') ? `./${relative(dirname(from), to)}` : to;
		const first = sources.get(from) ?? '';
		sources.set(from, `${first}import ${first === '' ? 'type ' : ''}{ x } from '${specifier}';\n`);
		if (to.includes('.ts') && !sources.has(to)) sources.set(to, '');
	}
	for (const name of packages) {
		sources.set(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
		sources.set(`node_modules/${name}/index.js`, '');
	}
	for (const [file, source] of sources) {
		await mkdir(dirname(join(tree, file)), { recursive: true });
		await writeFile(join(tree, file), source);
	}
}

/** A built-in module without its prefix, as dependency-cruiser reports it. */
function bare(to: string): string {
	return to.replace(/^node:/, '');
}
