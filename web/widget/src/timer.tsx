// How long something has gone on, counted by the server's clock.
import { useEffect, useState } from 'preact/hooks'

export const clock = (ms: number) => {
  const s = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`
}

export function Timer({ since, ahead }: { since: string; ahead: number }) {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  return <span class="timer" role="timer">{clock(Date.now() + ahead - Date.parse(since))}</span>
}
