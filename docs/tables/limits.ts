import { remoteCallsMax } from '../../test/simulation/checks/judge.ts';
import { bytes, count, duration, table } from './markdown.ts';
import { constant } from './source.ts';

type Row = readonly [what: string, limit: string, because: string];

/** The bounds of memory, requests, records and retries (I11). */
export function limitsTable(): string {
	return table(
		['what', 'limit', 'because'],
		[...ofMemory(), ...ofRequests(), ...ofSessions(), ...ofWrites(), ...ofRepairs()],
	);
}

function ofMemory(): Row[] {
	return [
		[
			'feed entries that one sync reads',
			number('feedEntriesMax'),
			'beyond that every copy is dropped: loading costs less',
		],
		['shards of the feed', number('shardsMax'), 'each is a query of every sync'],
		['replicas of the feed', number('replicasMax'), 'each is a write of every change'],
		['feed entries remembered', number('entriesMax', 'recent-entries'), 'then all are forgotten, which costs loads'],
		[
			'memory for copies',
			bytes(constant('copyBytesMaxDefault')),
			'`LEASEHOLD_COPY_BYTES_MAX`; least recently used go first',
		],
		['tokens remembered for a copy', number('tokensMax', 'copies'), 'the present one and the one before'],
		['share of the memory that one copy may take', `1/${number('shareMax')}`, 'or 64 KiB, if that is more'],
		['refusals remembered', number('refusalsMax'), 'asked for again when forgotten'],
		['absence remembered', duration(constant('absentForMs')), 'an operator can restore a repository'],
		['ends remembered', number('endsMax'), '24 MB at most; then older carried copies are not used'],
		['keys of carried copies remembered', number('copyKeysMax'), 'looked up again when forgotten'],
		['owners remembered', number('ownersMax'), 'looked up again when forgotten'],
		['keys in the keyring', number('keysMax'), 'more would only make mistakes harder to see'],
		[
			'looks for unknown key ids',
			`one in ${duration(constant('rereadForUnknownAfterMs'))}`,
			'any client can make up a key id',
		],
	];
}

function ofRequests(): Row[] {
	return [
		[
			'requests with one token, per second and instance',
			number('requestsPerSecondDefault'),
			'`clientLimits.requestsPerSecond`, 11 or more; ten times as many at once',
		],
		['characters of a carried copy', number('carriedTextMax'), 'a longer one is not made'],
		['wait for the next carried copy', duration(constant('renewalMs')), 'the client gets it with another request'],
		['requests that one load costs', number('loadCost'), 'it needs the bus'],
		['requests that one change costs', number('changeCost'), 'it writes'],
		['requests that one list or end of all costs', number('subjectCost'), 'it may read a hundred records'],
		[
			'failed logins from one address, per second and instance',
			number('failedLoginsPerSecondDefault'),
			'`clientLimits.failedLoginsPerSecond`; ten times as many at once',
		],
		[
			'remote calls of a decision, a view or a list',
			count(remoteCallsMax),
			'the simulation checks it; others may make more',
		],
		[
			'wait for the bus, per call',
			duration(constant('busWaitMaxMs')),
			'both tries of an invocation; the loads of a request share it',
		],
		['loads in one request', number('loadAttemptsMax'), 'none begins after half of that wait'],
		['looks at a lease, each with a seal', number('sealAttemptsMax'), 'then the lease counts as alive'],
		['stamps for one change', number('stampAttemptsMax'), 'only a clock beyond the margin needs more than two'],
		['seals at once for a proof', number('sealsAtOnce'), 'the sockets to DynamoDB'],
		['calls that end the others', number('endCallsMax'), 'each ends some dozens of sessions'],
		['body of a request', bytes(constant('jsonBytesMax')), 'room for all attributes that clients may reasonably set'],
		['body to or from a service', bytes(constant('forwardedBytesMax')), 'Lambda takes 6 MB'],
		['time of a service', duration(constant('serviceMs')), 'or what the function has left, less a second'],
		['services', number('servicesMax'), 'more are several systems'],
		['issuers', number('issuersMax'), 'one for each customer of a large deployment'],
	];
}

function ofSessions(): Row[] {
	return [
		['attributes in one change', number('attributesMax'), 'names have 64 characters at most'],
		['text of an attribute', number('attributeTextMax'), 'characters'],
		['attributes in a record', number('recordAttributesMax'), 'with deleted ones: names may change often'],
		[
			'attributes of a session, as JSON',
			bytes(constant('attributeBytesMax')),
			'far below the 6 MB of a Lambda payload',
		],
		[
			'fields of a later version in a session, as JSON',
			bytes(constant('unknownBytesMax')),
			'they are kept, so they take memory',
		],
		['scopes', number('scopesMax'), `of ${number('scopeLengthMax')} characters`],
		['subject', number('subjectLengthMax'), 'characters'],
		['a record, uncompressed', bytes(constant('recordBytesMax')), 'longer ones were not written by Leasehold'],
		['a record in DynamoDB, encoded', bytes(constant('itemRecordBytesMax')), 'an item takes 400 kB; then S3 alone'],
		['sessions of a subject, by quota', number('quotaMaxMax'), 'a hundred can be loaded within one request'],
		['sessions in one list', number('listedMax'), 'the newest'],
		['entries of a subject', number('subjectEntriesMax'), 'only logins without the index exceed the quota'],
	];
}

function ofWrites(): Row[] {
	return [
		['attempts at one merge', number('mergeAttemptsMax'), 'a conflict means that another writer got through'],
		["attempts at a subject's item", number('changeAttemptsMax'), 'then the login is `unavailable`'],
		['rounds of one write after the first', number('roundsMax', 'spread'), 'join, stub, and again for another writer'],
		['appends for one change', number('attemptsMax', 'entry-id'), 'a slow append is repeated with a later time'],
		['renewals that overtake each other', number('renewAttemptsMax'), 'each is a conflict on one item'],
		['loads at once for one subject', number('loadWidthMax'), 'sockets of the bus'],
		['revocations at once for one subject', number('endWidthMax'), 'each takes calls to every repository'],
	];
}

function ofRepairs(): Row[] {
	return [
		['deliveries of a repair', number('deliveriesMax'), "SQS's own limit; the queue keeps messages for longer"],
		['corrupt records remembered', number('askedMax'), 'forgetting one costs a message'],
	];
}

function number(name: string, where?: string): string {
	return count(constant(name, where));
}
