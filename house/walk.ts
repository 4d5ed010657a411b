/**
 * `npm run walk`: counts the files that a request passes through. It runs the production code with
 * its real adapters against embedded services, and counts each source file of which a function ran,
 * on the session server and on the bus. Code that only runs while a function starts does not count.
 */
import { takeWalks, type Walk } from './walk/walks.ts';

const usage = `Usage: npm run walk [-- --files]

  --files  also print the names of the files
`;

function describe({ name, status, footprints }: Walk, showFiles: boolean): string {
	const { sessionServer, bus } = footprints;
	const total = sessionServer.size + bus.size;
	const summary = `${name}: ${total} files (session server ${sessionServer.size}, bus ${bus.size}), answered ${status}`;
	if (!showFiles) return summary;
	const lists = Object.entries(footprints).map(([side, files]) => [`  ${side}`, ...[...files].sort()].join('\n    '));
	return [summary, ...lists].join('\n');
}

const [option, ...others] = process.argv.slice(2);
if (option === '--help') process.stdout.write(usage);
else if ((option !== undefined && option !== '--files') || others.length > 0) {
	process.stderr.write(usage);
	process.exitCode = 2;
} else for (const walk of await takeWalks()) process.stdout.write(`${describe(walk, option === '--files')}\n`);
