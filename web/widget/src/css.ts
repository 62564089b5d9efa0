// The widget's look. Customers' sizes: 16 px text, targets of 44 px and more.
export const css = `
:host{all:initial!important}
*{box-sizing:border-box}
.root{--accent:#0f766e;--on-accent:#fff;--ink:#0f766e;--bg:#fff;--soft:#f5f4f1;--line:#e4e1da;--text:#1f2421;--dim:#626a66;--bot:#f1efea;--warn:#9a3412;--ok:#166534;
 font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;color:var(--text);position:fixed;z-index:2147483000;right:20px;bottom:20px;text-align:left;-webkit-text-size-adjust:100%}
.ln .ib{margin:0 -6px}
.root.left{right:auto;left:20px}
.root.dark{--ink:var(--text);--bg:#191c1b;--soft:#222625;--line:#363b39;--text:#eceeec;--dim:#a4aca8;--bot:#272c2a;--warn:#fdba74;--ok:#86efac}
button,input,textarea,select{font:inherit;color:inherit;margin:0}
button{cursor:pointer;background:none;border:0;padding:0;text-align:inherit}
button:disabled{cursor:default;opacity:.55}
:focus{outline:none}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
header :focus-visible{outline-color:var(--on-accent);outline-offset:-3px}
.thread:focus-visible{outline-offset:-3px}
.launch{display:flex;align-items:center;gap:10px;min-width:60px;height:60px;padding:0 18px;border-radius:30px;background:var(--accent);color:var(--on-accent);box-shadow:0 6px 24px rgba(20,20,20,.24);font-weight:600;position:relative}
.launch .peek{max-width:210px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-weight:500}
.badge{position:absolute;top:-5px;right:-5px;min-width:24px;height:24px;border-radius:12px;background:#b91c1c;color:#fff;font-size:13px;line-height:24px;text-align:center;padding:0 6px}
.panel{width:400px;height:min(680px,calc(100vh - 40px));height:min(680px,calc(100dvh - 40px));background:var(--bg);border-radius:18px;box-shadow:0 12px 48px rgba(20,20,20,.28);display:flex;flex-direction:column;overflow:hidden;border:1px solid var(--line)}
header{display:flex;align-items:center;gap:4px;padding:12px 10px 12px 18px;background:var(--accent);color:var(--on-accent)}
header h2{font-size:17px;font-weight:650;margin:0;flex:1;min-width:0}
header h2 small{display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;overflow:hidden;font-size:13px;line-height:1.3;font-weight:400;opacity:.95}
.ib{display:inline-flex;align-items:center;justify-content:center;min-width:44px;height:44px;border-radius:12px;flex:none}
header .ib:hover{background:rgba(255,255,255,.16)}
header .lang{font-size:14px;padding:0 8px}
.thread{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px 16px 8px;display:flex;flex-direction:column;gap:8px}
.row{display:flex;flex-direction:column;align-items:flex-start;max-width:88%}
.row.me{align-self:flex-end;align-items:flex-end}
.row.wide{max-width:100%;align-self:stretch}
.who{font-size:13px;color:var(--dim);margin:6px 0 3px 2px}
.bubble{background:var(--bot);border-radius:4px 16px 16px 16px;padding:10px 14px;overflow-wrap:anywhere;white-space:pre-wrap}
.me .bubble{background:var(--accent);color:var(--on-accent);border-radius:16px 4px 16px 16px}
.bubble .md{white-space:normal}
.md p{margin:0 0 8px}.md p:last-child,.md ul:last-child,.md ol:last-child{margin-bottom:0}
.md ul,.md ol{margin:0 0 8px;padding-left:20px}
.md code{background:rgba(127,127,127,.18);border-radius:4px;padding:0 4px;font-size:.92em}
.md a,.src a{color:inherit;text-decoration:underline}
.state{font-size:12px;color:var(--dim);margin:2px 4px 0}
.state.bad{color:var(--warn)}
.state button{text-decoration:underline;color:inherit}
.note{align-self:center;font-size:13px;color:var(--dim);text-align:center;padding:4px 12px;max-width:90%}
.src{font-size:13px;color:var(--dim);margin:4px 2px 0;display:flex;gap:6px;align-items:center;flex-wrap:wrap}
.choices{display:flex;flex-direction:column;gap:8px;width:100%;margin-top:6px}
.choice{display:flex;align-items:center;gap:12px;min-height:54px;width:100%;padding:9px 14px;border:1px solid var(--line);border-radius:14px;background:var(--bg);text-align:left}
.choice:hover{border-color:var(--accent);background:var(--soft)}
.choice .ic{display:flex;color:var(--ink);flex:none}
.choice b{font-weight:550;display:block}.choice small{color:var(--dim);display:block;font-size:14px}
.choice .t{flex:1;min-width:0}.choice .go{color:var(--dim);display:flex}
.chips{display:flex;flex-wrap:wrap;gap:8px;margin-top:6px}
.chip{min-height:44px;padding:8px 16px;border:1px solid var(--accent);border-radius:22px;color:var(--ink);background:var(--bg);font-weight:550}
.chip:hover{background:var(--soft)}
.chip.main{background:var(--accent);color:var(--on-accent)}
.chip.nav{border-color:var(--line);color:var(--dim);font-weight:450;display:inline-flex;gap:6px;align-items:center;min-height:44px;padding:8px 14px}
.card{border:1px solid var(--line);border-radius:14px;overflow:hidden;background:var(--bg);width:100%;margin-top:4px}
.card h3{font-size:16px;margin:0;padding:12px 14px 2px}.card .sub{padding:0 14px 6px;color:var(--dim);font-size:14px}
.card dl{margin:6px 0 0}.card .ln{display:flex;align-items:center;gap:10px;min-height:44px;padding:4px 14px;border-top:1px solid var(--line);width:100%;text-align:left}
.card button.ln:hover{background:var(--soft)}
.ln .k{color:var(--dim);font-size:14px;width:30%;flex:none;overflow-wrap:anywhere}.ln .v{flex:1;overflow-wrap:anywhere}.ln .ed{color:var(--ink);display:flex}
.ln input{flex:1;min-width:0}
.card img{width:100%;display:block}
.pic{max-width:240px;border-radius:12px;display:block}
.file{display:inline-flex;gap:8px;align-items:center;color:inherit}
.typing{display:flex;gap:4px;align-items:center;color:var(--dim);font-size:13px;min-height:24px}
.dots i{display:inline-block;width:6px;height:6px;border-radius:3px;background:var(--dim);margin-right:3px;animation:b 1.2s infinite}.dots i:nth-child(2){animation-delay:.2s}.dots i:nth-child(3){animation-delay:.4s}
@keyframes b{0%,60%,100%{opacity:.3}30%{opacity:1}}
@media (prefers-reduced-motion:reduce){.dots i{animation:none}}
.wait{margin:10px 12px 6px;max-height:52%;overflow-y:auto;flex:none;padding:12px 14px;border:1px solid var(--line);border-radius:14px;background:var(--soft)}
.wait strong{display:flex;gap:8px;align-items:center;font-weight:600}.wait p{margin:4px 0 0;font-size:14px;color:var(--dim)}
.wait .card{margin-top:10px}.wait summary{cursor:pointer;font-size:14px;color:var(--ink);min-height:32px;display:flex;align-items:center;margin-top:4px}
.wait.promise{max-height:none;overflow:visible}.cb{margin-top:8px;background:var(--bg);border:1px solid var(--line)}.cbform{display:flex;flex-direction:column;gap:10px;margin-top:10px}.cbwhen label{display:flex;gap:10px;align-items:center;min-height:44px}
.cbwhen input{width:20px;height:20px;accent-color:var(--accent)}.cbgo{display:flex;gap:10px;align-items:center}.bad{color:var(--warn)!important}
.talk{padding:10px 14px;border-bottom:1px solid var(--line);background:var(--soft);display:flex;flex-direction:column;gap:8px;flex:none}
.talk p{margin:0;font-size:14px;color:var(--dim)}.thead{display:flex;gap:8px;align-items:center}.thead svg{color:var(--ok)}.timer{font-variant-numeric:tabular-nums;color:var(--dim)}
.tbtns{display:flex;gap:8px;align-items:center;flex-wrap:wrap}.tbtn{display:inline-flex;gap:8px;align-items:center;justify-content:center;min-width:48px;height:48px;border-radius:24px;background:var(--bg);border:1px solid var(--line)}
.tbtn[aria-pressed=true],.tbtn[aria-expanded=true]{background:var(--ink);color:var(--bg);border-color:var(--ink)}
.tbtn.red{background:#b3261e;border-color:#b3261e;color:#fff;padding:0 20px;margin-left:auto;font-weight:600}.tbtn.red svg{transform:rotate(135deg)}
.pad{display:grid;grid-template-columns:repeat(3,1fr);gap:6px}.pad button{height:46px;border-radius:12px;background:var(--bg);border:1px solid var(--line);text-align:center;font-size:19px;font-weight:550}
.film{position:relative}.film video{width:100%;max-height:220px;border-radius:12px;display:block;background:#000;object-fit:cover}.film .own{transform:scaleX(-1)}.film .me{position:absolute;right:8px;bottom:8px;width:92px}.film .me video{border:2px solid var(--bg)}
.banner{background:#fef3c7;color:#713f12;font-size:14px;padding:8px 16px}
.tools{display:flex;flex-wrap:wrap;gap:8px;padding:8px 12px 0}
.tool{display:inline-flex;align-items:center;gap:6px;min-height:36px;padding:4px 12px;border-radius:18px;background:var(--soft);font-size:14px;color:var(--text)}
.tool:hover{background:var(--line)}
form.say{display:flex;align-items:flex-end;gap:4px;padding:8px 10px 12px}
.field{flex:1;min-width:0;display:flex;border:1px solid #8b918e;border-radius:14px;background:var(--bg);align-items:center}
.field:focus-within{border-color:var(--ink);box-shadow:0 0 0 2px color-mix(in srgb,var(--accent) 30%,transparent)}
.field textarea,.field input{flex:1;min-width:0;border:0;background:none;padding:11px 14px;resize:none;max-height:120px;min-height:46px;outline:none}
.sendb{color:var(--ink)}.sendb:disabled{color:var(--dim)}
.hint{font-size:13px;color:var(--dim);padding:0 18px 10px;margin-top:-6px}
.up{font-size:14px;color:var(--dim);padding:6px 18px;display:flex;gap:10px;align-items:center}.up progress{flex:1;accent-color:var(--accent)}
.end{padding:14px 16px 18px;border-top:1px solid var(--line);display:flex;flex-direction:column;gap:10px;align-items:center;text-align:center}
.stars{display:flex;gap:2px}.stars button{min-width:46px;height:46px;display:flex;align-items:center;justify-content:center;color:#b45309}
.end input{width:100%;border:1px solid #8b918e;border-radius:12px;background:var(--bg);padding:10px 14px;min-height:46px}
.big{min-height:48px;padding:8px 22px;border-radius:24px;background:var(--accent);color:var(--on-accent);font-weight:600}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skel{height:54px;border-radius:14px;background:var(--soft)}.skel.s{width:60%}
@media (pointer:coarse){.tool,.wait summary{min-height:44px;border-radius:22px}.state button{padding:12px 8px}}
@media (max-width:520px){.root.open{inset:0;right:0;bottom:0;left:0}.panel{width:100%;height:var(--seen,100%);margin-top:var(--off,0);border-radius:0;border:0}.root{right:12px;bottom:12px}}
@media print{.root{display:none}}
`
