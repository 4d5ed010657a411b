import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type {
	DecidingVariables,
	SessionServerVariables,
} from '../../functions/session-server/deployment/environment.ts';
import { DecidingFunction, type DecidingProps } from './deciding-function.ts';

/** The session servers. */
export class SessionServer extends Construct {
	readonly function: DecidingFunction;

	constructor(scope: Construct, id: string, props: DecidingProps) {
		super(scope, id);
		const { variables, requestMs } = props.settings;
		this.function = new DecidingFunction(this, 'SessionServer', props, {
			description: 'session server: holds sessions in memory and decides',
			entry: 'session-server/handler.ts',
			timeout: Duration.seconds(Math.ceil(requestMs / 1_000)), // Longer than a lease (docs/decisions/0039).
			variables: variables satisfies Omit<SessionServerVariables, keyof DecidingVariables>,
		});
	}
}
