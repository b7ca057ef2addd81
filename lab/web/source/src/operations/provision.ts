// Of virtual databases: provision, refresh, and a physical copy (V2P).
import { Store } from '../engine/store';
import { Json, Schema, Toolkit } from '../engine/objects';
import { NAME, NO_LOGSYNC, Operation, choice, engine, only, part } from './operation';

const HOOKS = [
  'configureClone', 'preRefresh', 'postRefresh', 'preRollback', 'postRollback', 'preSnapshot', 'postSnapshot',
  'preStart', 'postStart', 'preStop', 'postStop',
];
const LATEST = 'LATEST_SNAPSHOT';
const MOUNT: Schema = {
  type: 'string', format: 'unixpath', prettyName: 'Mount point',
  description: 'Empty: the plugin tells where the dataset is mounted.',
};

function installations(store: Store) {
  return store.repositories()
    .filter((repository) => repository.provisioningEnabled !== false)
    .map((repository) => ({
      ...repository,
      name: `${repository.name} on ${store.name(store.environments(), repository.environment)}`,
    }));
}

function directConfig(store: Store, given: Json): Json {
  const environment = store.environmentOf(given['repository'])?.reference;
  return {
    type: 'AppDataDirectSourceConfig', name: given['name'], repository: given['repository'],
    path: given['path'] ?? '', linkingEnabled: true, environmentUser: store.userOf(environment), parameters: {},
  };
}

export function provision(store: Store, toolkit: Toolkit, snapshot: string): Operation {
  const container = store.find(store.snapshots(), snapshot)?.container;
  const snapshots = store.snapshotsOf(container);
  return {
    title: `Provision a VDB from ${store.name(store.databases(), container)}`,
    button: 'Provision',
    parts: [
      engine({
        snapshot: choice('Snapshot', snapshots, { default: snapshot }),
        name: NAME,
        group: choice('Group', store.groups(), only(store.groups())),
        repository: choice('Target', installations(store)),
        path: MOUNT,
      }, ['snapshot', 'name', 'group', 'repository']),
      ...part('parameters', 'Parameters', toolkit.virtualSourceDefinition.parameters),
    ],
    path: () => '/database/provision',
    body: ({ engine: given, parameters }) => ({
      type: 'AppDataProvisionParameters',
      container: { type: 'AppDataContainer', name: given['name'], group: given['group'], sourcingPolicy: NO_LOGSYNC },
      source: {
        type: 'AppDataVirtualSource', name: given['name'], allowAutoVDBRestartOnHostReboot: false,
        additionalMountPoints: [], parameters: parameters ?? {},
        operations: { type: 'VirtualSourceOperations', ...Object.fromEntries(HOOKS.map((name) => [name, []])) },
      },
      sourceConfig: directConfig(store, given),
      timeflowPointParameters: { type: 'TimeflowPointSnapshot', snapshot: given['snapshot'] },
      masked: false,
      maskingJob: null,
    }),
  };
}

export function refresh(store: Store, _: Toolkit, database: string): Operation {
  const parent = store.find(store.databases(), database)?.provisionContainer;
  const points = [{ reference: LATEST, name: 'Latest snapshot' }, ...store.snapshotsOf(parent)];
  return {
    title: `Refresh ${store.name(store.databases(), database)} from ${store.name(store.databases(), parent)}`,
    button: 'Refresh',
    parts: [engine({ snapshot: choice('Snapshot', points, { default: LATEST }) }, ['snapshot'])],
    path: () => `/database/${database}/refresh`,
    body: ({ engine: given }) => ({
      type: 'RefreshParameters',
      timeflowPointParameters: given['snapshot'] === LATEST
        ? { type: 'TimeflowPointSemantic', container: parent, location: LATEST }
        : { type: 'TimeflowPointSnapshot', snapshot: given['snapshot'] },
      syncAfterReprovision: true,
    }),
  };
}

export function exportPhysical(store: Store, toolkit: Toolkit, snapshot: string): Operation {
  const container = store.find(store.snapshots(), snapshot)?.container;
  return {
    title: `Physical copy of ${store.name(store.databases(), container)}`,
    button: 'Export',
    parts: [
      engine({
        snapshot: choice('Snapshot', store.snapshotsOf(container), { default: snapshot }),
        name: NAME,
        repository: choice('Target', installations(store)),
        targetDirectory: { type: 'string', format: 'unixpath', prettyName: 'Target directory' },
      }, ['snapshot', 'name', 'repository', 'targetDirectory']),
      ...part('parameters', 'Parameters', toolkit.virtualToPhysicalDefinition?.parameters),
    ],
    path: () => '/database/export',
    body: ({ engine: given, parameters }) => ({
      type: 'AppDataExportParameters',
      timeflowPointParameters: { type: 'TimeflowPointSnapshot', snapshot: given['snapshot'] },
      sourceConfig: { ...directConfig(store, given), path: given['targetDirectory'] },
      filesystemLayout: { type: 'AppDataFilesystemLayout', targetDirectory: given['targetDirectory'] },
      parameters: parameters ?? {},
    }),
  };
}
