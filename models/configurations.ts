/** One complete search of the model. Times are in steps of the model's clock. */
export interface Configuration {
	readonly name: string;
	/** For a mistake: why an engineer could make it. For the design: what it looks at. */
	readonly thought: string;
	readonly expected: 'holds' | 'violated';
	readonly invariant: 'Revoked' | 'NeverUsed' | 'NeverOlderThanTheFirstRead';
	readonly constants: Constants;
}

/** The constants of `CarriedCopies.tla`, which explains them. */
interface Constants {
	readonly Skew: number;
	readonly Append: number;
	readonly Overlap: number;
	readonly Age: number;
	readonly Retention: number;
	readonly FirstRead: number;
	readonly Margin: number;
	readonly BackMax: number;
	readonly Overflows: boolean;
	readonly Forgets: boolean;
	readonly TimeMax: number;
	readonly Mistake: string;
}

/**
 * The smallest constants that satisfy the conditions. In the model, all clocks stay within one
 * band, so one skew is enough where the product allows for two.
 *
 *     Overlap   = Skew + Append
 *     Margin    = Skew
 *     Retention > Age + 2 * Skew
 */
const design: Constants = {
	Skew: 1,
	Append: 1,
	Overlap: 2,
	Age: 2,
	Retention: 5,
	FirstRead: 3,
	Margin: 1,
	BackMax: 0,
	Overflows: false,
	Forgets: false,
	TimeMax: 4,
	Mistake: 'none',
};

/** Additions to the smallest configuration. */
const withOverflow = { Overflows: true };
const withForgetting = { Forgets: true };
const withReadBack = { FirstRead: 0, BackMax: 2 };
/** Long enough for a gap, and for a copy that is used after it. */
const withGap = { FirstRead: 1, TimeMax: 5 };

export const configurations: readonly Configuration[] = [
	holds('the-design', 'A first sync reads back as far as any copy needs.', {}),
	holds('the-design-with-overflow', 'A read of the feed may find too many entries.', withOverflow),
	holds('the-design-with-forgetting', 'The instance may forget the end.', withForgetting),
	holds('the-design-with-read-back', 'The feed is read back step by step, beside the syncs.', withReadBack),
	holds('the-design-with-read-back-over-a-gap', 'Both at once.', { ...withReadBack, TimeMax: 5 }),
	holds('the-design-with-a-gap', 'The instance may miss what the feed has deleted.', withGap),

	mistake('compares-without-a-margin', 'Both dates are of clocks that agree.', { Margin: 0 }),
	mistake('keeps-entries-too-short', 'Nobody uses a copy that is older than its age.', { Retention: 4 }),
	mistake('overlaps-by-the-append-only', 'The last sync knows its own date.', { Overlap: 1 }),
	mistake('counts-a-late-append', 'It is in the feed, however long it took.', {}),
	mistake('dates-before-storing', 'The change happens when it was asked for.', {}),
	mistake('reads-the-clock-last', 'It is known when it has been read.', {}),
	mistake('ignores-the-horizon', 'No entry says anything against the copy.', { FirstRead: 0 }),
	mistake('remembers-no-end', 'The end has dropped the copy.', {}),
	mistake('checks-before-it-waits', 'Nothing spoke against it a moment ago.', {}),
	mistake('counts-the-age-from-the-arrival', 'The copy is new here.', withGap),
	mistake('forgets-without-a-horizon', 'It was long ago.', withForgetting),
	mistake('forgets-to-the-same-instant', 'The horizon is at the entry that was forgotten.', withForgetting),
	mistake('keeps-the-horizon-at-an-overflow', 'The copies were dropped.', withOverflow),
	mistake('overflows-to-the-same-instant', 'The feed is known from the sync on.', withOverflow),
	mistake('keeps-the-horizon-over-a-gap', 'The copies were dropped.', withGap),
	mistake('keeps-the-former-sync', 'The next sync will tell.', withGap),
	mistake('lowers-the-horizon-before-reading', 'The read will be done in a moment.', withReadBack),
	mistake('reads-back-over-a-gap', 'It has been read in the end.', { ...withReadBack, TimeMax: 5 }),

	// A design that accepts nothing would hold as well.
	reached('accepts-copies', 'Copies are accepted.', 'NeverUsed', {}),
	reached(
		'accepts-copies-by-reading-back',
		'Reading back lets the instance accept copies that a first sync does not cover.',
		'NeverOlderThanTheFirstRead',
		withReadBack,
	),
];

function holds(name: string, thought: string, constants: Partial<Constants>): Configuration {
	return { name, thought, expected: 'holds', invariant: 'Revoked', constants: { ...design, ...constants } };
}

/** The model has no mistake of this name if a constant alone makes it. */
function mistake(name: string, thought: string, constants: Partial<Constants>): Configuration {
	const inModel = ['Margin', 'Retention', 'Overlap'].some((constant) => constant in constants) ? 'none' : name;
	const all = { ...design, ...constants, Mistake: inModel };
	return { name, thought, expected: 'violated', invariant: 'Revoked', constants: all };
}

function reached(
	name: string,
	thought: string,
	invariant: Configuration['invariant'],
	constants: Partial<Constants>,
): Configuration {
	return { name, thought, expected: 'violated', invariant, constants: { ...design, ...constants } };
}
