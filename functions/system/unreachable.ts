/**
 * A service did not answer, or not in time. The request may have had its effect, or may have it
 * later.
 */
export class Unreachable extends Error {
	override readonly name = 'Unreachable';
	/** The service's name, for evidence and logs. */
	readonly service: string;

	constructor(service: string, cause: unknown) {
		super(`${service} did not answer`, { cause });
		this.service = service;
	}
}
