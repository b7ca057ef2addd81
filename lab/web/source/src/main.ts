import 'zone.js';
import { importProvidersFrom } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { FormlyModule } from '@ngx-formly/core';
import { App } from './app';
import { formlySettings } from './forms/settings';

bootstrapApplication(App, {
  providers: [importProvidersFrom(FormlyModule.forRoot(formlySettings))],
}).catch((error) => console.error(error));
