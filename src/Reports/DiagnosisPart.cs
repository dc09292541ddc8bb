namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>What a look at the training data showed.</summary>
internal static class DiagnosisPart
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        JsonView diagnosis = run.Diagnosis;
        if (!diagnosis.Exists)
        {
            page.Missing(run.Record["run"]["trainer"].Text is "sft" or "kto" ? "The diagnosis looks at pairs, which this run did not train on."
                : "The folder has no diagnosis.json. Runs write it where their files include the diagnosis; mlContext.Preferences.Diagnose makes one now.");
            return;
        }
        if (diagnosis["missing"].Text is { } reason)
        {
            page.Markup("<p class=\"missing\">").Plain("There is no diagnosis: ").Text(reason).Markup("</p>\n");
            return;
        }
        string heldOut = diagnosis["held_out_pairs"].Count is { } held ? $", {held} held-out pairs" : "";
        page.Paragraph($"{diagnosis["pairs"].Count ?? "?"} pairs{(diagnosis["is_part"].IsTrue ? " (the first of more)" : "")}, "
            + $"{diagnosis["prompts"].Count ?? "?"} prompts{heldOut} were looked at, by their texts alone.");
        JsonView[] findings = [.. diagnosis["findings"].Items];
        if (findings.Length == 0)
            page.Paragraph("Nothing was found that is worth a look.");
        foreach (JsonView finding in findings)
        {
            string[] examples = [.. finding["examples"].Items.Select(example => example.Text ?? "")];
            page.Markup("<h3>").Text(finding["summary"].Text ?? finding["kind"].Text ?? "?").Markup("</h3>\n<ul>\n");
            if (examples.Length > 0)
                page.Markup("<li>").Plain("Where: ").Text(string.Join(", ", examples)).Markup("</li>\n");
            foreach ((string name, string label) in new[] { ("why", "Why it matters: "), ("remedy", "What to do: ") })
            {
                if (finding[name].Text is { } text)
                    page.Markup("<li>").Plain(label).Text(text).Markup("</li>\n");
            }
            page.Markup("</ul>\n");
        }
        if (diagnosis["text"].Text is { } all)
            page.Markup("<details><summary>All that was measured</summary>\n").Block(all).Markup("</details>\n");
    }
}
