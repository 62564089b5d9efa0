import type { Lang } from '../types'

const en = {
  title: 'Your call', onPhone: 'On the phone', talkingTo: 'You are talking to {name}', colleague: 'a colleague', held: 'Please hold; you hear music.',
  speaking: 'Being said now', listening: 'You may speak now', keysHint: 'Answer here, or with the keys of your phone', spokenHint: 'Answer here, with the keys of your phone, or say it', digitsHint: 'Type it here or on your phone', pageHint: 'Type it here',
  pressed: 'Keys pressed: {n}', key: 'key {key}', soFar: 'So far', results: 'Done', before: 'Everything said', hangUp: 'Hang up', hungUp: 'Please hang up on your phone.',
  ended: 'The call has ended', lasted: 'It lasted {time}.', goOn: 'You can go on here by writing.', readable: 'What was said stays here to read.', again: 'To call us again, dial the same number.',
  expired: 'This link has expired', expiredWhy: 'For your safety the link to a call opens nothing for long after the call. Call us again, and we send you a new one.',
  offline: 'This page has lost its connection. Your call goes on; what you do here is kept and sent when it is back.', connecting: 'Connecting', recording: 'You are leaving a message', write: 'Write, or send a file, beside the call.',
  voicemail: 'Or press 2 on your phone to leave a message.', loading: 'Opening your call', video: 'A film while you wait, without sound',
}
const zh: typeof en = {
  title: '您的通话', onPhone: '通话中', talkingTo: '{name} 正在与您通话', colleague: '客服人员', held: '请稍候，您将听到音乐。',
  speaking: '正在播报', listening: '现在可以说话', keysHint: '在此选择，或按电话按键', spokenHint: '在此选择、按电话按键，或直接说出来', digitsHint: '在此输入，或用电话按键输入', pageHint: '请在此输入',
  pressed: '已按 {n} 个键', key: '按键 {key}', soFar: '已填写', results: '已办理', before: '全部对话', hangUp: '挂断', hungUp: '请直接在电话上挂断。',
  ended: '通话已结束', lasted: '通话时长 {time}。', goOn: '您可以在此继续用文字沟通。', readable: '对话内容会保留在此处。', again: '如需再次来电，请拨打同一号码。',
  expired: '此链接已失效', expiredWhy: '为了您的安全，通话链接在通话结束后不久便会失效。请再次来电，我们会发送新的链接。',
  offline: '此页面的连接已断开。通话不受影响；您在此的操作会保留，恢复后自动发送。', connecting: '正在接通', recording: '正在录制您的留言', write: '通话的同时可以输入文字或发送文件。',
  voicemail: '或在电话上按 2 留言。', loading: '正在打开您的通话', video: '等候期间的无声短片',
}
const all: Record<Lang, typeof en> = { en, zh }
export const pageTexts = all

/** The text for key in lang with {placeholders} filled. */
export function p(lang: Lang, key: keyof typeof en, values: Record<string, string | number> = {}): string {
  return all[lang][key].replace(/\{(\w+)\}/g, (_, k: string) => String(values[k] ?? ''))
}
