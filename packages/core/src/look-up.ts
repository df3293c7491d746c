import type { OwnDevice } from './account/own-device.js'
import type { Backend, Time } from './ports/index.js'
import type { Run } from './store/rows.js'

export interface LookUpContext {
  readonly backend: Backend
  readonly run: Run
  readonly time: Time
  readonly own: () => Promise<OwnDevice>
  readonly token: () => Promise<string>
  /** Something of the account is known now, or is another. */
  readonly onchange: (account: string) => void
}

/**
 * Asks for an account's lists in a tab that does not lead. Only the leader talks to the backend; another tab asks on a directory of its own,
 * which is a read. Rejects as `PeerDirectory.know` does, and where this device is not set up.
 */
export async function lookUpWithoutLead(
  account: string,
  { backend, run, time, own, token, onchange }: LookUpContext,
): Promise<void> {
  const { address, sign } = await own()
  const { directory } = backend(() => ({ ...address, epoch: 0, sends: 0, token, sign }))
  const { PeerDirectory } = await import('./peers/directory.js')
  await new PeerDirectory({ directory, run, realm: address.realm, time, onchange }).know(account)
}
