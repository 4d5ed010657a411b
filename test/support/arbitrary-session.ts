import fc from 'fast-check';
import { mergeConditionalChanges } from '../../functions/session/conditional-changes.ts';
import type {
	Attribute,
	AttributeValue,
	ConditionalChange,
	Credential,
	Revocation,
	Session,
} from '../../functions/session/session.ts';
import type { Stamp } from '../../functions/session/stamp.ts';
import { makeStamp } from '../../functions/session/stamp.ts';
import { stubOf } from '../../functions/session/stub.ts';
import { exampleInstanceId, exampleSecretHash, exampleSession, exampleStartMs } from './example-session.ts';

/*
 * Records of one session that replicas may come to hold. Every domain is small, so that ties and
 * conflicts, which a join must resolve, are frequent.
 */

/** Fields that a later version of Leasehold may have added to a part of a session. */
const arbitraryUnknown: fc.Arbitrary<object> = fc.oneof(
	{ weight: 3, arbitrary: fc.constant({}) },
	{
		weight: 2,
		arbitrary: fc.record(
			{
				later: fc.oneof(
					fc.constantFrom<unknown>(null, true, 9, 10, 'one', ['one'], { note: 'one' }),
					fc.record({ order: fc.constantFrom(9, 10), note: fc.constantFrom('one', 'two') }, { noNullPrototype: true }),
				),
				seen: fc.integer({ min: 0, max: 2 }),
			},
			{ requiredKeys: [], noNullPrototype: true },
		),
	},
);

function withUnknown<Part extends object>(part: fc.Arbitrary<Part>): fc.Arbitrary<Part> {
	return fc.tuple(part, arbitraryUnknown).map(([known, unknown]) => ({ ...known, ...unknown }));
}

export const arbitraryStamp: fc.Arbitrary<Stamp> = fc
	.record({
		wallMs: fc.constantFrom(exampleStartMs, exampleStartMs + 1, exampleStartMs + 60_000),
		counter: fc.integer({ min: 0, max: 2 }),
		node: fc.constantFrom('one', 'two', 'Three'),
	})
	.map(({ wallMs, counter, node }) => makeStamp(wallMs, counter, node));

export const arbitraryAttributeName = fc.constantFrom('a', 'theme', 'valueOf', 'x.y-z');

export const arbitraryAttributeValue: fc.Arbitrary<AttributeValue> = fc.oneof(
	fc.constantFrom<AttributeValue>('', '1', 'one', 1, 1.5, true, false),
	fc.string({ maxLength: 8 }),
);

const arbitraryAttribute: fc.Arbitrary<Attribute> = withUnknown(
	fc.oneof(
		fc.record({ stamp: arbitraryStamp, value: arbitraryAttributeValue }, { noNullPrototype: true }),
		fc.record({ stamp: arbitraryStamp, deleted: fc.constant(true as const) }, { noNullPrototype: true }),
	),
);

const arbitraryAttributes: fc.Arbitrary<Session['attributes']> = fc.dictionary(
	arbitraryAttributeName,
	arbitraryAttribute,
	{ noNullPrototype: true },
);

const arbitraryConditionalChanges = fc
	.array(
		fc.record(
			{ over: fc.constantFrom('v'.repeat(16), 'w'.repeat(16)), stamp: arbitraryStamp },
			{ noNullPrototype: true },
		),
		{ maxLength: 10 },
	)
	.map((changes) =>
		changes
			.map((change) => [change])
			.reduce<readonly ConditionalChange[]>((some, more) => mergeConditionalChanges(some, more) ?? [], []),
	);

const arbitraryHash = fc.constantFrom('a', 'b', 'c').map(exampleSecretHash);

const arbitraryRotation = fc.option(
	fc.record(
		{ previousSecretHash: arbitraryHash, graceUntilMs: fc.constantFrom(exampleStartMs, exampleStartMs + 30_000) },
		{ noNullPrototype: true },
	),
	{ nil: undefined },
);

const arbitraryCredential: fc.Arbitrary<Credential> = fc
	.record(
		{
			generation: fc.integer({ min: 1, max: 3 }),
			secretHash: arbitraryHash,
			assuranceLevel: fc.constantFrom(1, 2, 3),
			authenticatedAtMs: fc.constantFrom(exampleStartMs, exampleStartMs + 5),
			scopes: fc.subarray(['read', 'write', 'admin']),
			rotation: arbitraryRotation,
			unknown: fc.constantFrom({}, { authenticationTimeUnknown: true as const }),
			signature: fc.constantFrom({}, ...['a', 'b'].map((letter) => ({ signature: `k001.${letter.repeat(43)}` }))),
		},
		{ noNullPrototype: true },
	)
	.chain(({ rotation, unknown, signature, ...credential }) =>
		withUnknown(fc.constant({ ...credential, ...rotation, ...unknown, ...signature })),
	);

export const arbitraryRevocation: fc.Arbitrary<Revocation> = withUnknown(
	fc.record(
		{
			atMs: fc.constantFrom(exampleStartMs, exampleStartMs + 1, exampleStartMs + 2),
			reason: fc.constantFrom('logout', 'administration', 'quota'),
		},
		{ noNullPrototype: true },
	),
);

/** A record of a session that may still be used. */
export const arbitraryUnrevokedSession: fc.Arbitrary<Session> = fc
	.record(
		{
			absoluteExpiresAtMs: fc.constantFrom(exampleStartMs + 1_000, exampleStartMs + 3_600_000),
			idleTimeoutMs: fc.constantFrom(500, 600_000),
			lastSeenAtMs: fc.integer({ min: 0, max: 3 }).map((step) => exampleStartMs + step * 700),
			credential: arbitraryCredential,
			owner: withUnknown(
				fc.record(
					{
						epoch: fc.integer({ min: 1, max: 3 }),
						instanceId: fc.integer({ min: 0, max: 2 }).map(exampleInstanceId),
					},
					{ noNullPrototype: true },
				),
			),
			attributes: arbitraryAttributes,
			changes: arbitraryConditionalChanges,
		},
		{ noNullPrototype: true },
	)
	.map(({ changes, ...session }) =>
		exampleSession({ ...session, ...(changes.length > 0 && { conditionalChanges: changes }) }),
	)
	.chain((session) => withUnknown(fc.constant(session)));

/** Any record of the one session. A revoked one has no attributes, like every tombstone. */
export const arbitrarySession: fc.Arbitrary<Session> = fc.oneof(
	{ weight: 2, arbitrary: arbitraryUnrevokedSession },
	{
		weight: 1,
		arbitrary: fc
			.tuple(arbitraryUnrevokedSession, arbitraryRevocation)
			.map(([{ conditionalChanges: _, ...session }, revocation]) => ({ ...session, attributes: {}, revocation })),
	},
);

/** Any record that a repository may come to hold, including stubs and other partial records. */
export const arbitraryRecord: fc.Arbitrary<Session> = fc.oneof(
	{ weight: 3, arbitrary: arbitrarySession },
	{ weight: 1, arbitrary: arbitraryUnrevokedSession.map((session) => ({ ...session, partial: true as const })) },
	{ weight: 1, arbitrary: arbitraryUnrevokedSession.map(stubOf) },
);
