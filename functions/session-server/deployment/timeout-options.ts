import * as v from 'valibot';
import { type Environment, json, VariableError } from '../../system/environment.ts';
import { type Timeouts, timeoutPresets } from './timeouts.ts';

/*
 * Timeouts that a deployment sets within the limits of its level, in three places: for all logins,
 * for those of an issuer, and for those of one of its clients.
 */

/**
 * With less, a session in use would be reported every few seconds, and each report writes to both
 * repositories (`touchIntervalMs`).
 */
const secondsMin = 60;

const wholeSeconds = `must be a whole number of seconds, ${secondsMin} or more`;
const seconds = v.pipe(v.number(wholeSeconds), v.integer(wholeSeconds), v.minValue(secondsMin, wholeSeconds));

const times = {
	/** From the authentication, however often the session is used. */
	absoluteSeconds: v.optional(seconds),
	/** From the last activity. */
	idleSeconds: v.optional(seconds),
};

const place = {
	...times,
	/** For logins that ask for a persistent cookie. @default those of all logins */
	persistent: v.optional(v.strictObject(times)),
};

const placeSchema = v.strictObject(place);

/** The timeouts that one place sets. A field that is left out is that of the next wider place. */
export type TimeoutOptions = Readonly<v.InferOutput<typeof placeSchema>>;
export type TimeOptions = Omit<TimeoutOptions, 'persistent'>;

const levels = Object.keys(timeoutPresets) as readonly (keyof typeof timeoutPresets)[];

/** The setting `timeouts`: a level, or an object with a level and what is set within its limits. */
export const timeoutSettingSchema = v.union(
	[v.picklist(levels), v.strictObject({ level: v.optional(v.picklist(levels, levelExpected())), ...place })],
	`${levelExpected()}, or an object such as { "level": "aal2", "idleSeconds": 900 }`,
);

function levelExpected(): string {
	return `must be one of ${levels.join(', ')}`;
}

export type TimeoutSetting = Readonly<v.InferOutput<typeof timeoutSettingSchema>>;

/** An issuer has at most as many audiences. */
const clientsMax = 100;

/** The timeouts that an issuer sets. */
export const issuerTimeoutsSchema = v.strictObject({
	...place,
	/** Those of its clients. The client of a login is `azp` of the ID token, or else `aud`. */
	clients: v.optional(
		v.pipe(
			v.array(v.strictObject({ id: v.pipe(v.string(), v.minLength(1, 'must not be empty')), ...place })),
			v.maxLength(clientsMax),
			v.readonly(),
		),
	),
});

export type IssuerTimeoutOptions = Readonly<v.InferOutput<typeof issuerTimeoutsSchema>>;

export interface TimeoutOptionVariables {
	/**
	 * JSON object with the timeouts that hold for all logins, as `TimeoutOptions`.
	 *
	 * @default the limits of the level
	 */
	LEASEHOLD_TIMEOUTS?: string;
}

/** @throws `VariableError` that names the wrong field, and says what was expected. */
export function parseTimeoutOptions(environment: Environment, limits: Timeouts): TimeoutOptions {
	if (!environment['LEASEHOLD_TIMEOUTS']) return {};
	const result = v.safeParse(placeSchema, json(environment, 'LEASEHOLD_TIMEOUTS'));
	if (!result.success) {
		const [issue] = result.issues;
		throw new VariableError('LEASEHOLD_TIMEOUTS', issue.message, v.getDotPath(issue) ?? undefined);
	}
	const fault = faultOfPlace(result.output, limits);
	if (fault !== undefined) throw new VariableError('LEASEHOLD_TIMEOUTS', fault.problem, fault.field);
	return result.output;
}

/** A timeout that cannot work. */
export interface TimeoutFault {
	/** The path to it, such as `persistent.idleSeconds`. */
	readonly field: string;
	/** The problem as a predicate: `must be at most 3600, …`. */
	readonly problem: string;
}

/** @param mayLogIn whether the issuer's entry lets this client log in */
export function faultOfIssuer(
	{ clients = [], ...ofAll }: IssuerTimeoutOptions,
	limits: Timeouts,
	mayLogIn: (client: string) => boolean,
): TimeoutFault | undefined {
	const ids = new Set<string>();
	for (const [index, { id, ...ofClient }] of clients.entries()) {
		const inId = ids.has(id) ? `must not be there twice, but ${id} is` : mayLogIn(id) ? undefined : cannotLogIn;
		const fault = inId === undefined ? faultOfPlace(ofClient, limits) : { field: 'id', problem: inId };
		if (fault !== undefined) return { ...fault, field: `clients.${index}.${fault.field}` };
		ids.add(id);
	}
	return faultOfPlace(ofAll, limits);
}

const cannotLogIn = 'must be in audience or in authorizedParties: no other client can log in';

function faultOfPlace({ persistent = {}, ...ofAll }: TimeoutOptions, limits: Timeouts): TimeoutFault | undefined {
	const fault = faultOfTimes(ofAll, limits);
	if (fault !== undefined) return fault;
	const inPersistent = faultOfTimes(persistent, limits);
	return inPersistent && { ...inPersistent, field: `persistent.${inPersistent.field}` };
}

/** A timeout above the limit would never be used, and its author would believe that it is. */
function faultOfTimes(given: TimeOptions, limits: Timeouts): TimeoutFault | undefined {
	const { absoluteSeconds, idleSeconds } = given;
	const level = 'the limit of the level in timeouts';
	const bounds = [
		['absoluteSeconds', absoluteSeconds, Math.floor(limits.absoluteMs / 1_000), level],
		['idleSeconds', idleSeconds, Math.floor(limits.idleMs / 1_000), level],
		['idleSeconds', idleSeconds, absoluteSeconds, 'the absoluteSeconds beside it'],
	] as const;
	for (const [field, value, most, what] of bounds)
		if (value !== undefined && most !== undefined && value > most)
			return { field, problem: `must be at most ${most}, ${what}, and not ${value}` };
	return undefined;
}
