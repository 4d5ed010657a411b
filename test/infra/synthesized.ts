import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type Configuration, readConfiguration } from '../../infra/configuration.ts';
import { LeaseholdStack } from '../../infra/leasehold-stack.ts';

export const exampleFile = new URL('../../infra/configuration.example.json', import.meta.url).pathname;

export interface SynthesisOptions {
	/** What differs from the example. */
	readonly configuration?: Partial<Configuration>;
	readonly emulator?: boolean;
	/** What somebody else might add to the stack. */
	readonly add?: (stack: LeaseholdStack) => void;
}

/** An app with the project's feature flags. Bundles are not made: what is in them is not in the template. */
export function appOf({ configuration, emulator = false, add }: SynthesisOptions = {}): {
	readonly app: App;
	readonly stack: LeaseholdStack;
} {
	const { context } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));
	const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] }, analyticsReporting: false });
	const stack = new LeaseholdStack(app, 'Leasehold', {
		configuration: { ...readConfiguration(exampleFile), ...configuration },
		emulator,
	});
	add?.(stack);
	return { app, stack };
}

/** The template of the stack. */
export function synthesized(options: SynthesisOptions = {}): Template {
	return Template.fromStack(appOf(options).stack);
}
