/**
 * Stands for `node:http` in deployed bundles. An ES module that imports `node:http` makes Node read
 * every property of it, for its list of exports. One of them loads Node's whole `fetch`, which no
 * function uses: a sixth of the session server's start. This asks for the same module without a list.
 */
module.exports = process.getBuiltinModule('node:http');
