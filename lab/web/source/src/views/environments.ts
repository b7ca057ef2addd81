import { Component, inject, signal } from '@angular/core';
import { post } from '../engine/api';
import { Repository, SourceConfig } from '../engine/objects';
import { Store } from '../engine/store';
import { ErrorBox } from './error';
import { Facts } from './facts';

@Component({
  selector: 'lab-environments',
  imports: [ErrorBox, Facts],
  template: `
    <h1>Environments</h1>
    @if (wrong(); as error) {<lab-error [message]="error.message" [action]="error.action" [output]="error.output" />}
    @for (environment of store.environments(); track environment.reference) {
      <article class="card" [attr.data-environment]="environment.name">
        <div class="row">
          <h2>{{ environment.name }}</h2>
          <button type="button" class="plain" data-action="refresh-environment" (click)="refresh(environment.reference)">
            Refresh</button>
        </div>
        @for (repository of repositories(environment.reference); track repository.reference) {
          <section class="nested" [attr.data-repository]="repository.reference">
            <div class="row">
              <h3>{{ repository.name }}</h3>
              @if (manual()) {
                <a class="button plain" data-action="source-config" href="#/source-config/{{ repository.reference }}">
                  Add a source config</a>
              }
            </div>
            <details><summary>Facts</summary>
              <lab-facts [value]="repository.parameters" [schema]="store.toolkit()?.discoveryDefinition?.repositorySchema" />
            </details>
            @for (config of configs(repository.reference); track config.reference) {
              <div class="line" [attr.data-source-config]="config.name">
                <div class="row">
                  <span>{{ config.name }}</span>
                  @if (linkable(config)) {
                    <a class="button" data-action="link" href="#/link/{{ config.reference }}">Link</a>
                  }
                </div>
                <details><summary>Facts</summary>
                  <lab-facts [value]="config.parameters" [schema]="store.toolkit()?.discoveryDefinition?.sourceConfigSchema" />
                </details>
              </div>
            } @empty {<p class="help">No source config.</p>}
          </section>
        } @empty {<p class="help">No repository was found here.</p>}
      </article>
    } @empty {<p class="help">No environment.</p>}
  `,
})
export class Environments {
  readonly store = inject(Store);
  readonly wrong = signal<any>(null);

  manual(): boolean {
    return this.store.toolkit()?.discoveryDefinition?.manualSourceConfigDiscovery !== false;
  }

  repositories(environment: string): Repository[] {
    return this.store.repositories().filter((repository) => repository.environment === environment);
  }

  configs(repository: string): SourceConfig[] {
    return this.store.sourceConfigs().filter((config) => config.repository === repository);
  }

  linkable(config: SourceConfig): boolean {
    return !!this.store.toolkit() && config.linkingEnabled !== false && !/Direct/.test(config.type ?? '');
  }

  async refresh(environment: string): Promise<void> {
    this.wrong.set(null);
    try {
      const { job } = await post(`/environment/${environment}/refresh`);
      this.store.notice.set(`Refresh has begun${job ? `: ${job}` : ''}.`);
      await this.store.loadJobs();
    } catch (error) {
      this.wrong.set(error);
    }
  }
}
