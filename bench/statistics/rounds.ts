/** The values of one round for one contender, by the name of the measure. */
export type Measured = Readonly<Record<string, number>>;

/** The values of each round, by contender. */
export type Rounds<Name extends string> = ReadonlyMap<Name, readonly Measured[]>;

/**
 * Measures the contenders in turn, round by round. Every other round has the opposite order, so
 * that nobody always runs first, or after the same one.
 */
export async function inRounds<Name extends string>(
	names: readonly Name[],
	rounds: number,
	measure: (name: Name, round: number) => Promise<Measured> | Measured,
): Promise<Rounds<Name>> {
	const measured = new Map<Name, Measured[]>(names.map((name) => [name, []]));
	for (let round = 0; round < rounds; round++)
		for (const name of round % 2 === 0 ? names : names.toReversed())
			measured.get(name)?.push(await measure(name, round));
	return measured;
}
