// Formats the Neovim plugin, or with --check says which files are not formatted. Settings: client-nvim/stylua.toml.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { root, tools } from './places.mjs';

const { Config, IndentType, OutputVerification, QuoteStyle, formatCode } = createRequire(`${tools}/workbench/`)('@johnnymorganz/stylua');

const plugin = path.join(root, 'client-nvim');
const settings = readFileSync(path.join(plugin, 'stylua.toml'), 'utf8');
const setting = (name) => new RegExp(`^${name} = "?(\\w+)"?$`, 'm').exec(settings)[1];
/** A configuration for one call, which consumes it. */
function configuration() {
  const config = Config.new();
  config.column_width = Number(setting('column_width'));
  config.indent_type = IndentType[setting('indent_type')];
  config.indent_width = Number(setting('indent_width'));
  config.quote_style = QuoteStyle[setting('quote_style')];
  return config;
}

let unformatted = 0;
for (const file of globSync('**/*.lua', { cwd: plugin })) {
  const before = readFileSync(path.join(plugin, file), 'utf8');
  const after = formatCode(before, configuration(), undefined, OutputVerification.Full);
  if (after === before) continue;
  unformatted += 1;
  if (process.argv.includes('--check')) console.error(`not formatted: client-nvim/${file}`);
  else writeFileSync(path.join(plugin, file), after);
}
if (process.argv.includes('--check') && unformatted) process.exit(1);
console.log(process.argv.includes('--check') ? 'the Neovim plugin is formatted' : `${unformatted} files formatted`);
