// Bundles what ngc compiled (out/) into three files: node build.mjs, in the folder of package.json.
// WEB_STATIC: where they go. WEB_DIGEST: of the sources, kept in the page, so that a test can tell
// whether the committed files are those of the committed sources.
import { readFile, writeFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { transformAsync } from '@babel/core';
import linker from '@angular/compiler-cli/linker/babel';
import { build } from 'esbuild';

const target = process.env.WEB_STATIC ?? '../static';
const digest = process.env.WEB_DIGEST ?? 'development';
const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));

// Angular's libraries come half compiled; linking them here keeps the compiler out of the page.
const linked = {
  name: 'angular-linker',
  setup(builder) {
    builder.onLoad({ filter: /[\\/]node_modules[\\/](@angular|@ngx-formly)[\\/].*\.mjs$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('ɵɵngDeclare')) return { contents: text, loader: 'js' };
      const done = await transformAsync(text, {
        filename: path, plugins: [linker], compact: false, configFile: false, babelrc: false,
      });
      return { contents: done.code, loader: 'js' };
    });
  },
};

const common = { bundle: true, minify: true, sourcemap: false, write: true, logLevel: 'warning' };
const packages = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
await mkdir(target, { recursive: true });
await build({
  ...common,
  entryPoints: ['out/main.js'],
  outfile: join(target, 'app.js'),
  format: 'esm',
  target: 'es2022',
  mainFields: ['es2020', 'module', 'main'],
  define: { ngDevMode: 'false', ngJitMode: 'false', ngI18nClosureMode: 'false' },
  banner: { js: `/* Made from lab/web/source. Holds ${packages.join(', ')}: MIT, rxjs Apache-2.0, tslib 0BSD. */` },
  legalComments: 'eof',
  plugins: [linked],
});
await build({ ...common, entryPoints: ['src/app.css'], outfile: join(target, 'app.css') });
const page = await readFile('src/index.html', 'utf8');
await writeFile(join(target, 'index.html'), page.replace('SOURCE_DIGEST', digest));
