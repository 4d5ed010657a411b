/**
 * Replaces this process's wall clock with one that is `offsetMs` ahead, or behind if negative. The
 * monotonic clock and timers stay correct, as on a machine whose wall clock is wrong.
 *
 * @returns a function that changes the offset
 */
export function shiftClock(offsetMs: number): (offsetMs: number) => void {
	let offset = offsetMs;
	const RealDate = Date;
	const realNow = Date.now;
	const shiftedNow = () => realNow() + offset;
	RealDate.now = shiftedNow;
	globalThis.Date = new Proxy(RealDate, {
		apply: () => new RealDate(shiftedNow()).toString(),
		construct: (_, parameters, newTarget) =>
			Reflect.construct(RealDate, parameters.length === 0 ? [shiftedNow()] : parameters, newTarget),
	});
	return (changed) => {
		offset = changed;
	};
}
