// Of dSources: link, sync, and a source config by hand.
import { Store } from '../engine/store';
import { Schema, Toolkit } from '../engine/objects';
import { NAME, NO_LOGSYNC, Operation, choice, engine, only, part } from './operation';

function linkable(store: Store) {
  return store.sourceConfigs()
    .filter((config) => config.linkingEnabled !== false && !/Direct/.test(config.type ?? ''))
    .map((config) => {
      const environment = store.environmentOf(config.repository)?.name;
      return { ...config, name: environment ? `${config.name} on ${environment}` : config.name };
    });
}

/** Delphix's own word: the first sync copies all, so clients of an engine say resync with a link. */
function firstSync(schema: Schema): Schema {
  const resync = schema?.properties?.['resync'];
  if (resync?.type !== 'boolean') return schema;
  return { ...schema, properties: { ...schema.properties, resync: { ...resync, default: true } } };
}

export function link(store: Store, toolkit: Toolkit, config: string): Operation {
  const chosen = config ? { default: config } : {};
  return {
    title: 'Link a dSource',
    button: 'Link',
    parts: [
      engine({
        name: NAME,
        group: choice('Group', store.groups(), only(store.groups())),
        config: choice('Source config', linkable(store), chosen),
        stagingEnvironment: choice('Staging environment', store.environments()),
      }, ['name', 'group', 'config', 'stagingEnvironment']),
      ...part('parameters', 'Parameters', toolkit.linkedSourceDefinition.parameters),
      ...part('sync', 'First snapshot', firstSync(toolkit.snapshotParametersDefinition.schema)),
    ],
    path: () => '/database/link',
    body: ({ engine: given, parameters, sync }) => {
      const repository = store.find(store.sourceConfigs(), given['config'])?.repository;
      return {
        type: 'LinkParameters', name: given['name'], group: given['group'], description: '',
        linkData: {
          type: 'AppDataStagedLinkData', config: given['config'],
          environmentUser: store.userOf(store.environmentOf(repository)?.reference),
          stagingEnvironment: given['stagingEnvironment'],
          stagingEnvironmentUser: store.userOf(given['stagingEnvironment']),
          parameters: parameters ?? {},
          syncParameters: { type: 'AppDataSyncParameters', parameters: sync ?? {} },
          operations: { type: 'LinkedSourceOperations', preSync: [], postSync: [] },
          sourcingPolicy: NO_LOGSYNC,
        },
      };
    },
  };
}

export function sync(store: Store, toolkit: Toolkit, database: string): Operation {
  const virtual = store.isVirtual(database);
  return {
    title: `Snapshot of ${store.name(store.databases(), database)}`,
    button: 'Snapshot',
    // A VDB's snapshot takes no parameters.
    parts: virtual ? [] : part('sync', 'Parameters', toolkit.snapshotParametersDefinition.schema),
    path: () => `/database/${database}/sync`,
    body: ({ sync: given }) => (virtual ? undefined : { type: 'AppDataSyncParameters', parameters: given ?? {} }),
  };
}

export function sourceConfig(store: Store, toolkit: Toolkit, repository: string): Operation {
  const environment = store.environmentOf(repository);
  const { sourceConfigSchema, sourceConfigNameField } = toolkit.discoveryDefinition;
  return {
    title: `Add a source config on ${environment?.name ?? repository}`,
    button: 'Add',
    // The plugin says which of its own fields is the name.
    parts: part('parameters', '', sourceConfigSchema),
    path: () => '/sourceconfig',
    body: ({ parameters }) => ({
      type: 'AppDataStagedSourceConfig', name: parameters?.[sourceConfigNameField], repository,
      environmentUser: store.userOf(environment?.reference), linkingEnabled: true, parameters: parameters ?? {},
    }),
  };
}
