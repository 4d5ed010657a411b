/** A service that did not answer, or not in time. What became of the request is unknown: it may have had its effect. */
export class Unreachable extends Error {
	override readonly name = 'Unreachable';
	/** Which service, for evidence and logs. */
	readonly service: string;

	constructor(service: string, cause: unknown) {
		super(`${service} did not answer`, { cause });
		this.service = service;
	}
}
