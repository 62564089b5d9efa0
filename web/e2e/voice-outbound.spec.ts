// Calls that agents make, and calls at their desk telephones.
import { expect } from '@playwright/test'
import { button, go, hears, rings, test, voices, type Switchboard } from './calls'
import { look, people } from './people'
import { freePort, Phone } from './phone'

/** A conversation of Anna's with the customer of this number. */
async function matter(at: Switchboard, number: string): Promise<string> {
  const caller = at.own(await Phone.start({ user: number }))
  await caller.dial(at.sip())
  const { conversation_id: id } = await at.callOf(caller)
  await caller.press('0')
  await expect.poll(async () => (await at.opened(id)).conversation.status).toBe('waiting')
  await caller.hangup()
  await caller.ended()
  await expect.poll(async () => (await at.opened(id)).conversation.on_call ?? '').toBe('')
  expect((await (await at.api(people.anna)).post(`/api/conversations/${id}/take`)).status()).toBeLessThan(300)
  return id
}

test('a number is clicked: the telephone rings and they talk; a busy line and no answer are told', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  const p = await at.phone(2)
  const id = await matter(at, p.user)
  await go(anna, `${at.url}/inbox/${id}`)
  await anna.getByRole('complementary').getByRole('button').filter({ hasText: /301/ }).first().click()
  await p.rings()
  await p.answer()
  await rings(p, voices.anna)
  await hears(anna, voices.caller)
  await expect(anna.getByTestId('call-bar')).toHaveAttribute('data-state', 'talking')
  await look(anna, 'v-outbound')
  await button(anna, /^Hang up/).click()
  await p.ended()
  await anna.getByTestId('wrap-up').getByRole('button', { name: 'Not yet' }).click()

  // Busy: he refuses it.
  await anna.getByTestId('call-customer').click()
  await anna.getByRole('menuitem').filter({ hasText: /301/ }).click()
  await p.rings()
  await p.hangup()
  await expect(anna.getByTestId('call-result')).toContainText(/busy|declined/)
  await look(anna, 'v-busy')

  // Nobody is there.
  const number = at.number(3)
  at.network(3).refuses = 480
  const second = await matter(at, number)
  await go(anna, `${at.url}/inbox/${second}`)
  await anna.getByTestId('call-customer').click()
  await anna.getByRole('menuitem').filter({ hasText: /301/ }).click()
  await expect(anna.getByTestId('call-result')).toContainText('no answer', { timeout: 30_000 })
  const records = (await at.get<{ items: { to: string; direction: string; cause?: { reason: string } }[] }>('/api/voice/records?limit=50')).items.filter((r) => r.direction === 'out')
  expect(records.filter((r) => r.to === p.user).map((r) => r.cause?.reason).sort()).toEqual([expect.stringMatching(/busy|rejected/), 'normal'].sort())
  expect(records.find((r) => r.to === number)?.cause?.reason).toBe('no_answer')
})

test('a desk telephone registers by TLS, takes a call with encrypted audio, holds and hands it on', async ({ at }) => {
  const api = await at.api(people.owner)
  const agents = (await at.get<{ items: { id: string; name: string }[] }>('/api/agents')).items
  const anna = agents.find((a) => a.name === 'Anna')!
  const user = `anna${await freePort()}`
  const made = await api.post('/api/voice/phones', { data: { user, agent_id: anna.id, label: "Anna's desk" } })
  expect(made.status()).toBe(201)
  const { password } = await made.json() as { password: string }
  const desk = at.own(await Phone.start({ user, tone: voices.anna, register: { at: `127.0.0.1:${at.tlsPort}`, password, transport: 'tls', ca: at.settings.PARLEY_SIP_TLS_CERT } }))
  const mine = await at.api(people.anna)
  expect((await mine.put('/api/voice/me', { data: { where: 'phone' } })).status()).toBeLessThan(300)
  try {
    await expect.poll(async () => ((await (await mine.get('/api/voice')).json()) as { phones: { user: string; registered: boolean }[] }).phones).toContainEqual({ user, registered: true })
    const p = await at.phone()
    await p.dial(at.sip())
    const { conversation_id: id, call_id } = await at.callOf(p)
    await p.press('0')
    await expect.poll(async () => (await at.opened(id)).conversation.status).toBe('waiting')
    expect((await mine.post(`/api/conversations/${id}/take`)).status()).toBeLessThan(300)
    await desk.rings()
    await desk.answer()
    await rings(p, voices.anna)
    await rings(desk, voices.caller)
    const call = await at.get<{ parties: { role: string; state: string }[] }>(`/api/voice/calls/${call_id}`)
    expect(call.parties).toContainEqual(expect.objectContaining({ role: 'agent', state: 'talking' }))

    // He hands it on from the telephone itself, to a number.
    const third = await at.phone(1, { tone: voices.third, auto: true })
    await desk.transfer(`sip:${third.user}@127.0.0.1:${at.tlsPort};transport=tls`)
    await third.until('CALL_ESTABLISHED')
    await rings(p, voices.third)
    await rings(third, voices.caller)
    await desk.ended()
  } finally {
    await mine.put('/api/voice/me', { data: { where: 'browser' } })
  }
})
