import { Store } from '../engine/store';
import { Toolkit } from '../engine/objects';
import { link, sourceConfig, sync } from './link';
import { Operation } from './operation';
import { exportPhysical, provision, refresh } from './provision';

/** By the word in the address: #/link/APPDATA_STAGED_SOURCE_CONFIG-1. */
export const OPERATIONS: Record<string, (store: Store, toolkit: Toolkit, reference: string) => Operation> = {
  link, sync, provision, refresh, 'source-config': sourceConfig, v2p: exportPhysical,
};
