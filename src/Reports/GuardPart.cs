namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>What guards found.</summary>
internal static class GuardPart
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        JsonView[] warnings = [.. run.Record["warnings"].Items];
        if (warnings.Length == 0)
        {
            page.Paragraph("None spoke.");
            return;
        }
        foreach (JsonView warning in warnings)
        {
            page.Markup("<div class=\"spoke\"><strong>").Text(warning["guard"].Text ?? "A guard").Markup("</strong>")
                .Plain($" at step {warning["step"].Count ?? "?"}, action ").Text(warning["action"].Text ?? "unknown").Markup("<br/>\n")
                .Text(warning["message"].Text ?? "").Markup("</div>\n");
        }
    }
}
