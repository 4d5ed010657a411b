import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { isForEmulator } from '../../infra/emulator/context.ts';
import { permissionsOf, resourcePolicies } from './permissions.ts';
import { appOf, synthesized } from './synthesized.ts';

test('a stack is for an emulator only if the context says so', () => {
	expect(isForEmulator(new App())).toBe(false);
	expect(isForEmulator(new App({ context: { 'leasehold:emulator': 'true' } }))).toBe(true);
});

test('the former name of the context is refused with the new one', () => {
	expect(() => isForEmulator(new App({ context: { emulator: true } }))).toThrow('leasehold:emulator');
});

describe('only for an emulator', () => {
	test.each([
		[false, 3],
		[true, 0],
	])('calls without TLS are not denied (emulator: %s)', (emulator, expected) => {
		const resources = resourcePolicies(synthesized({ emulator })).filter((line) =>
			line.includes('aws:SecureTransport'),
		);
		expect(resources).toHaveLength(expected);
	});

	test.each(['SessionServer', 'RotateKeys'])(
		'the rights of %s on a secret also name what MiniStack makes of its name',
		(name) => {
			const resourceOf = (emulator: boolean) =>
				permissionsOf(synthesized({ emulator }), `${name}Role`)
					.map((line) => /^Allow secretsmanager:.* on (.*)$/.exec(line)?.[1])
					.find((resource) => resource !== undefined);
			expect(resourceOf(false)).toBe('TokenKeysSecret');
			expect(resourceOf(true)).toBe(
				'arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:TokenKeysSecret-??????, TokenKeysSecret',
			);
		},
	);

	test.each([
		[false, expect.stringContaining('cdk-hnb659fds-deploy-role')],
		[true, undefined],
	])('CDK deploys without a role of its bootstrap (emulator: %s)', (emulator, role) => {
		const { app, stack } = appOf({ emulator });
		expect(app.synth().getStackArtifact(stack.artifactId).assumeRoleArn).toEqual(role);
	});
});
