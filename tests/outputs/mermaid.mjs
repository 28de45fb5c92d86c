// Whether Mermaid itself accepts what `budget --format mermaid` wrote.
//
//   NODE_MODULES=… node mermaid.mjs FOLDER
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.env.NODE_MODULES;
const require = createRequire(pathToFileURL(join(modules, 'x.js')));
const { JSDOM } = require('jsdom');
const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const entry = join(modules, 'mermaid', 'dist', 'mermaid.core.mjs');
const { default: mermaid } = await import(pathToFileURL(entry));

let passed = 0;
const accepted = await mermaid.parse('flowchart LR\n  a["x" --> b', { suppressErrors: true });
if (accepted !== false) throw new Error('Mermaid accepts anything');
const folder = process.argv[2];
for (const name of readdirSync(folder).filter((name) => name.endsWith('.mmd'))) {
  const text = readFileSync(join(folder, name), 'utf8');
  try {
    await mermaid.parse(text);
  } catch (error) {
    console.error(`FAILED: ${name}: ${error.message}`);
    process.exit(1);
  }
  passed += 1;
}
if (passed === 0) throw new Error(`no drawing in ${folder}`);
console.log(`${passed} passed, 0 failed`);
