const as = new URLSearchParams(location.search).get('as')
const { people, relay } = await (
  await fetch(`/api/me${as === null ? '' : `?as=${encodeURIComponent(as)}`}`)
).json()

/** A site shows its users by their names; here they are made of the account names. */
const nameOf = (account) => account.replace(/-[0-9a-f]+$/, '').replace(/^./, (letter) => letter.toUpperCase())

for (const { account, name } of people) {
  const messenger = document.createElement('sotto-messenger')
  messenger.setAttribute('account', account)
  messenger.setAttribute('relay', relay)
  messenger.setAttribute('token-url', `/api/sotto-token?account=${encodeURIComponent(account)}`)
  messenger.setAttribute('aria-label', name)
  messenger.profiles = async (other) => ({ name: nameOf(other) })
  document.querySelector('main').append(messenger)
}

const others = people.map(({ account }) => account).join(' and ')
document.querySelector('#note').textContent =
  people.length > 1
    ? `A demo login: this browser is ${others}. Write from one to the other by account name, or open ?as=carol in another window.`
    : `A demo login: this window is ${others}. Whoever opens ?as=NAME is that person.`
