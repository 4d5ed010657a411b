import * as v from 'valibot';
import { repositoryNames } from '../../session/repository-name.ts';
import { forgedRecordSchema } from '../../session/session-schema.ts';

/**
 * The records of the session that the asking instance found forged. The bus treats each as corrupt,
 * if it is still there.
 */
export const distrustSchema = v.exactOptional(
	v.pipe(v.array(forgedRecordSchema), v.minLength(1), v.maxLength(repositoryNames.length)),
);
