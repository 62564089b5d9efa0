// An agent takes calls in his browser: both ways of the audio, and everything
// he does with a call.
import { expect } from '@playwright/test'
import { accept, be, button, hears, rings, talking, test, voices } from './calls'
import { look, people } from './people'
import { accessible } from './places'
import { audible, lasted, share } from './tone'

test('both hear each other; mute, keys and hold; the recording has each on his side', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  await be(anna, 'Available')
  const { p, id } = await talking(at, anna)
  await hears(anna, voices.caller)
  await accessible(anna, 'body')
  await look(anna, 'v-talking')

  await button(anna, /^Mute/).click()
  await expect(button(anna, /^Unmute/)).toBeVisible()
  await p.quiet(600)
  await hears(anna, voices.caller) // who is muted hears on
  await button(anna, /^Unmute/).click()
  await rings(p, voices.anna)

  await button(anna, /^Keypad/).click()
  await anna.getByRole('group', { name: 'Keypad' }).getByRole('button', { name: /^7/ }).click()
  expect((await p.until('CALL_DTMF_START')).param).toBe('7')
  await anna.keyboard.press('Escape')
  await p.hears(2)

  // He holds: the agent hears nobody, the customer music (the telephone stops
  // writing down what it hears once it was held, so the recording tells).
  await button(anna, /^Hold/).click()
  await expect(anna.getByTestId('call-bar')).toHaveAttribute('data-state', 'held')
  await hears(anna)
  await anna.waitForTimeout(3000)
  await button(anna, /^Go on/).click()
  await expect(anna.getByTestId('call-bar')).toHaveAttribute('data-state', 'talking')
  await hears(anna, voices.caller)
  await anna.waitForTimeout(2000)

  await button(anna, /^Hang up/).click()
  await p.ended()
  const wrap = anna.getByTestId('wrap-up')
  await expect(wrap).toBeVisible()
  await accessible(anna, 'body')
  await look(anna, 'v-wrap-up')
  await wrap.getByText('Question about an order').click()
  await wrap.getByLabel('Note').fill('asked for the time')
  await wrap.getByRole('button', { name: 'Done' }).click()
  await expect.poll(async () => (await at.opened(id)).conversation).toMatchObject({ status: 'closed', disposition: 'order' })

  const [r] = await at.recordings(id)
  const [left, right] = await at.recorded(r!)
  expect(lasted(left!, voices.caller, 0.9)).toBeGreaterThan(8)
  expect(lasted(left!, voices.anna, 0.1)).toBe(0)
  expect(lasted(right!, voices.anna, 0.9)).toBeGreaterThan(4)
  expect(lasted(right!, voices.caller, 0.1)).toBe(0)
  // From the end: her voice, before it three seconds of music, before it her voice.
  const rate = right!.rate
  const part = (from: number, to: number) => ({ rate, samples: right!.samples.subarray(right!.samples.length - Math.round(from * rate), right!.samples.length - Math.round(to * rate)) })
  expect(share(part(1.2, 0.4), voices.anna)).toBeGreaterThan(0.8)
  let music = 0
  for (let t = 12; t > 1; t -= 0.5) {
    const x = part(t, t - 0.5)
    if (audible(x) >= 0.4 && share(x, voices.anna) < 0.1) music += 0.5
  }
  expect(music).toBeGreaterThan(2)
})

test('blind transfer: the colleague has the call and what was said in it', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  const olivia = await at.agent(people.owner, voices.olivia)
  await be(anna, 'Available')
  const { p, id } = await talking(at, anna)
  await be(olivia, 'Available')
  await button(anna, /^Transfer, ask, join/).click()
  const reach = anna.getByRole('dialog')
  await reach.getByLabel('Name, queue or number').fill('Olivia')
  await expect(reach.getByRole('radio')).toHaveCount(1)
  await reach.getByLabel(/Note/).fill('wants to know about milk')
  await reach.getByRole('button', { name: 'Transfer now' }).click()
  await accept(olivia)
  await rings(p, voices.olivia)
  await hears(olivia, voices.caller)
  await hears(anna)
  await expect(olivia.getByText('wants to know about milk').first()).toBeVisible()
  await expect.poll(async () => (await at.opened(id)).conversation.status).toBe('assigned')
  await p.hangup()
  await expect(olivia.getByTestId('wrap-up')).toBeVisible()
})

test('a third party is asked first, then all three talk; the agent leaves, the two go on', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  await be(anna, 'Available')
  const third = await at.phone(1, { tone: voices.third })
  const { p, id } = await talking(at, anna)
  await button(anna, /^Transfer, ask, join/).click()
  await anna.getByRole('dialog').getByLabel('Name, queue or number').fill(third.user)
  await anna.getByRole('dialog').getByRole('button', { name: 'Ask first' }).click()
  await third.rings()
  await third.answer()
  await rings(third, voices.anna) // and not the customer
  await hears(anna, voices.third)

  await anna.getByTestId('parties').getByRole('button', { name: 'Join all' }).click()
  await rings(third, voices.anna, voices.caller)
  await hears(anna, voices.caller, voices.third)
  await look(anna, 'v-conference')
  await anna.waitForTimeout(2500)

  await button(anna, /^Leave/).click()
  await rings(third, voices.caller)
  await third.hears(2)
  await third.hangup()
  await p.ended()
  // What the customer heard: both of them, then the third alone.
  const [r] = await at.recordings(id)
  const [left, right] = await at.recorded(r!)
  expect(lasted(left!, voices.caller, 0.9)).toBeGreaterThan(5)
  const both = (f: number, g: number) => { let n = 0; for (let i = 0; i + 2000 <= right!.samples.length; i += 2000) { const x = { rate: 8000, samples: right!.samples.subarray(i, i + 2000) }; if (share(x, f) > 0.25 && share(x, g) > 0.25) n += 0.25 } return n }
  expect(both(voices.anna, voices.third)).toBeGreaterThan(1.5)
  expect(lasted(right!, voices.third, 0.8)).toBeGreaterThan(1)
})
