import { Component, inject } from '@angular/core';
import { Job, JobEvent } from '../engine/objects';
import { Store } from '../engine/store';
import { ErrorBox } from './error';

@Component({
  selector: 'lab-jobs',
  imports: [ErrorBox],
  template: `
    <h1>Jobs</h1>
    @for (job of store.jobs(); track job.reference) {
      <article class="card job" [attr.data-job]="job.reference" [attr.data-state]="job.jobState">
        <div class="row">
          <h2>{{ job.title || job.actionType }}</h2>
          <span class="state" [class.good]="job.jobState === 'COMPLETED'" [class.bad]="job.jobState === 'FAILED'">
            {{ job.jobState }}</span>
        </div>
        <p class="help">{{ job.reference }} · {{ job.actionType }} · {{ job.targetName }} · {{ time(job.startTime) }}</p>
        <progress max="100" [value]="percent(job)" [attr.aria-label]="job.reference"></progress>
        @for (event of errors(job); track $index) {
          <lab-error [message]="event.messageDetails ?? ''" [action]="event.messageAction"
            [output]="event.messageCommandOutput" />
        }
        <details data-events><summary>Events ({{ (job.events ?? []).length }})</summary>
          <ol>
            @for (event of job.events ?? []; track $index) {
              <li [class.bad]="event.eventType === 'ERROR'" [class.warn]="event.eventType === 'WARNING'">
                <time>{{ time(event.timestamp) }}</time> {{ event.messageDetails }}
                @if (event.messageAction && event.eventType !== 'ERROR') {<em>{{ event.messageAction }}</em>}
              </li>
            }
          </ol>
        </details>
      </article>
    } @empty {<p class="help">No job yet.</p>}
  `,
})
export class Jobs {
  readonly store = inject(Store);

  errors(job: Job): JobEvent[] {
    return (job.events ?? []).filter((event) => event.eventType === 'ERROR');
  }

  percent(job: Job): number {
    return job.jobState === 'COMPLETED' ? 100 : (job.percentComplete ?? 0);
  }

  time(text: string | undefined): string {
    return (text ?? '').replace('T', ' ').replace(/\.\d+/, '');
  }
}
