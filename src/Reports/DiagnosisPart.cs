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
        page.Markup("<ol>\n");
        for (int i = 0; i < findings.Length; i++)
            Finding(page, findings, i);
        page.Markup("</ol>\n");
        if (diagnosis["text"].Text is { } all)
            page.Markup("<details><summary>All that was measured</summary>\n").Block(all).Markup("</details>\n");
    }

    /// <summary>A finding in a sentence.</summary>
    public static string Sentence(JsonView finding)
    {
        string summary = finding["summary"].Text ?? finding["kind"].Text ?? "?";
        return summary.Length == 0 ? "?" : $"{char.ToUpperInvariant(summary[0])}{summary[1..]}.";
    }

    private static void Finding(HtmlWriter page, JsonView[] findings, int number)
    {
        JsonView finding = findings[number];
        string[] examples = [.. finding["examples"].Items.Select(example => example.Text ?? "")];
        bool more = finding["count"].Number > examples.Length;
        page.Markup("<li><strong>").Text(Sentence(finding)).Markup("</strong>");
        if (examples.Length > 0)
            page.Plain(" Rows ").Text(string.Join(", ", examples)).Plain(more ? ", …" : ".");
        int alike = Array.FindIndex(findings, other => (other["why"].Text, other["remedy"].Text) == (finding["why"].Text, finding["remedy"].Text));
        if (alike < number)
            page.Markup("<br/>").Plain($"Why it matters, and what to do: as {alike + 1}.");
        else
            page.Markup("<br/>").Text(finding["why"].Text ?? "").Plain(" ").Text(finding["remedy"].Text ?? "");
        page.Markup("</li>\n");
    }
}
