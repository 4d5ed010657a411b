/**
 * Adds `ReturnValuesOnConditionCheckFailure` to dynalite. A writer that loses a conditional write
 * uses it to learn which item won. dynalite checks a condition while it holds the item's lock, so
 * it returns exactly the item that failed it.
 */
import database from 'dynalite/db/index.js';
import deleteItem from 'dynalite/validations/deleteItem.js';
import putItem from 'dynalite/validations/putItem.js';
import updateItem from 'dynalite/validations/updateItem.js';

const parameter = 'ReturnValuesOnConditionCheckFailure';

for (const { types } of [putItem, updateItem, deleteItem])
	types[parameter] = { type: 'String', enum: ['ALL_OLD', 'NONE'] };

const { checkConditional } = database;
database.checkConditional = (request, existingItem) => {
	const failure = checkConditional(request, existingItem);
	if (failure && existingItem && request[parameter] === 'ALL_OLD') failure.body['Item'] = existingItem;
	return failure;
};
