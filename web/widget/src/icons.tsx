// Icons are drawn inline: no fonts, no requests, and they take the text's colour.
const paths: Record<string, string> = {
  chat: 'M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-4.6 4a.6.6 0 0 1-1-.5V16A2.5 2.5 0 0 1 4 13.5z',
  close: 'M6 6l12 12M18 6L6 18', down: 'M6 9l6 6 6-6', send: 'M4 12l16-8-6 16-3-7z', clip: 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.4 17a1.7 1.7 0 0 1-2.4-2.4L14.5 7',
  pin: 'M12 21s7-6.3 7-11.5A7 7 0 0 0 5 9.5C5 14.7 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-3.5 3.8-5.5 7.5-5.5s6.7 2 7.5 5.5', menu: 'M4 7h16M4 12h16M4 17h10',
  right: 'M9 6l6 6-6 6', back: 'M15 6l-6 6 6 6', start: 'M4 11l8-7 8 7v8a1 1 0 0 1-1 1h-4v-6H9v6H5a1 1 0 0 1-1-1z', edit: 'M4 20l1-4L16 5l3 3L8 19z',
  check: 'M5 12.5l4.5 4.5L19 7', coffee: 'M5 9h11v6a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4zM16 10.5h1.5a2.5 2.5 0 0 1 0 5H16M8 3v3M12 3v3', clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
  box: 'M4 8l8-4 8 4v8l-8 4-8-4zM4 8l8 4 8-4M12 12v8', tag: 'M4 12V5a1 1 0 0 1 1-1h7l8 8-8 8zM8.5 8.5h.01', money: 'M4 7h16v10H4zM12 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z',
  alert: 'M12 4l9 16H3zM12 10v4M12 17h.01', file: 'M7 3h7l4 4v14H7zM14 3v4h4', car: 'M4 16v-4l2-5h12l2 5v4zM7 16v2M17 16v2M4 12h16', phone: 'M6 3h4l2 5-2.5 1.5a11 11 0 0 0 5 5L16 12l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z',
  micoff: 'M9 9v3a3 3 0 0 0 5 2.2M15 11V6a3 3 0 0 0-5.8-1M5.5 11.5a6.5 6.5 0 0 0 11 4.7M18.5 11.5a6 6 0 0 1-.3 2M12 18v3M4 4l16 16', keypad: 'M5 5h1.5v1.5H5zM11.2 5h1.5v1.5h-1.5zM17.5 5H19v1.5h-1.5zM5 11.2h1.5v1.5H5zM11.2 11.2h1.5v1.5h-1.5zM17.5 11.2H19v1.5h-1.5zM5 17.5h1.5V19H5zM11.2 17.5h1.5V19h-1.5zM17.5 17.5H19V19h-1.5z', film: 'M4 7h11v10H4zM15 11l5-3v8l-5-3',
  speaker: 'M4 10v4h4l5 4V6L8 10zM16.5 9a4 4 0 0 1 0 6M18.8 6.5a8 8 0 0 1 0 11', mic: 'M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  star: 'M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.1 6.7 20l1.1-6L3.4 9.8l6-.8z', camera: 'M4 8h3l2-3h6l2 3h3v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z', help: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 17h.01',
  gift: 'M4 11h16v9H4zM3 7.5h18V11H3zM12 7.5V20M12 7.5c-4 0-5-4-2.5-4.3C11.3 3 12 5.5 12 7.5zm0 0c4 0 5-4 2.5-4.3C12.7 3 12 5.5 12 7.5z', map: 'M4 6l5-2 6 2 5-2v14l-5 2-6-2-5 2zM9 4v14M15 6v14', shield: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6z', leaf: 'M5 19c0-9 5-14 15-14 0 10-5 15-13 13M5 19c2-5 5-7 9-9',
}

export function Icon({ name, size = 20, fill }: { name: string; size?: number; fill?: boolean }) {
  const d = paths[name]
  if (!d) return null
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" fill={fill ? 'currentColor' : 'none'} stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={d} />
    </svg>
  )
}
