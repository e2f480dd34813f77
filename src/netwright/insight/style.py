"""The colours of drawings and plots, for light and dark; the report's page includes them once."""

from __future__ import annotations

SVG_STYLE = """
:root{--nw-ink:#1b2330;--nw-soft:#5c6878;--nw-line:#d6dce4;--nw-card:#ffffff;--nw-edge:#8793a3;
--nw-conv:#2563eb;--nw-sep:#0891b2;--nw-mobile:#7c3aed;--nw-residual:#0d9488;--nw-pool:#d97706;--nw-dense:#be185d;
--nw-light:#64748b;--nw-merge:#475569;--nw-other:#4d7c0f;
--nw-ours:#2563eb;--nw-control:#d97706;--nw-base:#0f9d76;--nw-fail:#c2413b}
@media (prefers-color-scheme:dark){:root{--nw-ink:#e6eaf0;--nw-soft:#9aa7b7;--nw-line:#313b49;--nw-card:#171d26;
--nw-edge:#6c7a8c;
--nw-conv:#6ea8fe;--nw-sep:#4cc9e0;--nw-mobile:#b197fc;--nw-residual:#4fd1c0;--nw-pool:#f5b04c;--nw-dense:#f783ac;
--nw-light:#94a3b8;--nw-merge:#a3b1c2;--nw-other:#a9d068;
--nw-ours:#6ea8fe;--nw-control:#f5b04c;--nw-base:#4fd6a4;--nw-fail:#f2857f}}
.nw-net,.nw-plot{max-width:100%;height:auto;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
.nw-net text{fill:var(--nw-ink);font-size:11px;text-anchor:middle}
.nw-net .t{font-size:12px;font-weight:600}
.nw-net .s{fill:var(--nw-soft);font-size:10.5px}
.nw-net .b{fill:var(--c);fill-opacity:.12;stroke:var(--c);stroke-width:1.2}
.nw-net .bar{fill:var(--c)}
.nw-net .card{fill:var(--nw-card)}
.nw-net .e{fill:none;stroke:var(--nw-edge);stroke-width:1.4}
.nw-net .skip{stroke-width:1.6;stroke:var(--nw-merge)}
.nw-net .a{fill:var(--nw-edge)}
.nw-net .f{fill:var(--nw-line);fill-opacity:.28;stroke:var(--nw-edge);stroke-width:1;stroke-dasharray:4 3}
.nw-net .n{fill:var(--c);font-size:13px;font-weight:700}
.nw-net .fl{font-size:11.5px;font-weight:600;text-anchor:start}
.c-conv{--c:var(--nw-conv)}.c-sep{--c:var(--nw-sep)}.c-mobile{--c:var(--nw-mobile)}.c-residual{--c:var(--nw-residual)}
.c-pool{--c:var(--nw-pool)}.c-dense{--c:var(--nw-dense)}.c-light{--c:var(--nw-light)}.c-merge{--c:var(--nw-merge)}
.c-edge{--c:var(--nw-soft)}.c-other{--c:var(--nw-other)}
.c-ours{--c:var(--nw-ours)}.c-control{--c:var(--nw-control)}.c-base{--c:var(--nw-base)}
.nw-plot text{fill:var(--nw-soft);font-size:11px}
.nw-plot .axis{stroke:var(--nw-edge);stroke-width:1}
.nw-plot .grid{stroke:var(--nw-line);stroke-width:1}
.nw-plot .title{fill:var(--nw-ink);font-size:11.5px;font-weight:600}
.nw-plot .line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.nw-plot .thin{stroke-width:1.3;opacity:.75}
.nw-plot .dot{fill:var(--c);fill-opacity:.45}
.nw-plot .dot:hover,.nw-plot .mark:hover{fill-opacity:1;stroke:var(--nw-ink);stroke-width:1.5}
.nw-plot .mark{fill:var(--c);stroke:var(--nw-card);stroke-width:1.2}
.nw-plot .ring{fill:none;stroke:var(--c);stroke-width:2}
.nw-plot .dash{stroke-dasharray:5 4}
""".strip()
