import type { Localizer } from '../locales/localizer.js'
import type { MenuItem } from '../pieces/menu-controller.js'

interface Shown {
  /** What would fill the screen. */
  readonly screen: Element | null
  readonly picture: HTMLVideoElement | null
  readonly isFullScreen: boolean
}

/** Other places for a call than its pane, as far as this browser has them. */
export function windowItems(words: Localizer, { screen, picture, isFullScreen }: Shown): readonly MenuItem[] {
  const items: MenuItem[] = []
  if (picture !== null && document.pictureInPictureEnabled === true)
    items.push({
      label: words.say('pictureInPicture'),
      icon: 'pictureInPicture',
      run: () => attempt(picture.requestPictureInPicture()),
    })
  if (isFullScreen)
    items.push({
      label: words.say('leaveFullScreen'),
      icon: 'compress',
      run: () => attempt(document.exitFullscreen()),
    })
  else if (screen !== null && document.fullscreenEnabled === true)
    items.push({
      label: words.say('fullScreen'),
      icon: 'expand',
      run: () => attempt(screen.requestFullscreen()),
    })
  return items
}

/** A browser that says no, as while the picture has not come yet, leaves all as it is. */
const attempt = (asked: Promise<unknown>): void => void asked.catch(() => undefined)
