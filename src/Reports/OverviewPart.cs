namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>How a run ended, and what was trained on what.</summary>
internal static class OverviewPart
{
    private const int MostLines = 20;

    /// <summary>The head of the page.</summary>
    public static void Head(HtmlWriter page, RunFolder run)
    {
        JsonView record = run.Record;
        string trainer = record["run"]["trainer"].Text switch
        {
            "dpo" => "Preference training",
            "kto" => "Training on feedback",
            "sft" => "Supervised fine-tuning",
            var other => other ?? "A run",
        };
        page.Markup("<h1>").Text(run.Name).Markup("</h1>\n<p class=\"lead\">").Text(trainer).Plain(", ").Text(record["status"].Text ?? "of unknown state")
            .Plain($" after {record["steps"].Count ?? "?"} of {record["total_steps"].Count ?? "?"} steps");
        if (record["elapsed_seconds"].Number is { } elapsed)
            page.Plain($" and {ReportNumbers.Time(elapsed)}");
        page.Plain(record["started_at"].Text is { } started ? $", begun {ReportNumbers.Moment(started)}" : "").Markup("</p>\n");
        if (record["status"].Text == "running")
            page.Markup("<p class=\"spoke\">").Plain("It was still running when this was written, or its process ended without a word.").Markup("</p>\n");
        foreach (string name in (string[])["stop_reason", "error"])
        {
            if (record[name].Text is { } reason)
                page.Markup("<p class=\"spoke\">").Plain(name == "error" ? "It broke off: " : "It was stopped: ").Text(reason).Markup("</p>\n");
        }
    }

    /// <summary>What is worth knowing first.</summary>
    public static void Summary(HtmlWriter page, RunFolder run)
    {
        page.Markup("<ul class=\"first\">\n");
        if (FigurePart.Change(run) is { } change)
            page.Markup("<li>").Plain(change).Markup("</li>\n");
        if (run.Diagnosis["findings"].Items.Count() is > 0 and var findings)
        {
            page.Markup("<li>").Plain($"The diagnosis of the data has {findings} {(findings == 1 ? "finding" : "findings")}. The first: ")
                .Text(DiagnosisPart.Sentence(run.Diagnosis["findings"].Items.First())).Markup("</li>\n");
        }
        int warnings = run.Record["warnings"].Items.Count();
        page.Markup("<li>").Plain(warnings == 0 ? "No guard spoke." : $"Guards spoke {(warnings == 1 ? "once" : $"{warnings} times")}.")
            .Markup("</li>\n</ul>\n");
    }

    /// <summary>What was trained on what.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        JsonView described = run.Record["run"], model = described["model"], data = described["data"], compute = described["compute"];
        JsonView config = model["config"];
        page.Facts(
        [
            ("Model", Joined([
                Unit(model["parameters"], "weights"), Unit(config["layer_count"], "layers"), Unit(config["hidden_size"], "wide"),
                Unit(config["vocabulary_size"], "tokens known")])),
            ("Weights before (SHA-256)", model["sha256"].Text),
            ("Loss", described["formula"].Text),
            ("Log-probabilities", described["reduction"].Text),
            ("Reference", described["reference"]["mode"].Text),
            ("Reference weights (SHA-256)", described["reference"]["sha256"].Text is { } reference && reference == model["sha256"].Text
                ? "the model's own, before training" : described["reference"]["sha256"].Text),
            ("Data", Joined([
                Unit(data["examples"], "examples"), Unit(data["input_tokens"], "tokens"), Unit(data["counted_tokens"], "of them counted in the loss")])),
            ("Data (SHA-256)", data["sha256"].Text),
            ("Tokens that count", described["mask_rule"].Text),
            ("Left out", Lines(data["left_out"])),
            ("Not readable", Lines(data["unreadable"])),
            ("Computed on", Joined([
                compute["device"].Text, compute["precision"].Text, Unit(compute["threads"], "threads", "thread"),
                Unit(compute["processes"], "processes", "process")])),
            ("Machine", Joined([
                run.Record["machine"]["processor"].Text, Unit(run.Record["machine"]["logical_processors"], "logical processors"),
                Gigabytes(run.Record["machine"]["memory_bytes"])])),
        ]);
    }

    private static string? Unit(JsonView value, string unit, string? one = null) =>
        value.Count is { } count ? $"{count} {(count == "1" ? one ?? unit : unit)}" : null;

    private static string? Gigabytes(JsonView bytes) => bytes.Number is { } number ? $"{ReportNumbers.Of(number / (1L << 30))} GiB of memory" : null;

    private static string? Joined(IEnumerable<string?> parts) => string.Join(", ", parts.OfType<string>()) is { Length: > 0 } text ? text : null;

    private static string? Lines(JsonView reasons)
    {
        string[] texts =
        [
            .. reasons.Items.Select(reason =>
                $"{reason["count"].Count} ({reason["reason"].Text}; lines {string.Join(", ", reason["lines"].Items.Take(MostLines).Select(line => line.Text))}"
                + (reason["lines"].Items.Count() > MostLines ? ", ...)" : ")")),
        ];
        return texts.Length == 0 ? null : string.Join("; ", texts);
    }
}
