import { fullRooms, siblingsMax } from './rooms.ts';
import { trackedFiles } from './tracked-files.ts';

const full = fullRooms(trackedFiles(process.argv.slice(2), ['.ts']));
for (const { folder, files } of full)
	console.log(`${folder}: ${files} files. Move some of them to a folder that is named for what they share.`);
console.log(`${full.length} folders have more than ${siblingsMax} source files.`);
process.exitCode = full.length === 0 ? 0 : 1;
