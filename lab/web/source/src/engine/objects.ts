// What the page reads of the engine's objects; names are those of the engine's REST API.

export type Json = Record<string, any>;

/** JSON Schema as plugins write it, with Delphix' own words. */
export interface Schema extends Json {
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  ordering?: string[];
  items?: Schema;
  prettyName?: string;
  description?: string;
  format?: string;
  dxFormProperties?: {
    hideExpression?: string;
    validationMessages?: Record<string, string>;
    rows?: number;
    collapsible?: boolean;
    expanded?: boolean;
  };
  validationMessages?: Record<string, string>;
}

export interface Named {
  reference: string;
  name: string;
}

export interface Toolkit extends Named {
  prettyName?: string;
  buildNumber?: string;
  linkedSourceDefinition: { parameters: Schema };
  virtualSourceDefinition: { parameters: Schema };
  virtualToPhysicalDefinition?: { parameters: Schema };
  snapshotParametersDefinition: { schema: Schema };
  snapshotSchema: Schema;
  discoveryDefinition: {
    repositorySchema: Schema;
    sourceConfigSchema: Schema;
    sourceConfigNameField: string;
    manualSourceConfigDiscovery?: boolean;
  };
}

export interface Environment extends Named {
  primaryUser?: string;
}

export interface EnvironmentUser extends Named {
  environment: string;
}

export interface Repository extends Named {
  environment: string;
  parameters?: Json;
  linkingEnabled?: boolean;
  provisioningEnabled?: boolean;
}

export interface SourceConfig extends Named {
  type: string;
  repository: string;
  parameters?: Json;
  linkingEnabled?: boolean;
}

export interface Database extends Named {
  group: string;
  provisionContainer?: string | null;
  creationTime?: string;
}

export interface Source extends Named {
  type: string;
  container: string;
  config?: string;
  parameters?: Json;
  stagingEnvironment?: string;
  runtime?: { status?: string; enabled?: string; databaseSize?: number };
}

export interface Snapshot extends Named {
  container: string;
  creationTime?: string;
  consistency?: string;
  metadata?: Json;
}

export interface JobEvent {
  timestamp?: string;
  percentComplete?: number;
  messageDetails?: string;
  messageAction?: string | null;
  messageCommandOutput?: string | null;
  eventType?: string;
}

export interface Job extends Named {
  actionType?: string;
  title?: string;
  target?: string;
  targetName?: string;
  jobState: string;
  percentComplete?: number;
  startTime?: string;
  updateTime?: string;
  events?: JobEvent[];
}

/** The number in a reference: objects made later have a greater one. */
export function numberOf(reference: string): number {
  return Number(reference.slice(reference.lastIndexOf('-') + 1)) || 0;
}
