import { Component, Input } from '@angular/core';
import { FormlyFieldConfig } from '@ngx-formly/core';

/** Title and help of a group; a schema may say that it folds. */
@Component({
  selector: 'lab-legend',
  template: `
    <p class="legend">
      @if (props['collapsible']) {
        <button type="button" class="plain fold" data-action="fold" [attr.aria-expanded]="!props['folded']"
          (click)="props['folded'] = !props['folded']">{{ props['folded'] ? '+' : '−' }}</button>
      }
      {{ props.label }}@if (props.required) {<span class="needed"> *</span>}
    </p>
    @if (props.description) {<p class="help">{{ props.description }}</p>}
  `,
})
export class Legend {
  @Input({ required: true }) props!: NonNullable<FormlyFieldConfig['props']>;
}
