// Where the focus goes, and how much of the screen is left to the panel.
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'
import type { Line } from './chat'

// What was chosen goes away, and the focus would be lost with it. It stays in
// the panel, and who chose with a key is taken on to what is asked next.
export function useFollow(panel: { current: HTMLDivElement | null }, said?: Line) {
  const on = useRef('')
  const idle = () => {
    const at = (panel.current!.getRootNode() as ShadowRoot).activeElement
    return at ? at === panel.current || at.classList.contains('thread') : document.activeElement === document.body
  }
  useLayoutEffect(() => { if (on.current && panel.current && idle()) panel.current.querySelector<HTMLElement>('.thread')?.focus() })
  useEffect(() => {
    if (on.current !== 'keys') { on.current = ''; return }
    // Several things may be said at once: the last of them counts.
    const timer = setTimeout(() => {
      if (!panel.current || !idle()) { on.current = ''; return }
      const next = panel.current.querySelector<HTMLElement>('.row:last-of-type .chip.main') ?? panel.current.querySelector<HTMLElement>('.choice,.chip:not(.nav)')
      if (said && 'message' in said && said.message.author.kind !== 'customer') {
        on.current = ''
        ;(next ?? panel.current.querySelector<HTMLElement>('.field>*'))?.focus()
      }
    }, 200)
    return () => clearTimeout(timer)
  }, [said])
  return (e: MouseEvent) => { on.current = e.detail === 0 ? 'keys' : 'pointer' }
}

// On a phone the keyboard covers what is fixed to the bottom; the panel takes
// only what can be seen.
export function fit(panel: HTMLElement) {
  const v = visualViewport
  if (!v) return
  const set = () => { panel.style.setProperty('--seen', v.scale > 1.05 ? '100%' : `${v.height}px`); panel.style.setProperty('--off', v.scale > 1.05 ? '0' : `${v.offsetTop}px`) }
  set()
  v.addEventListener('resize', set)
  v.addEventListener('scroll', set)
  return () => { v.removeEventListener('resize', set); v.removeEventListener('scroll', set) }
}
