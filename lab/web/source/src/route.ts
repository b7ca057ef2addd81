// The address after # says what is seen: #/datasets, #/link/APPDATA_STAGED_SOURCE_CONFIG-1.
import { Injectable, signal } from '@angular/core';

export interface Place {
  view: string;
  reference: string;
}

function here(): Place {
  const [, view = '', reference = ''] = location.hash.split('/');
  return { view: view || 'environments', reference };
}

@Injectable({ providedIn: 'root' })
export class Route {
  readonly place = signal<Place>(here());

  constructor() {
    addEventListener('hashchange', () => {
      this.place.set(here());
      scrollTo(0, 0);
    });
  }

  go(view: string, reference = ''): void {
    location.hash = `#/${view}${reference ? `/${reference}` : ''}`;
  }
}
