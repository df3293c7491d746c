/** What the elements say in English. It is the pattern for every other language: `Terms` is its type. */
export const en = {
  // Inbox
  messages: 'Messages',
  search: 'Search',
  searchNothing: 'Nobody by that name here.',
  newMessage: 'New message',
  conversations: 'Conversations',
  you: (text: string) => `You: ${text}`,
  wantsToWrite: 'Wants to write to you',
  blockedShort: 'Blocked',
  numberChangedShort: 'Safety number changed',
  unreadCount: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  many: '99+',
  noConversations: 'No messages yet',
  noConversationsText: 'Start a conversation with the name somebody has on this site.',
  loading: 'Loading…',

  // Messenger
  chooseConversation: 'Choose a conversation',
  writeToSomebody: 'Write to somebody',
  writeToSomebodyText: 'Choose a conversation, or start one with the name they have on this site.',

  // Calls
  voiceCall: 'Voice call',
  videoCall: 'Video call',
  callLasted: (kind: string, time: string) => `${kind}, ${time}`,
  callCancelled: (kind: string) => `${kind}, cancelled`,
  callMissed: (kind: string) => `Missed ${kind.toLowerCase()}`,
  callMissedBusy: (kind: string) => `Missed ${kind.toLowerCase()} while you were in another call`,
  callNoAnswer: (name: string) => `${name} did not answer`,
  callDeclinedBy: (name: string) => `${name} declined the call`,
  callDeclined: (kind: string) => `${kind}, declined`,
  callBusy: (name: string) => `${name} is in another call`,
  callFailed: (kind: string) => `${kind} could not be connected`,
  callElsewhere: (kind: string) => `${kind} on another device`,
  callBy: (name: string) => `${name} is calling`,
  videoCallBy: (name: string) => `${name} is calling with video`,
  ringKey: 'Press F6 to answer or decline.',
  answer: 'Answer',
  answerVoice: 'Answer with voice',
  answerVideo: 'Answer with video',
  voice: 'Voice',
  decline: 'Decline',
  replyWithMessage: 'Decline and reply with a message',
  startVoiceCall: 'Start a voice call',
  startVideoCall: 'Start a video call',
  callWith: (name: string) => `Call with ${name}`,
  calling: 'Calling…',
  callConnecting: 'Connecting…',
  callReconnecting: 'Reconnecting…',
  callConnected: 'Connected',
  qualityGood: 'Good connection',
  qualityFair: 'Fair connection',
  qualityPoor: 'Weak connection',
  controls: 'Call controls',
  microphoneOff: 'Turn microphone off',
  microphoneOn: 'Turn microphone on',
  cameraOff: 'Turn camera off',
  cameraOn: 'Turn camera on',
  askVideo: 'Ask for video',
  screenOff: 'Stop sharing your screen',
  screenOn: 'Share your screen',
  sharingScreen: 'You are sharing your screen',
  pictureInPicture: 'Picture in picture',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  minimiseCall: 'Minimise the call',
  backToCall: 'Back to the call',
  hangUp: 'Hang up',
  ownPicture: 'Your picture. Arrow keys move it to another corner.',
  theirMicrophoneOff: (name: string) => `${name}’s microphone is off`,
  theirCameraOff: (name: string) => `${name}’s camera is off`,
  theyAskVideo: (name: string) => `${name} would like to turn on video`,
  theyAskVideoText: 'Your camera turns on as well. You can turn it off at any time.',
  agreeVideo: 'Turn on video',
  refuseVideo: 'Not now',
  weAskVideo: (name: string) => `Waiting for ${name} to agree to video`,
  callEnded: (time: string) => `Call ended · ${time}`,
  callEndedShort: 'Call ended',
  callTakenElsewhere: 'Answered or declined on another device',
  callBack: 'Call back',
  callAgain: 'Call again',
  inOtherTab: 'In a call in another tab',
  directTitle: (name: string) => `${name} will learn your network address`,
  directText: (name: string) =>
    `This site has no server that calls pass through, so they go from your device to ${name}’s. From a network address one can tell roughly where you are. You are asked this once.`,
  callAnyway: 'Call anyway',
  answerAnyway: 'Answer anyway',
  noMicrophone: 'No microphone was found. Connect one, then call again.',
  noCamera: 'No camera was found. The call can go on with voice.',
  mediaDenied:
    'This page may not use your microphone or camera. Allow them beside the address of the page, then try again.',
  mediaInUse: 'Another program uses your microphone or camera. Close it, then try again.',
  callOffline: 'There is no connection just now, and a call needs one.',
  callRefused: 'This call is not possible just now.',
  callForbidden: 'This site does not let you call just now.',

  // New message
  accountName: 'Name on this site',
  accountNameHint: 'Just as it is written there, for example “bob”.',
  start: 'Start',
  cancel: 'Cancel',
  close: 'Close',
  nameMissing: 'Type a name first.',
  nameWrong: 'Such a name has small letters, digits, dots, dashes and underscores only, 64 at most.',
  nameYours: 'That is your own name.',
  nameUnknown: (name: string) =>
    `Nobody called ${name} can be reached here. Check the name, or ask them to open Messages once.`,
  nameUnchecked: 'There is no connection, so the name could not be checked.',
  writeAnyway: 'Write anyway',

  // Thread
  thread: (name: string) => `Conversation with ${name}`,
  log: (name: string) => `Messages with ${name}`,
  back: 'Back to all conversations',
  more: 'More',
  today: 'Today',
  yesterday: 'Yesterday',
  beginning: (name: string) => `Messages here can be read by you and ${name} only.`,
  newCount: (count: number) => `${count} new`,
  toNewest: 'Go to the newest message',
  earlierFailed: 'Earlier messages could not be loaded',
  tryAgain: 'Try again',
  missing: (count: number, name: string) =>
    count === 1
      ? `1 message is still missing · asked ${name}’s device`
      : `${count} messages are still missing · asked ${name}’s device`,
  gone: (count: number) =>
    count === 1 ? '1 message could not be recovered' : `${count} messages could not be recovered`,
  unknownKind: 'This message needs a newer version. It is kept, and shows after an update.',
  unknownKindShort: 'Message for a newer version',
  showAll: 'Show all',
  by: (name: string, time: string, text: string) => `${name}, ${time}: ${text}`,
  byYou: (time: string, state: string, text: string) =>
    `You, ${time}${state === '' ? '' : `, ${state}`}: ${text}`,

  // How far a message has come
  sending: 'Sending',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  waitingNetwork: 'Waiting for network',
  waitingDevice: (name: string) => `Waiting until ${name} can be reached`,
  waitingDecision: 'Waiting for your decision',
  notSent: 'Not sent',
  notSentBecause: (reason: string) => `Not sent: ${reason}`,
  reasonTooLarge: 'too long',
  reasonBlocked: 'you blocked them',
  reasonUnknownAccount: 'cannot be reached here any more',
  reasonMailboxFull: 'their mailbox is full',
  reasonForbidden: 'not allowed',
  retry: 'Retry',

  // Actions
  actions: 'Message actions',
  copy: 'Copy',
  copied: 'Copied',
  delete: 'Delete',
  deleteMessage: 'Delete this message?',
  deleteMessageText: 'It is deleted on this device only.',
  compareMenu: 'Compare safety number',
  block: 'Block',
  blockQuestion: (name: string) => `Block ${name}?`,
  blockText: (name: string) => `Nothing from ${name} reaches you until you unblock them. They are not told.`,
  unblock: 'Unblock',
  deleteConversation: 'Delete conversation',
  deleteConversationQuestion: (name: string) => `Delete the conversation with ${name}?`,
  deleteConversationText: (name: string) => `It is deleted on this device only. ${name} keeps their copy.`,

  // Composer
  message: 'Message',
  messageTo: (name: string) => `Message to ${name}`,
  send: 'Send',
  tooLong: (characters: string) => `This is too long to send: about ${characters} characters are the limit.`,
  notStored: 'This could not be stored, so it was not sent. Your text is still here.',
  storeFull: 'This browser has no space left. Free some, then send again.',

  // Who may write
  requestTitle: (name: string) => `${name} wants to write to you`,
  requestText: 'If you accept, you can answer, and they see when you have read their messages.',
  accept: 'Accept',
  blockedTitle: (name: string) => `You blocked ${name}. Nothing from them reaches you.`,

  // Safety number
  notCompared: 'Not compared yet',
  compare: 'Compare',
  compared: (day: string) => `Compared on ${day}`,
  numberChanged: 'Safety number changed',
  changedTitle: (name: string) => `${name}’s safety number has changed`,
  changedText: (name: string) => `${name} may have a new phone, or somebody may be pretending to be ${name}.`,
  changedCompared: (day: string) => `You compared the old number on ${day}.`,
  changedNothingSent: 'Nothing is sent until you decide.',
  changedWaiting: (count: number) =>
    count === 1
      ? 'Until then, 1 new message is held back.'
      : `Until then, ${count} new messages are held back.`,
  compareNow: 'Compare now',
  goOn: 'Go on without comparing',
  safetyTitle: (name: string) => `Compare with ${name}`,
  safetyText: (name: string) =>
    `If ${name} sees the same numbers, nobody stands between you. Read them to each other, face to face or in a call where you know the voice.`,
  safetyNumber: 'Safety number',
  match: 'They match',
  safetyDiffer: (name: string) => `Are they different? Then do not go on, and ask ${name} some other way.`,
  safetyNothing: (name: string) => `There is nothing to compare yet. Write to ${name} first.`,
  safetyFailed: 'The safety number could not be shown.',

  // How the client stands
  offline: 'No connection. What you write is sent when it is back.',
  tryNow: 'Try now',
  signedOut: 'This site did not let you in. Sign in again to send and receive.',
  busy: 'Too many requests. It goes on by itself in a while.',
  replaced: 'Another window took over the connection. It goes on by itself.',
  backendDown: 'Messages cannot be reached just now. It goes on by itself.',
  elsewhereTitle: 'This account is set up on another device',
  elsewhereText:
    'Your messages are on the device or in the browser you used first. Go on there: they can only be read where their keys are.',
  removedTitle: 'This device was removed from your account',
  removedText: 'What is here stays readable. Nothing new arrives, and nothing can be sent.',
  stoppedTitle: 'Messages have stopped here',
  stopped:
    'They cannot go on by themselves. Reload the page; if that does not help, tell the people who run this site.',
  stoppedUpdate: 'This version is too old. Reload the page to get a newer one.',
  stoppedCopied:
    'The data of this browser were copied or put back. To keep your messages safe, nothing is sent from here.',
  stoppedStore:
    'What this browser keeps for this site could not be read or written. Look whether there is space left and reload.',
  stoppedAccount: 'This page is signed in as somebody else. Reload the page.',
  closedTitle: 'Messages were closed here',
  closed: 'Reload the page to open them again.',

  // Something is wrong with the page
  errorTitle: 'Messages could not be opened',
  noProvider: (element: string) =>
    `<${element}> needs a client: put it inside <sotto-provider>, or set its property “client”.`,
  noConnect: (element: string) =>
    `<${element}> needs a property “connect” or “client”. Import “sotto/define”, or set one.`,
  wrongSetting: (name: string, element: string) =>
    `The attribute “${name}” of <${element}> is missing or wrong.`,
  noCrypto: 'This browser lacks what private messages need, or the page was not opened over https.',
  noStore: 'There is no place to keep messages.',
  wentWrong: 'Something went wrong.',
}

type Term<T> = T extends (...args: infer A) => string ? (...args: A) => string : string

/** What a language must say. */
export type Terms = { readonly [K in keyof typeof en]: Term<(typeof en)[K]> }
