/**
 * Makes calls that overlap share one: while a call is under way, the returned function returns its
 * promise. A call that is made once that promise has settled, even in one of its continuations,
 * starts anew. Failures are shared as results are.
 *
 * @param call runs once at a time.
 */
export function createSingleFlight<Result>(call: () => Promise<Result>): () => Promise<Result> {
	let flight: Promise<Result> | undefined;
	const land = () => {
		flight = undefined;
	};
	return () => {
		if (flight !== undefined) return flight;
		flight = call();
		// Registered before any caller can await the promise, so that every caller's continuation
		// finds it settled.
		void flight.then(land, land);
		return flight;
	};
}
