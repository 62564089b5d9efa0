import { render } from 'preact'
import { expect, test } from 'vitest'
import { Markdown } from '../src/markdown'

const hostile = [
  '<script>alert(1)</script><img src=x onerror=alert(2)>',
  '[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,<script>alert(1)</script>) [d](vbscript:x) [e]( javascript:alert(1))',
  '![x](javascript:alert(1)) ![y](https://evil.example/t.png)',
  '<a href="javascript:alert(1)">x</a> <iframe src="https://evil.example">',
  '**<svg/onload=alert(1)>** *<b onclick=alert(1)>* `<script>` # <script>',
  '| <script>alert(1)</script> | b |\n|---|---|\n| [x](javascript:1) | <img src=x> |',
  '[x](https://ok.example/"onmouseover="alert(1)) https://ok.example/\'><script>alert(1)</script>',
  '\\<script\\>alert(1)\\</script\\> \\[x\\](javascript\\:alert(1))',
]

test.each(hostile)('markup in an answer shows as itself: %s', (text) => {
  const div = document.createElement('div')
  render(<Markdown text={text} />, div)
  expect(div.querySelector('script, img, iframe, svg, b, object, style')).toBeNull()
  for (const e of div.querySelectorAll('*')) {
    for (const name of e.getAttributeNames()) expect(['href', 'target', 'rel', 'class']).toContain(name)
  }
  for (const a of div.querySelectorAll('a')) {
    expect(a.getAttribute('href')).toMatch(/^(https?:|mailto:|tel:|\/)/i)
    expect(a.getAttribute('rel')).toBe('noopener noreferrer')
  }
})

test('a text made to keep the reader busy is read in time', () => {
  const div = document.createElement('div')
  const began = performance.now()
  for (const text of ['*'.repeat(8000), '['.repeat(8000), '**a'.repeat(2600), '`'.repeat(8000), '[a]('.repeat(2000), '|'.repeat(8000), '\\'.repeat(8000), '> '.repeat(4000), ('|' + ' '.repeat(50)).repeat(150) + 'x']) render(<Markdown text={text} />, div)
  expect(performance.now() - began).toBeLessThan(3000)
})
