namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>What it takes to repeat a run.</summary>
internal static class RepeatPart
{
    private const int MostDepth = 8;

    /// <summary>Writes it.</summary>
    public static void Write(HtmlWriter page, RunFolder run)
    {
        JsonView described = run.Record["run"], versions = run.Record["versions"];
        string trainer = described["trainer"].Text switch { "dpo" => "DpoTrainer", "kto" => "KtoTrainer", "sft" => "SftTrainer", _ => "the same trainer" };
        page.Markup("<ol>\n<li>").Plain("Load the model whose weights have the SHA-256 ").Text(described["model"]["sha256"].Text ?? "(not recorded)")
            .Markup("</li>\n<li>").Plain("Prepare the data so that its tokens, labels and masks have the SHA-256 ")
            .Text(described["data"]["sha256"].Text ?? "(not recorded)").Markup("</li>\n<li>")
            .Plain($"Fit {trainer} with the options below: the seed is among them, and the same machine and versions give the same weights to the last bit.")
            .Markup("</li>\n</ol>\n");
        page.Facts(
        [
            ("Library", versions["library"].Text), ("TorchSharp", versions["torch_sharp"].Text), ("libtorch", versions["libtorch"].Text),
            (".NET", versions["dot_net"].Text), ("Operating system", versions["operating_system"].Text),
            .. run.Record["resumptions"].Items.Select(resumption =>
                ("Taken up again", (string?)$"after step {resumption["after_step"].Count}, {ReportNumbers.Moment(resumption["at"].Text ?? "")}")),
        ]);
        if (!described["options"].Exists)
        {
            page.Missing("run.json does not hold the options.");
            return;
        }
        page.Markup("<details open=\"open\"><summary>All options</summary>\n").Facts(Flat("", described["options"], 0)).Markup("</details>\n");
    }

    private static IEnumerable<(string, string?)> Flat(string prefix, JsonView options, int depth) => options.Properties.SelectMany(option =>
        option.Value.Properties.Any() && depth < MostDepth ? Flat($"{prefix}{option.Name}.", option.Value, depth + 1)
            : [(prefix + option.Name, option.Value.Text ?? "none")]);
}
