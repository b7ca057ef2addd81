import { Component, Input } from '@angular/core';

/** What went wrong, what to do, and what was seen: the three parts of every error of an engine. */
@Component({
  selector: 'lab-error',
  template: `
    <div class="error box" role="alert" data-error>
      <p data-part="message">{{ message }}</p>
      @if (action) {<p data-part="action"><strong>Action:</strong> {{ action }}</p>}
      @if (output) {<pre data-part="output">{{ output }}</pre>}
    </div>
  `,
})
export class ErrorBox {
  @Input() message = '';
  @Input() action: string | null | undefined = '';
  @Input() output: string | null | undefined = '';
}
