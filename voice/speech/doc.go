// Package speech gives calls a mouth and an ear: texts said properly in
// English and Chinese, espeak-ng offline, any engine online, and a cache.
package speech
