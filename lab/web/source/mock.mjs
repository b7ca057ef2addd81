// An engine that only pretends, to work on the page without hosts:
//   node lab/web/source/mock.mjs build/artifact.json [PORT]
// Login admin/delphix. A dataset named "fail..." gives a failed job, "refuse..." a refused request.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const [artifactPath = 'build/artifact.json', port = '0'] = process.argv.slice(2);
const STATIC = new URL('../static/', import.meta.url).pathname;
const BASE = '/resources/json/delphix';
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };
const SECONDS = 3;

const artifact = JSON.parse(readFileSync(artifactPath, 'utf8'));
delete artifact.sourceCode;
const toolkit = { ...artifact, reference: 'APPDATA_TOOLKIT-1' };
let counter = 10;
const next = (prefix) => `${prefix}-${counter++}`;

/** A value that a schema allows, more or less. */
function sample(schema, name) {
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.$ref) return { type: 'NamedPasswordCredential', username: 'reader', password: 'secret-text' };
  if (schema.type === 'object') return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, part]) => [key, sample(part, key)]));
  if (schema.type === 'array') return [1, 2].map((n) => sample(schema.items, `${name} ${n}`));
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 4711;
  if (schema.type === 'boolean') return true;
  return schema.format === 'unixpath' ? `/mnt/${name}` : `${name} sample`;
}

const { discoveryDefinition: discovery } = toolkit;
const hosts = ['source', 'target'].map((name, n) => ({
  environment: { type: 'UnixHostEnvironment', reference: `UNIX_HOST_ENVIRONMENT-${n + 1}`, name, primaryUser: `HOST_USER-${n + 1}` },
  user: { type: 'EnvironmentUser', reference: `HOST_USER-${n + 1}`, name: 'delphix', environment: `UNIX_HOST_ENVIRONMENT-${n + 1}` },
  repository: {
    type: 'AppDataRepository', reference: `APPDATA_REPOSITORY-${n + 1}`, name: `Installation ${n + 1}`, environment: `UNIX_HOST_ENVIRONMENT-${n + 1}`,
    parameters: sample(discovery.repositorySchema, 'repository'), linkingEnabled: true, provisioningEnabled: true,
  },
}));
const time = (ago = 0) => new Date(Date.now() - ago * 1000).toISOString();
const kinds = {
  toolkit: [toolkit],
  environment: hosts.map((host) => host.environment),
  'environment/user': hosts.map((host) => host.user),
  repository: hosts.map((host) => host.repository),
  sourceconfig: ['sales', 'stock'].map((name, n) => ({
    type: 'AppDataStagedSourceConfig', reference: `APPDATA_STAGED_SOURCE_CONFIG-${n + 1}`, name, repository: 'APPDATA_REPOSITORY-1',
    parameters: { ...sample(discovery.sourceConfigSchema, 'config'), name }, linkingEnabled: true,
  })),
  group: [{ type: 'Group', reference: 'GROUP-1', name: 'Untitled' }],
  database: [], source: [], snapshot: [], job: [],
};

function dataset(name, virtual, parameters, parent = null) {
  const reference = next('APPDATA_CONTAINER');
  kinds.database.push({ type: 'AppDataContainer', reference, name, group: 'GROUP-1', provisionContainer: parent, toolkit: toolkit.reference });
  kinds.source.push({
    type: virtual ? 'AppDataVirtualSource' : 'AppDataLinkedStagedSource', reference: next('APPDATA_VIRTUAL_SOURCE'), name,
    container: reference, parameters, runtime: { status: 'RUNNING', enabled: 'ENABLED' },
  });
  return reference;
}

function snapshot(container) {
  const name = `@${time()}`.replace('Z', '');
  kinds.snapshot.push({
    type: 'AppDataSnapshot', reference: next('APPDATA_SNAPSHOT'), name, container, creationTime: time(), consistency: 'CONSISTENT',
    metadata: sample(toolkit.snapshotSchema, 'snapshot'),
  });
}

function job(actionType, targetName, seconds = SECONDS) {
  const reference = next('JOB');
  const item = { type: 'Job', reference, actionType, title: `${actionType} of "${targetName}".`, targetName, startTime: time(), born: Date.now(), seconds };
  kinds.job.push(item);
  return { job: reference, action: next('ACTION') };
}

/** A job as old as it is: progress and events come with the time. */
function grown({ born, seconds, ...item }) {
  const part = Math.min(1, (Date.now() - born) / 1000 / seconds);
  const failed = item.targetName.startsWith('fail') && part === 1;
  const event = (messageDetails, more = {}) => ({ type: 'JobEvent', timestamp: time(), eventType: 'INFO', messageDetails, ...more });
  const events = [event(`${item.actionType} job started for "${item.targetName}".`)];
  if (part > 0.4) events.push(event('Mounting.'), event('Something to know.', { eventType: 'WARNING' }));
  if (failed) {
    events.push(event('The host has no room.', {
      eventType: 'ERROR', messageAction: 'Make room, then try again.', messageCommandOutput: 'df: 100%\nwrite: No space left on device',
    }));
  } else if (part === 1) events.push(event(`${item.actionType} job completed.`));
  const jobState = part < 1 ? 'RUNNING' : failed ? 'FAILED' : 'COMPLETED';
  return { ...item, jobState, percentComplete: Math.round(part * 100), updateTime: time(), events };
}

