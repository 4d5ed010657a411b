/** A turn of phrase that makes a reader stop. */
export type Rule = {
	readonly name: string;
	/** Matches the words to rewrite, in the text of a passage. */
	readonly pattern: RegExp;
	/** One sentence that tells the writer what to do instead. */
	readonly cure: string;
	/** Whether the rule leaves headings and cells of tables alone, which are often no sentences. */
	readonly sentencesOnly?: boolean;
};

/** The start of a sentence: a beginning, the end of another one, or the tag of a doc comment. */
const start = String.raw`(?:^|\n|[.!?]['")]*\s+|@\w+\s+)`;
const clause = String.raw`[;:]\s+`;
const notAQuestion = String.raw`(?![^.!?]*\?)`;

// An inverted conditional: an auxiliary, its subject, a comma, and the subject of the main clause.
const aux = '(?:is|are|was|were|has|have|had|does|do|did|should)';
const doer = '(?:the|it|they|this|that|there|both|one|nobody|somebody|you|we|[A-Z]\\w+|`_`)';
const subject = '(?:`_`|the|an?|its?|they|their|this|that|these|those|nothing|nobody|you|we|no|both|each|every)';
const possessive = "(?:one's|its|their|his|her|somebody's|nobody's)";

export const rules: readonly Rule[] = [
	{
		name: 'who-or-what-as-subject',
		pattern: new RegExp(
			`${start}(?:Who|What|Whoever|Whatever)\\b${notAQuestion}|(?:;|: (?=who))\\s*(?:who|what)\\s+\\w+s\\b${notAQuestion}`,
			'g',
		),
		cure: 'Name the actor or the thing, such as "the instance" or "the answer".',
		sentencesOnly: true,
	},
	{
		name: 'whoever',
		pattern: /\bwhom?ever\b/gi,
		cure: 'Name the actor, or say "anyone who".',
	},
	{
		name: 'inverted-conditional',
		pattern: new RegExp(
			`(?:${start}|${clause})${anyCase(aux)}\\s+${doer}\\s[^.;:?!,]{2,80},\\s+${subject}\\s${notAQuestion}`,
			'g',
		),
		cure: 'Begin the condition with "if" or "when".',
	},
	{
		name: 'goes-on',
		pattern: /\b(?:goes|go|went) on\b/gi,
		cure: 'Say "continues", "works" or "is forwarded".',
	},
	{
		name: 'is-away',
		pattern: /\b(?:(?:is|are|was|were|be|been|being|goes|stays?) away|with (?:\w+ ){1,4}away)\b/gi,
		cure: 'Say "is down" or "is unavailable".',
	},
	{
		name: 'of-its-own',
		pattern: new RegExp(`\\bof ${possessive} own\\b(?! (?:accord|choice))`, 'gi'),
		cure: 'Put "own" before the noun, as in "its own lease".',
	},
	{
		name: 'unless-given',
		pattern: /\bunless given\b/gi,
		cure: 'Say "by default", or use the tag @default.',
	},
	{
		name: 'in-vain',
		pattern: /\bin vain\b/gi,
		cure: 'Say that it fails or has no effect.',
	},
	{
		name: 'as-well-as-any',
		pattern: /\bas well as (?:any|another)\b/gi,
		cure: 'Say which one is used and why it does not matter.',
	},
	{
		name: 'trailing-word',
		pattern: /\b(?:neither|too|at all)(?=['")]*(?:[.;:!?]|$))/gi,
		cure: 'Move or delete the last word: "also" before the verb, or "no" before the noun.',
	},
];

/** The same words, with or without a capital. */
function anyCase(words: string): string {
	return words.replace(/\b[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
