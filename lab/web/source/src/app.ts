import { Component, inject } from '@angular/core';
import { Store } from './engine/store';
import { Route } from './route';
import { Datasets } from './views/datasets';
import { Environments } from './views/environments';
import { Jobs } from './views/jobs';
import { Login } from './views/login';
import { OperationForm } from './views/operation-form';

/** Login, or the header and what the address names. */
@Component({
  selector: 'lab-app',
  imports: [Datasets, Environments, Jobs, Login, OperationForm],
  template: `
    @if (store.user() !== null) {
      <header>
        <strong>Delphix lab</strong>
        <nav>
          @for (view of views; track view) {
            <a href="#/{{ view }}" [attr.data-view]="view" [class.here]="route.place().view === view">{{ view }}
              @if (view === 'jobs' && active()) {<span class="count">{{ active() }}</span>}
            </a>
          }
        </nav>
        <span class="plugin" data-plugin>
          @if (store.toolkit(); as toolkit) {{{ toolkit.name }} {{ toolkit.buildNumber }}} @else {No plugin is uploaded}
        </span>
        <button type="button" class="plain" data-action="logout" (click)="store.logout()">Log out</button>
      </header>
      <main>
        @if (store.failure(); as failure) {<p class="error box" role="alert" data-failure>{{ failure }}</p>}
        @if (store.notice(); as notice) {
          <p class="notice box" role="status" data-notice>{{ notice }}
            <button type="button" class="plain" (click)="store.notice.set('')">Close</button></p>
        }
        @switch (route.place().view) {
          @case ('environments') {<lab-environments />}
          @case ('datasets') {<lab-datasets />}
          @case ('jobs') {<lab-jobs />}
          @default {
            @for (place of [route.place()]; track place) {
              <lab-operation-form [view]="place.view" [reference]="place.reference" />
            }
          }
        }
      </main>
    } @else if (store.ready()) {
      <main class="narrow"><lab-login /></main>
    }
  `,
})
export class App {
  readonly store = inject(Store);
  readonly route = inject(Route);
  readonly views = ['environments', 'datasets', 'jobs'];

  constructor() {
    void this.store.resume();
  }

  active(): number {
    return this.store.jobs().filter((job) => this.store.running(job)).length;
  }
}
