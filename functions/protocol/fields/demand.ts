import * as v from 'valibot';

/** How current, and how certain, a read has to be: see `Demand` in the service catalog. */
export const demandSchema = v.picklist(['bounded', 'strict', 'lenient']);
