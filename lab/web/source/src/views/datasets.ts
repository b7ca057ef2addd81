import { Component, effect, inject } from '@angular/core';
import { Database, Schema, Snapshot } from '../engine/objects';
import { Store } from '../engine/store';
import { hasFields } from '../operations/operation';
import { Facts } from './facts';

@Component({
  selector: 'lab-datasets',
  imports: [Facts],
  template: `
    <div class="row"><h1>Datasets</h1>
      @if (store.toolkit()) {<a class="button" data-action="link" href="#/link">Link a dSource</a>}</div>
    @for (database of store.databases(); track database.reference) {
      <article class="card" [attr.data-dataset]="database.name" [attr.data-reference]="database.reference">
        <div class="row">
          <h2>{{ database.name }} <small>{{ kind(database) }}</small></h2>
          <span class="state" data-status [class.good]="status(database) === 'RUNNING'">{{ status(database) }}</span>
        </div>
        <p class="help">
          {{ store.name(store.groups(), database.group) }}
          @if (database.provisionContainer) { · of {{ store.name(store.databases(), database.provisionContainer) }}}
          @if (store.sourceOf(database.reference)?.runtime?.enabled; as enabled) { · <span data-enabled>{{ enabled }}</span>}
        </p>
        <p class="buttons">
          <a class="button" data-action="sync" href="#/sync/{{ database.reference }}">Snapshot</a>
          @if (database.provisionContainer) {
            <a class="button" data-action="refresh" href="#/refresh/{{ database.reference }}">Refresh</a>
          }
        </p>
        <details data-parameters><summary>Parameters</summary>
          <lab-facts [value]="store.sourceOf(database.reference)?.parameters" [schema]="schema(database)" />
        </details>
        <h3>Snapshots</h3>
        @for (snapshot of store.snapshotsOf(database.reference); track snapshot.reference) {
          <details class="line" [attr.data-snapshot]="snapshot.reference" [open]="$first">
            <summary>{{ snapshot.name }} <small>{{ consistency(snapshot) }}</small></summary>
            <p class="buttons">
              <a class="button" data-action="provision" href="#/provision/{{ snapshot.reference }}">Provision</a>
              @if (physical()) {
                <a class="button plain" data-action="v2p" href="#/v2p/{{ snapshot.reference }}">Physical copy</a>
              }
            </p>
            <lab-facts [value]="snapshot.metadata" [schema]="store.toolkit()?.snapshotSchema" [help]="true" />
          </details>
        } @empty {<p class="help">No snapshot.</p>}
      </article>
    } @empty {<p class="help">No dataset. Link a dSource from a source config of an environment.</p>}
  `,
})
export class Datasets {
  readonly store = inject(Store);

  constructor() {
    effect(() => {
      this.store.changes();
      void this.store.loadStates();
    });
  }

  kind(database: Database): string {
    return this.store.isVirtual(database.reference) ? 'VDB' : 'dSource';
  }

  status(database: Database): string {
    const listed = this.store.sourceOf(database.reference)?.runtime?.status ?? 'UNKNOWN';
    return listed === 'UNKNOWN' ? (this.store.states()[database.reference] ?? listed) : listed;
  }

  schema(database: Database): Schema | undefined {
    const toolkit = this.store.toolkit();
    return this.store.isVirtual(database.reference)
      ? toolkit?.virtualSourceDefinition.parameters
      : toolkit?.linkedSourceDefinition.parameters;
  }

  consistency(snapshot: Snapshot): string {
    return (snapshot.consistency ?? '').toLowerCase().replaceAll('_', ' ');
  }

  physical(): boolean {
    return hasFields(this.store.toolkit()?.virtualToPhysicalDefinition?.parameters);
  }
}
