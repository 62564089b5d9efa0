// A supervisor in a call that is not his, and what is left of a call.
import { expect } from '@playwright/test'
import { be, go, hears, rings, talking, test, voices } from './calls'
import { look, people } from './people'
import { accessible } from './places'

test('a supervisor listens, whispers and barges in; the recording is played with its waveform', async ({ at }) => {
  const anna = await at.agent(people.anna, voices.anna)
  await be(anna, 'Available')
  const sam = await at.agent(people.supervisor, voices.supervisor)
  const { p, id } = await talking(at, anna)
  await go(sam, `${at.url}/calls`)
  const row = sam.getByTestId('live-call')
  await expect(row).toHaveCount(1)
  await row.getByRole('button', { name: 'Listen' }).click()
  await hears(sam, voices.caller, voices.anna)
  await hears(anna, voices.caller)
  await rings(p, voices.anna)
  await accessible(sam, 'body')
  await look(sam, 'v-board')

  await row.getByRole('button', { name: /^Whisper/ }).click()
  await hears(anna, voices.caller, voices.supervisor)
  await rings(p, voices.anna)

  await row.getByRole('button', { name: /^Barge in/ }).click()
  await rings(p, voices.anna, voices.supervisor)
  await hears(sam, voices.caller, voices.anna)
  await row.getByRole('button', { name: /^Leave/ }).click()
  await rings(p, voices.anna)
  await hears(anna, voices.caller)
  await p.hangup()

  const [r] = await at.recordings(id)
  await sam.goto(`${at.url}/inbox/${id}?tab=all`)
  const card = sam.getByTestId('recording')
  await expect(card).toBeVisible()
  await card.getByRole('button', { name: 'Play' }).click()
  await expect.poll(() => card.locator('audio').evaluate((el: HTMLAudioElement) => el.currentTime)).toBeGreaterThan(0.5)
  // The picture is drawn: more than one colour in it.
  await expect.poll(() => card.locator('canvas').evaluate((el: HTMLCanvasElement) => new Set(new Uint32Array(el.getContext('2d')!.getImageData(0, 0, el.width, el.height).data.buffer)).size)).toBeGreaterThan(2)
  const peaks = await at.get<{ left: number[]; right: number[] }>(`/api/voice/recordings/${r!.id}/peaks?n=200`)
  expect(Math.max(...peaks.left)).toBeGreaterThan(0.15)
  expect(Math.max(...peaks.right)).toBeGreaterThan(0.15)
  await look(sam, 'v-recording')
  for (const tab of ['records', 'prompts', 'lines']) {
    await sam.goto(`${at.url}/calls?tab=${tab}`)
    await expect(sam.getByRole('status', { name: /Loading/ })).toHaveCount(0)
    await accessible(sam, 'body')
    await look(sam, `v-${tab}`)
  }
})
