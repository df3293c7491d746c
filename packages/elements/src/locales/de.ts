import type { Terms } from './en.js'

/** What the elements say in German. */
export const de: Terms = {
  messages: 'Nachrichten',
  search: 'Suchen',
  searchNothing: 'Hier gibt es niemanden, der so heißt.',
  newMessage: 'Neue Nachricht',
  conversations: 'Unterhaltungen',
  you: (text) => `Du: ${text}`,
  wantsToWrite: 'Möchte dir schreiben',
  blockedShort: 'Blockiert',
  numberChangedShort: 'Sicherheitsnummer geändert',
  unreadCount: (count) => (count === 1 ? '1 ungelesene Nachricht' : `${count} ungelesene Nachrichten`),
  many: '99+',
  noConversations: 'Noch keine Nachrichten',
  noConversationsText: 'Beginne eine Unterhaltung mit dem Namen, den jemand auf dieser Seite hat.',
  loading: 'Wird geladen …',

  chooseConversation: 'Wähle eine Unterhaltung',
  writeToSomebody: 'Schreib jemandem',
  writeToSomebodyText:
    'Wähle eine Unterhaltung, oder beginne eine mit dem Namen, den jemand auf dieser Seite hat.',

  voiceCall: 'Sprachanruf',
  videoCall: 'Videoanruf',
  callLasted: (kind, time) => `${kind}, ${time}`,
  callCancelled: (kind) => `${kind}, abgebrochen`,
  callMissed: (kind) => `Verpasster ${kind}`,
  callMissedBusy: (kind) => `Verpasster ${kind} während eines anderen Anrufs`,
  callNoAnswer: (name) => `${name} hat nicht geantwortet`,
  callDeclinedBy: (name) => `${name} hat abgelehnt`,
  callDeclined: (kind) => `${kind}, abgelehnt`,
  callBusy: (name) => `${name} ist in einem anderen Anruf`,
  callFailed: (kind) => `${kind} konnte nicht verbunden werden`,
  callElsewhere: (kind) => `${kind} auf einem anderen Gerät`,

  accountName: 'Name auf dieser Seite',
  accountNameHint: 'Genau so, wie er dort steht, zum Beispiel „bob“.',
  start: 'Beginnen',
  cancel: 'Abbrechen',
  close: 'Schließen',
  nameMissing: 'Gib zuerst einen Namen ein.',
  nameWrong:
    'Ein solcher Name hat nur kleine Buchstaben, Ziffern, Punkte, Binde- und Unterstriche, höchstens 64.',
  nameYours: 'Das ist dein eigener Name.',
  nameUnknown: (name) =>
    `Niemand namens ${name} ist hier erreichbar. Prüfe den Namen, oder bitte die Person, „Nachrichten“ einmal zu öffnen.`,
  nameUnchecked: 'Es gibt keine Verbindung, darum ließ sich der Name nicht prüfen.',
  writeAnyway: 'Trotzdem schreiben',

  thread: (name) => `Unterhaltung mit ${name}`,
  log: (name) => `Nachrichten mit ${name}`,
  back: 'Zurück zu allen Unterhaltungen',
  more: 'Mehr',
  today: 'Heute',
  yesterday: 'Gestern',
  beginning: (name) => `Nachrichten können hier nur du und ${name} lesen.`,
  newCount: (count) => `${count} neu`,
  toNewest: 'Zur neuesten Nachricht',
  earlierFailed: 'Frühere Nachrichten ließen sich nicht laden',
  tryAgain: 'Noch einmal',
  missing: (count, name) =>
    count === 1
      ? `1 Nachricht fehlt noch · Gerät von ${name} gefragt`
      : `${count} Nachrichten fehlen noch · Gerät von ${name} gefragt`,
  gone: (count) =>
    count === 1
      ? '1 Nachricht ließ sich nicht wiederherstellen'
      : `${count} Nachrichten ließen sich nicht wiederherstellen`,
  unknownKind:
    'Diese Nachricht braucht eine neuere Version. Sie bleibt erhalten und erscheint nach einem Update.',
  unknownKindShort: 'Nachricht für eine neuere Version',
  showAll: 'Alles zeigen',
  by: (name, time, text) => `${name}, ${time}: ${text}`,
  byYou: (time, state, text) => `Du, ${time}${state === '' ? '' : `, ${state}`}: ${text}`,

  sending: 'Wird gesendet',
  sent: 'Gesendet',
  delivered: 'Zugestellt',
  read: 'Gelesen',
  waitingNetwork: 'Wartet auf Verbindung',
  waitingDevice: (name) => `Wartet, bis ${name} erreichbar ist`,
  waitingDecision: 'Wartet auf deine Entscheidung',
  notSent: 'Nicht gesendet',
  notSentBecause: (reason) => `Nicht gesendet: ${reason}`,
  reasonTooLarge: 'zu lang',
  reasonBlocked: 'von dir blockiert',
  reasonUnknownAccount: 'hier nicht mehr erreichbar',
  reasonMailboxFull: 'Postfach voll',
  reasonForbidden: 'nicht erlaubt',
  retry: 'Wiederholen',

  actions: 'Was tun mit der Nachricht',
  copy: 'Kopieren',
  copied: 'Kopiert',
  delete: 'Löschen',
  deleteMessage: 'Diese Nachricht löschen?',
  deleteMessageText: 'Sie wird nur auf diesem Gerät gelöscht.',
  compareMenu: 'Sicherheitsnummer vergleichen',
  block: 'Blockieren',
  blockQuestion: (name) => `${name} blockieren?`,
  blockText: (name) =>
    `Von ${name} erreicht dich nichts mehr, bis du die Blockierung aufhebst. ${name} erfährt davon nichts.`,
  unblock: 'Blockierung aufheben',
  deleteConversation: 'Unterhaltung löschen',
  deleteConversationQuestion: (name) => `Unterhaltung mit ${name} löschen?`,
  deleteConversationText: (name) =>
    `Sie wird nur auf diesem Gerät gelöscht. ${name} behält die eigene Kopie.`,

  message: 'Nachricht',
  messageTo: (name) => `Nachricht an ${name}`,
  send: 'Senden',
  tooLong: (characters) => `Das ist zu lang zum Senden: etwa ${characters} Zeichen sind die Grenze.`,
  notStored: 'Das ließ sich nicht speichern und wurde darum nicht gesendet. Dein Text ist noch da.',
  storeFull: 'Dieser Browser hat keinen Platz mehr. Schaffe welchen und sende dann noch einmal.',

  requestTitle: (name) => `${name} möchte dir schreiben`,
  requestText:
    'Wenn du annimmst, kannst du antworten, und die Person sieht, wann du ihre Nachrichten gelesen hast.',
  accept: 'Annehmen',
  blockedTitle: (name) => `Du hast ${name} blockiert. Von dort erreicht dich nichts.`,

  notCompared: 'Noch nicht verglichen',
  compare: 'Vergleichen',
  compared: (day) => `Verglichen am ${day}`,
  numberChanged: 'Sicherheitsnummer geändert',
  changedTitle: (name) => `Die Sicherheitsnummer von ${name} hat sich geändert`,
  changedText: (name) => `${name} hat vielleicht ein neues Gerät, oder jemand gibt sich als ${name} aus.`,
  changedCompared: (day) => `Die alte Nummer habt ihr am ${day} verglichen.`,
  changedNothingSent: 'Es wird nichts gesendet, bis du entscheidest.',
  changedWaiting: (count) => (count === 1 ? '1 Nachricht wartet.' : `${count} Nachrichten warten.`),
  compareNow: 'Jetzt vergleichen',
  goOn: 'Ohne Vergleich weiter',
  safetyTitle: (name) => `Mit ${name} vergleichen`,
  safetyText: (name) =>
    `Sieht ${name} dieselben Zahlen, so steht niemand zwischen euch. Lest sie einander vor, von Angesicht zu Angesicht oder in einem Anruf, in dem du die Stimme kennst.`,
  safetyNumber: 'Sicherheitsnummer',
  match: 'Sie stimmen überein',
  safetyDiffer: (name) => `Sind sie verschieden? Dann mach nicht weiter und frag ${name} auf anderem Weg.`,
  safetyNothing: (name) => `Es gibt noch nichts zu vergleichen. Schreib ${name} zuerst.`,
  safetyFailed: 'Die Sicherheitsnummer ließ sich nicht anzeigen.',

  offline: 'Keine Verbindung. Was du schreibst, wird gesendet, sobald sie wieder da ist.',
  tryNow: 'Jetzt versuchen',
  signedOut: 'Diese Seite hat dich nicht eingelassen. Melde dich wieder an, um zu senden und zu empfangen.',
  busy: 'Zu viele Anfragen. Es geht nach einer Weile von selbst weiter.',
  backendDown: 'Die Nachrichten sind gerade nicht erreichbar. Es geht von selbst weiter.',
  elsewhereTitle: 'Dieses Konto ist auf einem anderen Gerät eingerichtet',
  elsewhereText:
    'Deine Nachrichten liegen auf dem Gerät oder in dem Browser, den du zuerst benutzt hast. Mach dort weiter: Lesen lassen sie sich nur, wo ihre Schlüssel sind.',
  removedTitle: 'Dieses Gerät wurde aus deinem Konto entfernt',
  removedText: 'Was hier ist, bleibt lesbar. Neues kommt nicht an, und senden lässt sich nichts.',
  stoppedTitle: 'Nachrichten sind hier angehalten',
  stopped:
    'Sie gehen nicht von selbst weiter. Lade die Seite neu; hilft das nicht, wende dich an die Betreiber dieser Seite.',
  stoppedUpdate: 'Diese Version ist zu alt. Lade die Seite neu, um eine neuere zu bekommen.',
  stoppedCopied:
    'Die Daten dieses Browsers wurden kopiert oder zurückgespielt. Damit deine Nachrichten sicher bleiben, wird von hier nichts gesendet.',
  stoppedStore:
    'Was dieser Browser für diese Seite aufbewahrt, ließ sich nicht lesen oder schreiben. Sieh nach, ob noch Platz ist, und lade neu.',
  stoppedAccount: 'Auf dieser Seite ist jemand anderes angemeldet. Lade die Seite neu.',
  closedTitle: 'Nachrichten wurden hier geschlossen',
  closed: 'Lade die Seite neu, um sie wieder zu öffnen.',

  errorTitle: 'Nachrichten ließen sich nicht öffnen',
  noProvider: (element) =>
    `<${element}> braucht einen Client: Stelle es in <sotto-provider>, oder setze die Eigenschaft „client“.`,
  noConnect: (element) =>
    `<${element}> braucht die Eigenschaft „connect“ oder „client“. Importiere „sotto/define“, oder setze eine davon.`,
  wrongSetting: (name, element) => `Das Attribut „${name}“ von <${element}> fehlt oder ist falsch.`,
  noCrypto:
    'Diesem Browser fehlt, was private Nachrichten brauchen, oder die Seite wurde nicht über https geöffnet.',
  noStore: 'Es gibt keinen Ort, an dem Nachrichten bleiben können.',
  wentWrong: 'Etwas ist schiefgegangen.',
}
