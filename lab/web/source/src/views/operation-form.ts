import { Component, Input, OnInit, QueryList, ViewChildren, inject, signal } from '@angular/core';
import { FormGroup, ReactiveFormsModule } from '@angular/forms';
import { post } from '../engine/api';
import { Json } from '../engine/objects';
import { Store } from '../engine/store';
import { FormPart } from '../forms/part';
import { OPERATIONS } from '../operations';
import { Operation } from '../operations/operation';
import { Route } from '../route';
import { ErrorBox } from './error';

/** Asks for the parts of an operation, sends it, and goes to the jobs. */
@Component({
  selector: 'lab-operation-form',
  imports: [ErrorBox, FormPart, ReactiveFormsModule],
  template: `
    @if (operation; as operation) {
      <form class="card" [formGroup]="form" (ngSubmit)="send(operation)" [attr.data-operation]="view">
        <h1>{{ operation.title }}</h1>
        @for (part of operation.parts; track part.name) {
          <lab-part [name]="part.name" [title]="part.title" [schema]="part.schema" [form]="group(part.name)" />
        }
        @if (wrong(); as error) {
          <lab-error [message]="error.message" [action]="error.action" [output]="error.output" />
        }
        <p class="buttons">
          <button type="submit" data-action="submit" [disabled]="busy()">{{ operation.button }}</button>
          <button type="button" class="plain" data-action="cancel" (click)="route.go('datasets')">Cancel</button>
        </p>
      </form>
    } @else {
      <p class="help">There is no such page.</p>
    }
  `,
})
export class OperationForm implements OnInit {
  @Input({ required: true }) view!: string;
  @Input({ required: true }) reference!: string;
  @ViewChildren(FormPart) parts!: QueryList<FormPart>;
  readonly route = inject(Route);
  readonly form = new FormGroup<Record<string, FormGroup>>({});
  readonly wrong = signal<any>(null);
  readonly busy = signal(false);
  operation: Operation | undefined;
  private readonly store = inject(Store);

  ngOnInit(): void {
    const toolkit = this.store.toolkit();
    if (!toolkit || !(this.view in OPERATIONS)) return;
    // Made once: what the engine tells meanwhile does not take away what somebody is typing.
    this.operation = OPERATIONS[this.view](this.store, toolkit, this.reference);
    for (const part of this.operation.parts) this.form.addControl(part.name, new FormGroup({}));
  }

  group(name: string): FormGroup {
    return this.form.controls[name];
  }

  async send(operation: Operation): Promise<void> {
    this.wrong.set(null);
    if (this.form.invalid) {
      this.form.markAllAsTouched();
      this.wrong.set({ message: 'Some fields are not right yet; each says what it needs.' });
      return;
    }
    const values: Record<string, Json> = {};
    for (const part of this.parts) values[part.name] = part.values();
    this.busy.set(true);
    try {
      const { job, result } = await post(operation.path(values['engine'] ?? {}), operation.body(values));
      this.store.notice.set(`${operation.title}: ${job ?? result ?? 'done'}.`);
      await Promise.all([this.store.loadJobs(), this.store.load()]);
      this.route.go(job ? 'jobs' : 'environments');
    } catch (error) {
      this.wrong.set(error);
    } finally {
      this.busy.set(false);
    }
  }
}
