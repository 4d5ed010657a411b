import * as v from 'valibot';

/** What a read has to come up to: see `Demand` in the service catalog. */
export const demandSchema = v.picklist(['bounded', 'strict', 'lenient']);
