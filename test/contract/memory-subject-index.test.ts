import { createMemorySubjectIndex } from '../../functions/repositories/memory/subject-index.ts';
import { subjectIndexContract } from './subject-index-contract.ts';

subjectIndexContract('memory', async () => {
	const index = createMemorySubjectIndex();
	return { open: () => index };
});
