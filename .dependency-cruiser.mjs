/**
 * The rules for imports. `npm run imports` checks every import, type-only imports included.
 *
 * A path in these tables is a folder or a file without its extension, and a `*` stands for any
 * part of one name. A folder may always import itself.
 */

/** For each folder of `functions/`, the parts of the project that it may import. */
const may = {
	'functions/session': [],
	'functions/access': ['functions/session'],
	'functions/protocol': ['functions/session', 'functions/access'],
	'functions/carried': ['functions/protocol', 'functions/session'],
	'functions/control-table': ['functions/carried', 'functions/session', 'functions/system'],
	'functions/repositories': ['functions/session', 'functions/system'],
	'functions/session-server': [
		'functions/protocol',
		'functions/carried',
		'functions/control-table',
		'functions/access',
		'functions/session',
		'functions/system',
	],
	'functions/bus': [
		'functions/protocol',
		'functions/carried',
		'functions/control-table',
		'functions/repositories',
		'functions/repair/repair-message',
		'functions/access',
		'functions/session',
		'functions/system',
	],
	'functions/repair': ['functions/control-table', 'functions/repositories', 'functions/session', 'functions/system'],
	'functions/rotate-keys': [
		'functions/session-server/deployment',
		'functions/access',
		'functions/session',
		'functions/system',
	],
	'functions/system': [],
};

/** The shapes, limits and settings in `functions/` that `infra/` may import. */
const forDeployments = [
	'functions/*/deployment',
	'functions/access/quota',
	'functions/access/service-catalog',
	'functions/control-table/feed-layout',
	'functions/control-table/schema',
	'functions/control-table/timing',
	'functions/protocol/operations',
	'functions/repositories/dynamodb/schema',
	'functions/session/session-schema',
	'functions/system/environment',
	'functions/system/metrics',
	'functions/system/time-budget',
];

/** For each AWS client, its adapters. `functions/system/aws` also imports and creates them all. */
const adapters = {
	'client-dynamodb': ['functions/control-table/dynamodb', 'functions/repositories/dynamodb'],
	'client-lambda': ['functions/session-server/lambda-bus'],
	'client-s3': ['functions/repositories/s3'],
	'client-secrets-manager': [
		'functions/rotate-keys/secrets-manager-*',
		'functions/session-server/identity/secrets-manager-*',
		'functions/session-server/distribution/secrets-manager-*',
	],
	// Only the module that stands for the SDK's own chain of credentials imports it.
	'credential-provider-env': [],
	'client-sqs': ['functions/bus/writing/sqs-*', 'functions/repair/sqs-*'],
};

/** The only built-in modules of Node.js that the pure folders may import. */
const builtIns = { 'functions/session': ['crypto'], 'functions/access': ['crypto'], 'functions/protocol': [] };

const project = '^(functions|infra|local|drills|examples|bench|test|house|models)/';
const awsSdk = '(^|/)@aws-sdk/';
const constructLibrary = '(^|/)(aws-cdk-lib|constructs)(/|$)';

const rules = [
	{
		name: 'no-cycles',
		comment: 'No file imports itself through others, types included. Move the shared part to its own file.',
		from: {},
		to: { circular: true },
	},
	{
		name: 'session-servers-know-no-repository',
		comment:
			'A session server knows no repository (I9). It has the control table and asks the bus for everything else.',
		from: { path: folder('functions/session-server') },
		to: { path: anyOf(['functions/repositories', 'functions/bus', 'functions/repair']) },
	},
	...Object.entries(may).map(([from, allowed]) => ({
		name: `${from}-imports`,
		comment: `${from} may import ${listed(allowed)} from the project.`,
		from: { path: folder(from) },
		to: { path: project, pathNot: anyOf([from, ...allowed]) },
	})),
	...Object.entries(builtIns).map(([from, allowed]) => ({
		name: `${from}-is-pure`,
		comment: `${from} is pure. It may import ${listed(allowed)} from Node.js.`,
		from: { path: folder(from) },
		to: { dependencyTypes: ['core'], pathNot: `^(node:)?(${allowed.join('|') || '-'})$` },
	})),
	...Object.entries(adapters).map(([client, allowed]) => ({
		name: `functions-aws-${client}`,
		comment: `In functions/, only ${listed(allowed)} and functions/system/aws may import @aws-sdk/${client}.`,
		from: { path: '^functions/', pathNot: anyOf([...allowed, 'functions/system/aws']) },
		to: { path: `${awsSdk}${client}(/|$)` },
	})),
	{
		name: 'functions-aws-others',
		comment: 'Name the adapter of a new AWS client in .dependency-cruiser.mjs before you import the client.',
		from: { path: '^functions/' },
		to: { path: awsSdk, pathNot: `${awsSdk}(${Object.keys(adapters).join('|')})(/|$)` },
	},
	{
		name: 'ports-without-aws',
		comment: 'A port knows no AWS client, and neither does a pure decision beside it. Only adapters do.',
		from: { path: anyOf(['functions/control-table', 'functions/repositories']) },
		to: { path: folder('functions/system/aws') },
	},
	{
		name: 'infra-from-functions',
		comment: `From functions/, infra/ may import ${listed(forDeployments)}: settings, and nothing that runs there.`,
		from: { path: '^infra/' },
		to: { path: '^functions/', pathNot: anyOf(forDeployments) },
	},
	{
		name: 'infra-without-aws-sdk',
		comment: 'infra/ describes resources and calls none. The AWS SDK is for functions/, local/ and drills/.',
		from: { path: '^infra/' },
		to: { path: awsSdk },
	},
	{
		name: 'construct-library-in-infra',
		comment: 'Only infra/ may import aws-cdk-lib and constructs.',
		from: { pathNot: '^infra/' },
		to: { path: constructLibrary },
	},
	{
		name: 'nothing-from-tests',
		comment: 'Users run infra/, local/, drills/ and bench/. They import nothing from test/ or house/.',
		from: { path: '^(infra|local|drills|examples|bench)/' },
		to: { path: '^(test|house)/' },
	},
	{
		name: 'examples-stand-alone',
		comment: 'An example is what a team would write, so it imports nothing of the project.',
		from: { path: '^examples/' },
		to: { path: '^(functions|infra|local|drills|bench)/' },
	},
	{
		name: 'benchmark-stands-alone',
		comment: 'The packages of bench/ are installed for the benchmark only. Nothing that users need imports it.',
		from: { path: '^(functions|infra|local|drills)/' },
		to: { path: '^bench/' },
	},
	{
		name: 'drills-are-last',
		comment: 'Drills run the local region. Neither infra/ nor local/ imports them.',
		from: { path: '^(infra|local)/' },
		to: { path: '^drills/' },
	},
];

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: rules.map((rule) => ({ severity: 'error', ...rule })),
	options: {
		// TypeScript 7 has no JavaScript API for dependency-cruiser to parse with.
		parser: 'swc',
		tsPreCompilationDeps: true,
		doNotFollow: { path: 'node_modules' },
		enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'], exportsFields: ['exports'] },
	},
};

function folder(path) {
	return `^${path.replaceAll('*', '[^/]*')}(/|\\.ts$)`;
}

function anyOf(paths) {
	return paths.map(folder).join('|');
}

function listed(names) {
	return names.length === 0 ? 'nothing' : new Intl.ListFormat('en').format(names);
}
