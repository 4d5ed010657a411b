import { StringConcat, Tokenization } from 'aws-cdk-lib';
import { SettingError } from './setting-error.ts';

/**
 * Names and values of all variables of a function together (Lambda Developer Guide, quotas). It
 * cannot be raised.
 */
const variablesBytesMax = 4_096;

/**
 * Room for a name, ARN or URL that is known only after deployment. The longest, a secret's ARN, has
 * some 120 bytes.
 */
const unknownBytes = 128;

/** The settings whose length is not limited otherwise, and their variables. */
const freeLength: Readonly<Record<string, string>> = {
	issuers: 'LEASEHOLD_ISSUER_VALUES',
	clientAttributes: 'LEASEHOLD_CLIENT_ATTRIBUTES',
	origins: 'LEASEHOLD_ORIGINS',
};

/**
 * Returns the variables if Lambda will accept them.
 * @throws SettingError if they are too large. Without this check, the deployment would fail
 * halfway.
 */
export function checkedVariables(
	component: string,
	variables: Readonly<Record<string, string>>,
): Record<string, string> {
	const sizes = sizesOf(variables);
	const bytes = variableBytes(variables);
	if (bytes <= variablesBytesMax) return { ...variables };
	const [largest] = sizes.sort((one, other) => other.bytes - one.bytes);
	const settings = Object.keys(freeLength).filter((setting) => freeLength[setting] === largest?.name);
	throw new SettingError(
		settings,
		`the environment variables of ${component} take ${bytes} bytes, but Lambda allows ${variablesBytesMax}: shorten the ` +
			`largest, ${largest?.name} (${largest?.bytes} bytes)`,
	);
}

/** The bytes that variables take together. */
export function variableBytes(variables: Readonly<Record<string, string>>): number {
	return sizesOf(variables).reduce((sum, { bytes }) => sum + bytes, 0);
}

function sizesOf(variables: Readonly<Record<string, string>>) {
	return Object.entries(variables).map(([name, value]) => ({ name, bytes: name.length + bytesOf(value) }));
}

function bytesOf(value: string): number {
	const known = Tokenization.reverseString(value).mapTokens({ mapToken: () => ' '.repeat(unknownBytes) });
	return Buffer.byteLength(String(known.join(new StringConcat())));
}
