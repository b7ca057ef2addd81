import { Component } from '@angular/core';
import { FieldWrapper as Base, FormlyModule } from '@ngx-formly/core';
import { pathOf } from './values';

/** Title, help and what is wrong, around any field with a value of its own. */
@Component({
  selector: 'lab-field',
  imports: [FormlyModule],
  template: `
    <div class="field" [class.wrong]="showError" [attr.data-field]="path">
      <label [for]="id">
        {{ props.label }}@if (props.required) {<span class="needed" title="needed"> *</span>}
      </label>
      <ng-container #fieldComponent></ng-container>
      @if (showError) {
        <p class="error" data-message><formly-validation-message [field]="field" /></p>
      }
      @if (props.description) {<p class="help">{{ props.description }}</p>}
    </div>
  `,
})
export class FieldWrapper extends Base {
  get path(): string {
    return pathOf(this.field);
  }
}
