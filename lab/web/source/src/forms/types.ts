// One component for each type of JSON Schema.
import { Component } from '@angular/core';
import { ReactiveFormsModule } from '@angular/forms';
import { FieldArrayType, FieldType, FieldTypeConfig, FormlyModule } from '@ngx-formly/core';
import { Legend } from './legend';
import { pathOf } from './values';

interface Choice {
  value: unknown;
  label: string;
}

@Component({
  selector: 'lab-text',
  imports: [ReactiveFormsModule, FormlyModule],
  template: `<input [type]="props.type ?? 'text'" [formControl]="formControl" [formlyAttributes]="field"
    autocomplete="off" autocapitalize="off" spellcheck="false">`,
})
export class TextType extends FieldType<FieldTypeConfig> {}

@Component({
  selector: 'lab-area',
  imports: [ReactiveFormsModule, FormlyModule],
  template: `<textarea [formControl]="formControl" [formlyAttributes]="field" [rows]="props.rows"
    spellcheck="false"></textarea>`,
})
export class AreaType extends FieldType<FieldTypeConfig> {}

@Component({
  selector: 'lab-number',
  imports: [ReactiveFormsModule, FormlyModule],
  template: `<input type="number" [formControl]="formControl" [formlyAttributes]="field">`,
})
export class NumberType extends FieldType<FieldTypeConfig> {}

@Component({
  selector: 'lab-boolean',
  imports: [ReactiveFormsModule, FormlyModule],
  template: `<input type="checkbox" [formControl]="formControl" [formlyAttributes]="field">`,
})
export class BooleanType extends FieldType<FieldTypeConfig> {}

@Component({
  selector: 'lab-enum',
  imports: [ReactiveFormsModule, FormlyModule],
  template: `
    @if (props['multiple']) {
      <select multiple [formControl]="formControl" [formlyAttributes]="field">
        @for (choice of choices; track $index) {<option [ngValue]="choice.value">{{ choice.label }}</option>}
      </select>
    } @else {
      <select [formControl]="formControl" [formlyAttributes]="field">
        @if (!props.required || formControl.value === undefined || formControl.value === '') {
          <option [ngValue]="formControl.value === '' ? '' : undefined">{{ props.required ? 'Choose' : 'None' }}</option>
        }
        @for (choice of choices; track $index) {<option [ngValue]="choice.value">{{ choice.label }}</option>}
      </select>
    }
  `,
})
export class EnumType extends FieldType<FieldTypeConfig> {
  get choices(): Choice[] {
    return this.props.options as Choice[];
  }
}

@Component({
  selector: 'lab-object',
  imports: [FormlyModule, Legend],
  template: `
    @if (path && props.label) {
      <fieldset [attr.data-field]="path" [attr.aria-label]="props.label">
        <lab-legend [props]="props" />
        @if (!props['folded']) {
          <div class="grid">
            @for (part of field.fieldGroup; track part) {<formly-field [field]="part" />}
          </div>
        }
      </fieldset>
    } @else {
      <div class="grid" [attr.data-field]="path || null">
        @for (part of field.fieldGroup; track part) {<formly-field [field]="part" />}
      </div>
    }
  `,
})
export class ObjectType extends FieldType {
  get path(): string {
    return pathOf(this.field);
  }
}

@Component({
  selector: 'lab-array',
  imports: [FormlyModule, Legend],
  template: `
    <fieldset [attr.data-field]="path" [attr.aria-label]="props.label" [class.wrong]="showError">
      <lab-legend [props]="props" />
      @if (!props['folded']) {
        @for (item of field.fieldGroup; track item; let index = $index) {
          <div class="item">
            <formly-field [field]="item" />
            <button type="button" class="plain" data-action="remove" (click)="remove(index)">Remove</button>
          </div>
        }
        @if (showError) {
          <p class="error" data-message><formly-validation-message [field]="field" /></p>
        }
        <button type="button" class="plain" data-action="add" (click)="add()">Add</button>
      }
    </fieldset>
  `,
})
export class ArrayType extends FieldArrayType {
  get path(): string {
    return pathOf(this.field);
  }
}
