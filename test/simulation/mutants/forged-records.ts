import { type Mutant, mutant } from './mutant.ts';

/** Mistakes that let a forged record through. */
export const mutantsOfForgedRecords: readonly Mutant[] = [
	mutant('believes-every-record', 'Only the bus can write there.', [
		'session-server/genuine-answers.ts',
		"answer.kind === 'outdated' ? tokenKeys.verify(answer.session) : 'genuine'",
		"answer.kind === 'outdated' ? 'genuine' : 'genuine'",
	]),
	mutant('signs-less-than-it-uses', 'Scopes are the concern of services.', [
		'session/signed-part.ts',
		'		credential.scopes,\n',
		'',
	]),
	mutant('merges-what-contradicts', 'The join of two records is a record.', [
		'bus/reading/guarded-repositories.ts',
		'!contradict(stored, proposed)) return proposed;',
		'contradict(stored, stored) || true) return proposed;',
	]),
];
