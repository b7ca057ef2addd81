import { Component, inject, signal } from '@angular/core';
import { Store } from '../engine/store';

@Component({
  selector: 'lab-login',
  template: `
    <form class="card" (submit)="login($event, user.value, password.value)">
      <h1>Delphix lab</h1>
      <div class="field" data-field="user">
        <label for="user">User</label><input #user id="user" autocomplete="username" required>
      </div>
      <div class="field" data-field="password">
        <label for="password">Password</label>
        <input #password id="password" type="password" autocomplete="current-password" required>
      </div>
      @if (wrong()) {<p class="error" role="alert" data-error>{{ wrong() }}</p>}
      <button type="submit" data-action="login" [disabled]="busy()">Log in</button>
    </form>
  `,
})
export class Login {
  readonly wrong = signal('');
  readonly busy = signal(false);
  private readonly store = inject(Store);

  async login(event: Event, user: string, password: string): Promise<void> {
    event.preventDefault();
    this.busy.set(true);
    this.wrong.set('');
    try {
      await this.store.login(user, password);
    } catch (error) {
      this.wrong.set((error as Error).message);
    } finally {
      this.busy.set(false);
    }
  }
}