const posts = [
  [/^\/environment\/(.+)\/refresh$/, (ref) => job('ENVIRONMENT_REFRESH_AND_DISCOVER', ref)],
  [/^\/sourceconfig$/, (_, body) => { kinds.sourceconfig.push({ ...body, reference: next('APPDATA_STAGED_SOURCE_CONFIG') }); return {}; }],
  [/^\/database\/link$/, (_, body) => {
    const made = dataset(body.name, false, body.linkData.parameters);
    snapshot(made);
    return { result: made, ...job('DB_LINK', body.name) };
  }],
  [/^\/database\/provision$/, (_, body) => {
    const parent = kinds.snapshot.find((item) => item.reference === body.timeflowPointParameters.snapshot).container;
    return { result: dataset(body.container.name, true, body.source.parameters, parent), ...job('DB_PROVISION', body.container.name) };
  }],
  [/^\/database\/export$/, (_, body) => job('DB_EXPORT', body.sourceConfig.name)],
  [/^\/database\/(.+)\/sync$/, (ref) => { snapshot(ref); return job('DB_SYNC', ref); }],
  [/^\/database\/(.+)\/refresh$/, (ref) => job('DB_REFRESH', ref)],
];

const ok = (result, more = {}) => ({ type: Array.isArray(result) ? 'ListResult' : 'OKResult', status: 'OK', result, job: null, action: null, ...more });
const refused = (details, id, action = '') => ({ type: 'ErrorResult', status: 'ERROR', error: { type: 'APIError', id, details, action, commandOutput: null, diagnoses: [] } });

/** As the lab's server: the plugin is asked for its state when one dataset is asked for. */
function found(kind, database) {
  if (kind !== 'source') return kinds[kind] ?? [];
  if (database) return kinds.source.filter((source) => source.container === database);
  return kinds.source.map((source) => ({ ...source, runtime: { ...source.runtime, status: 'UNKNOWN' } }));
}

function answer(method, path, query, body, session) {
  if (path === '/session' && method === 'POST') return [200, ok(body), 'JSESSIONID=begun; Path=/'];
  if (path === '/login') {
    const right = body.username === 'admin' && body.password === 'delphix';
    return right ? [200, ok('USER-1'), 'JSESSIONID=known; Path=/; HttpOnly'] : [401, refused('Invalid username or password.', 'exception.webservices.login.failed')];
  }
  if (path === '/logout') return [200, ok(null), 'JSESSIONID=; Path=/'];
  if (session !== 'known') return [403, refused('No session.', 'exception.webservices.session.missing')];
  if (method === 'GET') return [200, ok(path === '/job' ? kinds.job.map(grown) : found(path.slice(1), query.get('database')))];
  const name = body?.name ?? body?.container?.name ?? '';
  if (name.startsWith('refuse')) return [200, refused({ name: { id: 'x', details: 'This name is refused.' } }, 'exception.refused', 'Use another name.')];
  const known = posts.map(([pattern, act]) => [pattern.exec(path), act]).find(([match]) => match);
  return known ? [200, ok(null, known[1](known[0][1], body))] : [404, refused(`No ${path}`, 'exception.unknown')];
}

async function serve(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  if (!pathname.startsWith(BASE)) {
    const file = join(STATIC, pathname === '/' ? 'index.html' : pathname);
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'text/plain');
    try { return response.end(readFileSync(file)); } catch { response.statusCode = 404; return response.end(); }
  }
  let text = '';
  for await (const chunk of request) text += chunk;
  const session = /JSESSIONID=(\w*)/.exec(request.headers.cookie ?? '')?.[1];
  const [status, body, cookie] = answer(request.method, pathname.slice(BASE.length), searchParams, text ? JSON.parse(text) : undefined, session);
  response.writeHead(status, { 'Content-Type': 'application/json', ...(cookie ? { 'Set-Cookie': cookie } : {}) });
  return response.end(JSON.stringify(body));
}

const sales = dataset('sales', false, sample(toolkit.linkedSourceDefinition.parameters, 'linked'));
snapshot(sales);
snapshot(sales);
dataset('sales_dev', true, sample(toolkit.virtualSourceDefinition.parameters, 'virtual'), sales);
job('DB_SYNC', 'Untitled/sales', 0.001);
job('DB_PROVISION', 'fail_dev', 0.001);
const server = createServer((request, response) => void serve(request, response));
server.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
