import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { emulatorContext } from '../../infra/emulator/context.ts';
import { readConfiguration } from '../../infra/settings/configuration.ts';
import type { Configuration } from '../../infra/settings/configuration-schema.ts';
import { LeaseholdStack } from '../../infra/stack.ts';

export const exampleFile = new URL('../../infra/configuration.example.json', import.meta.url).pathname;

export interface SynthesisOptions {
	/** Changes to the example configuration. */
	readonly configuration?: Partial<Configuration>;
	readonly emulator?: boolean;
	/**
	 * Folder for bundles.
	 * @default - nothing is bundled
	 */
	readonly bundlesIn?: string;
	/** Adds to the stack, as a user might. */
	readonly add?: (stack: LeaseholdStack) => void;
}

/**
 * An app with the project's feature flags. Most tests need no bundles, because the template does
 * not contain them.
 */
export function appOf({ configuration, emulator = false, bundlesIn, add }: SynthesisOptions = {}): {
	readonly app: App;
	readonly stack: LeaseholdStack;
} {
	const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
	const bundling = bundlesIn === undefined ? { 'aws:cdk:bundling-stacks': [] } : {};
	const app = new App({
		context: { ...context, ...bundling, [emulatorContext]: emulator },
		analyticsReporting: false,
		...(bundlesIn === undefined ? {} : { outdir: bundlesIn }),
	});
	const stack = new LeaseholdStack(app, 'Leasehold', {
		configuration: { ...readConfiguration(exampleFile), ...configuration },
	});
	add?.(stack);
	return { app, stack };
}

/** The template of the stack. */
export function synthesized(options: SynthesisOptions = {}): Template {
	return Template.fromStack(appOf(options).stack);
}

/** Adds two APIs that share one authorizer. The first one has two routes. */
export function addGuardedApis({ leasehold }: LeaseholdStack): void {
	const stack = Stack.of(leasehold);
	for (const [name, paths] of [
		['First', ['/one', '/two']],
		['Second', ['/three']],
	] as const) {
		const api = new HttpApi(stack, name);
		const integration = new HttpUrlIntegration('Elsewhere', 'https://elsewhere.example.com');
		for (const path of paths)
			api.addRoutes({ path, methods: [HttpMethod.GET], integration, authorizer: leasehold.authorizer() });
	}
}
