import { StringConcat, Tokenization } from 'aws-cdk-lib';
import { SettingError } from './setting-error.ts';

/** Names and values of a function's variables together (Lambda Developer Guide, quotas). It cannot be raised. */
const variablesBytesMax = 4_096;

/** A name, ARN or URL that is only known when deployed; a secret's ARN, the longest of them, has some 120. */
const unknownBytes = 128;

/** Settings that may be of any length, and where they go. */
const freeLength: Readonly<Record<string, string>> = {
	issuers: 'LEASEHOLD_ISSUERS',
	clientAttributes: 'LEASEHOLD_CLIENT_ATTRIBUTES',
};

/** @throws where Lambda would refuse the variables, which deploying would find out last. */
export function checkedVariables(
	description: string,
	variables: Readonly<Record<string, string>>,
): Record<string, string> {
	const sizes = Object.entries(variables).map(([name, value]) => ({ name, bytes: name.length + bytesOf(value) }));
	const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
	if (bytes <= variablesBytesMax) return { ...variables };
	const [largest] = sizes.sort((one, other) => other.bytes - one.bytes);
	const settings = Object.keys(freeLength).filter((setting) => freeLength[setting] === largest?.name);
	throw new SettingError(
		settings,
		`${description}: its variables take ${bytes} bytes, and Lambda takes ${variablesBytesMax}; the largest is ` +
			`${largest?.name} with ${largest?.bytes}: make it shorter`,
	);
}

function bytesOf(value: string): number {
	const known = Tokenization.reverseString(value).mapTokens({ mapToken: () => ' '.repeat(unknownBytes) });
	return Buffer.byteLength(String(known.join(new StringConcat())));
}
