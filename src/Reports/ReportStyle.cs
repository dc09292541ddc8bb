namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>How a report looks: on narrow and wide screens, light or dark as the reader has it, and on paper.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet. Its names are others than those of the charts, whose styles count on the page too.</summary>
    public const string Css = """
        :root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --paper: #ffffff; --box: #f6f8fa; --edge: #d0d7de; --link: #0969da;
          --counted: #dafbe1; --countedink: #0a3d1f; --spoke: #fff8c5; }
        @media (prefers-color-scheme: dark) { :root { --ink: #f0f6fc; --soft: #9198a1; --paper: #0d1117; --box: #161b22; --edge: #3d444d; --link: #58a6ff;
          --counted: #12391f; --countedink: #aff5b4; --spoke: #3a2f0b; } }
        * { box-sizing: border-box }
        html { background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; -webkit-text-size-adjust: 100% }
        body { margin: 0 auto; max-width: 60rem; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem }
        h2 { font-size: 1.2rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 1px solid var(--edge) }
        h3 { font-size: 1rem; margin: 1.5rem 0 .4rem }
        p, ol, ul { margin: .5rem 0 } ol, ul { padding-left: 1.5rem } li { margin: .35rem 0 }
        .first { background: var(--box); border: 1px solid var(--edge); border-radius: 6px; padding: .6rem .8rem .6rem 2rem }
        nav { margin: 1rem 0; font-size: .9rem } nav a { margin-right: .9rem; white-space: nowrap }
        a { color: var(--link) }
        .lead, .missing, .note, figcaption { color: var(--soft) }
        .missing { border-left: 3px solid var(--edge); padding-left: .75rem }
        .note, figcaption { font-size: .875rem }
        figure { margin: 0 }
        .spoke { background: var(--spoke); border-radius: 6px; padding: .6rem .8rem; margin: .6rem 0 }
        .wide { overflow-x: auto; margin: .75rem 0 }
        .wide svg { display: block; width: 100%; min-width: 40rem; height: auto }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums }
        th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--edge) }
        th { font-weight: 600; white-space: nowrap }
        .numbers td { white-space: nowrap; overflow-wrap: normal }
        .facts { width: 100% } .facts th { width: 14rem; color: var(--soft); font-weight: 400 }
        @media (max-width: 40rem) { .facts th, .facts td { display: block; width: auto; border: 0; padding: 0 } .facts td { padding-bottom: .5rem }
          .facts th { white-space: normal } }
        pre { font: .85rem/1.45 ui-monospace, "Cascadia Mono", Consolas, "DejaVu Sans Mono", monospace; margin: .4rem 0; padding: .7rem .8rem;
          background: var(--box); border: 1px solid var(--edge); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere }
        pre.prompt { border-style: dashed }
        mark { background: var(--counted); color: var(--countedink); text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 3px }
        .two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 0 1rem }
        .two > div { min-width: 0 }
        summary { cursor: pointer; margin: .75rem 0 }
        @media print { .wide { overflow: visible } nav { display: none } }
        """;
}
