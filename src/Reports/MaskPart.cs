namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>A few rows as the model sees them, with what is trained on marked.</summary>
internal static class MaskPart
{
    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        JsonView[] rows = [.. run.Masks.Items];
        if (rows.Length == 0)
        {
            page.Missing("The folder has no masks.json. Runs write it where their files include the masks; mlContext.Preferences.ShowMasks prints them now.");
            return;
        }
        page.Markup("<p>The first rows of the training data, token by token as the model sees them. <mark>Marked</mark> is what the loss counts.</p>\n");
        foreach (JsonView row in rows)
        {
            page.Markup("<h3>").Plain(row["line"].Number is > 0 ? $"Line {row["line"].Count}" : "A row").Markup("</h3>\n<div class=\"two\">\n");
            foreach (JsonView side in row["sides"].Items)
            {
                page.Markup("<div><p class=\"note\">").Text(side["side"].Text ?? "?")
                    .Plain($": {side["tokens"].Count ?? "?"} tokens, {side["trained"].Count ?? "?"} of them trained on").Markup("</p>\n<pre dir=\"auto\">");
                foreach (JsonView piece in side["pieces"].Items)
                {
                    bool trained = piece["trained"].IsTrue;
                    page.Markup(trained ? "<mark>" : "").Text(piece["text"].Text ?? "").Markup(trained ? "</mark>" : "");
                }
                page.Markup("</pre></div>\n");
            }
            page.Markup("</div>\n");
        }
    }
}
