import { Component, Input, OnInit, inject } from '@angular/core';
import { FormGroup } from '@angular/forms';
import { FormlyFieldConfig, FormlyFormOptions, FormlyModule } from '@ngx-formly/core';
import { FormlyJsonschema } from '@ngx-formly/core/json-schema';
import { Json, Schema } from '../engine/objects';
import { adapted, finished } from './dialect';
import { valuesOf } from './values';

/** One schema as a form; an operation has one for the engine's fields and some for the plugin's. */
@Component({
  selector: 'lab-part',
  imports: [FormlyModule],
  template: `
    <section [attr.data-form]="name">
      @if (title) {<h3>{{ title }}</h3>}
      <formly-form [form]="form" [model]="model" [fields]="fields" [options]="options" />
    </section>
  `,
})
export class FormPart implements OnInit {
  @Input({ required: true }) name!: string;
  @Input({ required: true }) schema!: Schema;
  @Input({ required: true }) form!: FormGroup;
  @Input() title = '';
  readonly model: Json = {};
  readonly options: FormlyFormOptions = {};
  fields: FormlyFieldConfig[] = [];
  private readonly translator = inject(FormlyJsonschema);

  ngOnInit(): void {
    this.fields = this.translator.toFieldConfig(adapted(this.schema), { map: finished }).fieldGroup ?? [];
    this.fields = [{ type: 'object', fieldGroup: this.fields }];
  }

  values(): Json {
    return valuesOf(this.fields);
  }
}
