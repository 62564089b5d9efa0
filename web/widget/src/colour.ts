// A brand gives one colour; what stands on it and what is written in it must
// still be read (WCAG 2.2: contrast 4.5 : 1).

/** The style variables for a brand's accent (#rrggbb; anything else keeps white on it). */
export function colours(accent: string, dark = false): Record<string, string> {
  const l = luminance(accent)
  return {
    '--accent': accent,
    '--on-accent': l > 0.179 ? '#111' : '#fff',
    // Words in the accent's colour, unless it is too pale on white, or too dark on black.
    '--ink': (dark ? l >= 0.23 : l <= 0.17) ? accent : 'var(--text)',
  }
}

function luminance(hex: string): number {
  const m = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex)
  if (!m) return 0
  const [r, g, b] = m.slice(1).map((h) => { const c = parseInt(h, 16) / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4 }) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
