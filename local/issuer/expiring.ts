import { randomBytes } from 'node:crypto';

/** Values under random names, each for a limited time. */
export interface Expiring<Value> {
	/** @returns the new name, of 256 random bits */
	add(value: Value): string;
	get(name: string): Value | undefined;
	/** Removes the value, so that only one caller gets it. */
	take(name: string): Value | undefined;
}

/** More than any test or person needs at once. The oldest values make room. */
const valuesMax = 10_000;

export function createExpiring<Value>(lifetimeMs: number, nowMs: () => number): Expiring<Value> {
	const values = new Map<string, { readonly value: Value; readonly expiresAtMs: number }>();
	const get = (name: string) => {
		const found = values.get(name);
		return found !== undefined && nowMs() < found.expiresAtMs ? found.value : undefined;
	};
	return {
		get,
		add(value) {
			const [oldest] = values.keys();
			if (values.size >= valuesMax && oldest !== undefined) values.delete(oldest);
			const name = randomBytes(32).toString('base64url');
			values.set(name, { value, expiresAtMs: nowMs() + lifetimeMs });
			return name;
		},
		take(name) {
			const value = get(name);
			values.delete(name);
			return value;
		},
	};
}
