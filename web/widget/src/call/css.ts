// The page of a call: the widget's look, on the whole screen.
export const pageCSS = `
.root.page{--red:#b3261e;inset:0;z-index:0;background:var(--soft);display:flex;justify-content:center}
.page.dark{color-scheme:dark}
.sheet{width:100%;max-width:1080px;height:var(--seen,100%);margin-top:var(--off,0);display:flex;flex-direction:column;background:var(--bg);overflow:hidden}
.sheet>header{padding:12px 18px;padding-top:max(12px,env(safe-area-inset-top))}
.page .banner{flex:none}
.mid{flex:1;min-height:0;overflow-y:auto;overscroll-behavior:contain;display:flex;flex-direction:column}
.mid:focus-visible{outline-offset:-3px}
.stage{padding:16px;display:flex;flex-direction:column;gap:10px}
.stage-said{display:flex;flex-direction:column;gap:10px}
.stage .bubble{font-size:19px;line-height:1.4;padding:12px 16px}
.stage .me .bubble{font-size:16px;padding:9px 14px}
.saying{display:inline-flex;gap:6px;align-items:center;font-size:13px;color:var(--ink);margin:4px 2px 0}
.cue{display:flex;gap:8px;align-items:center;color:var(--dim);font-size:14px;min-height:22px}
.pips{display:flex;gap:8px;align-items:center;justify-content:center;min-height:44px;border:1px solid var(--line);border-radius:14px;background:var(--soft)}
.pips i{width:12px;height:12px;border-radius:6px;background:var(--ink)}
.keys{display:flex;flex-direction:column;gap:10px}
.stage .choice{min-height:64px}
.kc{display:flex;align-items:center;justify-content:center;width:36px;height:36px;border-radius:18px;border:1.5px solid currentColor;color:var(--ink);font-weight:650;flex:none;font-variant-numeric:tabular-nums}
.choice.main{background:var(--accent);color:var(--on-accent);border-color:var(--accent)}.choice.main .kc{color:inherit}.choice.main:hover{background:var(--accent)}
.chip .kc{width:26px;height:26px;font-size:14px;border-width:1px;color:inherit}
.aside{padding:4px 16px 16px;display:flex;flex-direction:column;gap:14px}
.aside h3,.room h3{font-size:14px;font-weight:600;color:var(--dim);margin:0 0 6px}
.sofar{border:1px solid var(--line);border-radius:14px;overflow:hidden}
.sofar div{display:flex;gap:10px;padding:9px 14px;font-size:15px}.sofar div+div{border-top:1px solid var(--line)}
.sofar dt{color:var(--dim);width:45%;flex:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-size:14px}
.sofar dd{margin:0;flex:1;min-width:0;overflow-wrap:anywhere;font-weight:550}
dl{margin:0}
.past summary{cursor:pointer;min-height:44px;display:flex;align-items:center;color:var(--ink);font-size:15px}
.past .thread{padding:4px 0;overflow:visible}
.mid>.thread{flex:none;overflow:visible}
.foot{flex:none;border-top:1px solid var(--line);background:var(--bg);padding-bottom:env(safe-area-inset-bottom)}
.foot form.say{padding:8px 10px 4px}
.bar{display:flex;align-items:center;gap:12px;padding:8px 16px 12px}
.bar .what{flex:1;min-width:0;font-size:15px;display:flex;gap:8px;align-items:center}
.bar .what svg{flex:none;color:var(--ok)}
.timer{font-variant-numeric:tabular-nums;color:var(--dim)}
.hang{display:flex;align-items:center;justify-content:center;gap:10px;min-height:56px;min-width:150px;padding:0 24px;border-radius:28px;background:var(--red);color:#fff;font-weight:650}
.hang:hover{background:#8c1d18}.hang svg{transform:rotate(135deg)}
.room{display:flex;flex-direction:column;gap:12px}
.room .wait{margin:0;max-height:none}
.room video,.room .view{width:100%;max-height:38vh;object-fit:cover;border-radius:16px;display:block;background:var(--soft)}
.ann{font-size:19px;line-height:1.4;margin:0}
.person{display:flex;gap:14px;align-items:center;padding:16px;border:1px solid var(--line);border-radius:16px;background:var(--soft);margin:16px 16px 0}
.person .face{width:52px;height:52px;border-radius:26px;background:var(--accent);color:var(--on-accent);display:flex;align-items:center;justify-content:center;font-size:22px;font-weight:600;flex:none}
.person b{display:block;font-size:19px;font-weight:600}.person small{color:var(--dim);font-size:14px;display:block}
.done{padding:20px 16px 4px}.done h2{margin:0 0 4px;font-size:22px}.done p{margin:2px 0;color:var(--dim)}
.promise{margin:12px 0}
.lone{margin:auto;max-width:420px;padding:32px 24px;text-align:center}.lone h2{font-size:22px;margin:12px 0 8px}.lone p{color:var(--dim);margin:0}
@media (max-width:899px){.root.page{right:0;bottom:0}}
@media (min-width:900px){
 .sheet{border-left:1px solid var(--line);border-right:1px solid var(--line)}
 .mid.two{display:grid;grid-template-columns:minmax(0,1fr) 380px;align-content:start}
 .mid.two .aside{padding:16px;border-left:1px solid var(--line);min-height:100%}
 .stage,.foot form.say,.bar{padding-left:28px;padding-right:28px}.stage{padding-top:24px}
 .stage .bubble{font-size:21px}
 .mid:not(.two)>.thread,.done,.mid:not(.two)~.foot{width:100%;max-width:760px;margin-left:auto;margin-right:auto}
 .person{width:calc(100% - 32px);max-width:728px;margin:16px auto 0}
}
`
