using System.Globalization;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Conditions;

/// <summary>A user whose numbers have commas and whose minus is no ASCII sign: files and numbers are the same.</summary>
[Collection(nameof(ForeignLocaleTests))]
[CollectionDefinition(nameof(ForeignLocaleTests), DisableParallelization = true)]
public sealed partial class ForeignLocaleTests
{
    [Fact]
    public void WholeApp_UnderAForeignLocale_WritesTheSameFiles()
    {
        using TemporaryFolder ours = new(), theirs = new();
        CultureInfo culture = CultureInfo.CurrentCulture;
        CultureInfo? everywhere = CultureInfo.DefaultThreadCurrentCulture;
        WholeApp plain = new(ours.Path), foreign;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = Commas();
            foreign = new WholeApp(theirs.Path);
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.DefaultThreadCurrentCulture) = (culture, everywhere);
        }

        foreign.Scores.Should().Equal(plain.Scores);
        foreign.LoadedScores.Should().Equal(plain.Scores);
        foreach (string file in new[] { "saved/model.safetensors", "saved/config.json", "saved/tokenizer.json", "saved.pth" })
            File.ReadAllBytes(foreign.File(file)).Should().Equal(File.ReadAllBytes(plain.File(file)), file);
        foreach (string file in new[] { "run/metrics.jsonl", "run/metrics.csv", "run/run.json" })
            Comparable(foreign, file).Should().Be(Comparable(plain, file), file);
        File.ReadAllText(foreign.File("run/curves.svg")).Should().NotContain("−", "SVG knows the ASCII minus only");
    }

    private static string Comparable(WholeApp app, string file) =>
        Number().Replace(File.ReadAllText(app.File(file)).Replace(app.Folder, "FOLDER", StringComparison.Ordinal), "0");

    private static CultureInfo Commas()
    {
        CultureInfo culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.PercentDecimalSeparator = ",";
        culture.NumberFormat.NegativeSign = "−";
        culture.DateTimeFormat.TimeSeparator = ".";
        culture.DateTimeFormat.DateSeparator = "/";
        return culture;
    }

    // times and speeds differ from run to run; what is compared is how numbers are written, not their digits
    [GeneratedRegex(@"\d+(\.\d+)?([eE][-+]?\d+)?")]
    private static partial Regex Number();
}
