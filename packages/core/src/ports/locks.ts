/** Elects one among the tabs of a client. A lock whose holder died is free. */
export interface Locks {
  /** Waits for the lock `name`. `steal` takes it from whoever holds it. Rejects with `aborted` when `signal` says so. */
  acquire(
    name: string,
    options: { readonly signal: AbortSignal; readonly steal?: boolean },
  ): Promise<HeldLock>
}

export interface HeldLock {
  /** Aborted when the lock was stolen or released: whoever held it must stop. */
  readonly lost: AbortSignal
  release(): void
}
