// Formly's words for this page: which component draws which type, and what wrong input is told.
import { ConfigOption, FormlyFieldConfig } from '@ngx-formly/core';
import { FieldWrapper } from './wrapper';
import { AreaType, ArrayType, BooleanType, EnumType, NumberType, ObjectType, TextType } from './types';

const props = (field: FormlyFieldConfig) => field.props ?? {};

export const formlySettings: ConfigOption = {
  types: [
    { name: 'string', component: TextType, wrappers: ['field'] },
    { name: 'area', component: AreaType, wrappers: ['field'] },
    { name: 'number', component: NumberType, wrappers: ['field'] },
    { name: 'integer', extends: 'number', defaultOptions: { props: { step: 1 } } },
    { name: 'boolean', component: BooleanType, wrappers: ['field'] },
    { name: 'enum', component: EnumType, wrappers: ['field'] },
    { name: 'object', component: ObjectType },
    { name: 'array', component: ArrayType },
  ],
  wrappers: [{ name: 'field', component: FieldWrapper }],
  validationMessages: [
    { name: 'required', message: 'This is needed.' },
    { name: 'pattern', message: 'This has not the right form.' },
    { name: 'minLength', message: (_, field) => `At least ${props(field).minLength} characters.` },
    { name: 'maxLength', message: (_, field) => `At most ${props(field).maxLength} characters.` },
    { name: 'min', message: (_, field) => `At least ${props(field).min}.` },
    { name: 'max', message: (_, field) => `At most ${props(field).max}.` },
    { name: 'exclusiveMinimum', message: (_, field) => `More than ${props(field)['exclusiveMinimum']}.` },
    { name: 'exclusiveMaximum', message: (_, field) => `Less than ${props(field)['exclusiveMaximum']}.` },
    { name: 'multipleOf', message: (_, field) => `A multiple of ${props(field).step}.` },
    { name: 'minItems', message: (_, field) => `At least ${props(field)['minItems']} entries.` },
    { name: 'maxItems', message: (_, field) => `At most ${props(field)['maxItems']} entries.` },
    { name: 'uniqueItems', message: 'No entry twice.' },
    { name: 'enum', message: 'Choose one of the list.' },
    { name: 'type', message: (_, field) => `Use a value of type ${field.type}.` },
  ],
  extras: {
    showError: ({ formControl, options }) =>
      !!formControl?.invalid && (formControl.dirty || formControl.touched || !!options?.parentForm?.submitted),
  },
};
