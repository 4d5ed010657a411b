import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everySession, type Markers } from '../../../functions/control-table/markers.ts';
import type { TallyCopies } from '../../../functions/control-table/tally-copies.ts';
import { exampleStartMs } from '../../support/example-session.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';

/** A control table to run the contract against. */
export interface ControlTableBed<Part> {
	/** Opens the table with its own client. */
	open(): Part;
	close?(): Promise<void>;
}

const at = { openedAtMs: exampleStartMs, expiresAtMs: exampleStartMs + 1_000 };

/** The contract of every adapter of the `Markers` port. */
export function markersContract(name: string, create: () => Promise<ControlTableBed<Markers>>): void {
	describe(`the ${name} markers`, () => {
		let bed: ControlTableBed<Markers>;
		let markers: Markers;
		beforeAll(async () => {
			bed = await create();
			markers = bed.open();
		});
		afterAll(() => bed.close?.());

		test('are none before one is opened', async () => {
			expect(await markers.look(freshSessionId())).toEqual(new Map());
		});

		test('are there for each session and each repository that missed a change', async () => {
			const [one, other] = [freshSessionId(), freshSessionId()];
			await markers.open(one, ['dynamodb', 's3'], at);
			const open = { state: 'open', version: 1, openedAtMs: exampleStartMs };
			expect(await bed.open().look(one)).toEqual(
				new Map([
					['dynamodb', open],
					['s3', open],
				]),
			);
			expect(await markers.look(other)).toEqual(new Map());
		});

		test('get a new version with each opening, whatever their state is', async () => {
			const id = freshSessionId();
			const versions: unknown[] = [];
			const openAndLook = async () => {
				await bed.open().open(id, ['s3'], { ...at, openedAtMs: exampleStartMs + versions.length });
				versions.push((await markers.look(id)).get('s3'));
			};
			await openAndLook();
			await openAndLook();
			expect(await markers.settle(id, 's3', 2)).toBe('settled');
			await openAndLook();
			expect(versions).toEqual(
				[1, 2, 3].map((version) => ({ state: 'open', version, openedAtMs: exampleStartMs + version - 1 })),
			);
		});

		test('count every opening, also those at the same moment', async () => {
			const id = freshSessionId();
			await Promise.all(Array.from({ length: 8 }, () => bed.open().open(id, ['s3'], at)));
			expect((await markers.look(id)).get('s3')?.version).toBe(8);
		});

		test('are settled one by one, and stay', async () => {
			const id = freshSessionId();
			await markers.open(id, ['dynamodb', 's3'], at);
			expect(await markers.settle(id, 's3', 1)).toBe('settled');
			expect(await markers.settle(id, 's3', 1)).toBe('settled');
			const found = await bed.open().look(id);
			expect(found.get('s3')).toEqual({ state: 'settled', version: 1, openedAtMs: exampleStartMs });
			expect(found.get('dynamodb')?.state).toBe('open');
		});

		test('are not settled if they were opened again, or were never opened', async () => {
			const id = freshSessionId();
			expect(await markers.settle(id, 's3', 1)).toBe('conflict');
			expect(await markers.settle(id, 's3', 0)).toBe('conflict');
			expect(await markers.look(id)).toEqual(new Map());
			await markers.open(id, ['s3'], at);
			await markers.open(id, ['s3'], at);
			expect(await markers.settle(id, 's3', 1)).toBe('conflict');
			expect((await markers.look(id)).get('s3')?.state).toBe('open');
		});

		test('can be for every session, without an end', async () => {
			await markers.open(everySession, ['dynamodb'], { ...at, expiresAtMs: undefined });
			expect((await markers.look(everySession)).get('dynamodb')).toMatchObject({ state: 'open', version: 1 });
		});
	});
}

/** The contract of every adapter of the `TallyCopies` port. */
export function tallyCopiesContract(name: string, create: () => Promise<ControlTableBed<TallyCopies>>): void {
	describe(`the ${name} copies of tallies`, () => {
		let bed: ControlTableBed<TallyCopies>;
		beforeAll(async () => {
			bed = await create();
		});
		afterAll(() => bed.close?.());

		test('are not there at first, and are raised but never lowered, each on its own', async () => {
			expect(await bed.open().read('s3')).toBeUndefined();
			const copy = { count: 3, atMs: exampleStartMs };
			await bed.open().raise('s3', copy);
			expect(await bed.open().read('s3')).toEqual(copy);
			for (const count of [2, 3]) {
				await bed.open().raise('s3', { count, atMs: exampleStartMs + 1 });
				expect(await bed.open().read('s3')).toEqual(copy);
			}
			await bed.open().raise('s3', { count: 4, atMs: exampleStartMs + 2 });
			expect(await bed.open().read('s3')).toEqual({ count: 4, atMs: exampleStartMs + 2 });
			expect(await bed.open().read('dynamodb')).toBeUndefined();
		});
	});
}
